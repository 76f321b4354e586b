/** Recorded events behind the hub's port. Recording itself has a folder of its own. */
import type { EventsPort } from '../../dialects/hub-port.ts';
import type { Database } from '../database.ts';
import { getEvent } from './get.ts';
import { listEvents } from './list.ts';

export interface EventsParts {
  readonly database: Database;
}

export function createEvents({ database }: EventsParts): EventsPort {
  return {
    get: (principal, id) => getEvent(database, principal, id),
    list: (principal, query, page) => listEvents(database, principal, { ...query, page }),
  };
}
