/** Handling units behind the hub's port: booking, finding, tracing. */
import type { UnitsPort } from '../../dialects/hub-port.ts';
import type { Database } from '../database.ts';
import type { Planner } from '../documents/planner.ts';
import { findUnits } from './find.ts';
import { getUnit } from './get.ts';
import { putUnit } from './put.ts';
import { traceUnits } from './trace.ts';
import { unitsWithEvents } from './with-events.ts';

export interface UnitsParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** A new id that carries the bucket. */
  readonly newId: (bucket: number) => string;
  /** Tells a booked unit what its documents plan; absent: nobody does. */
  readonly planner?: Pick<Planner, 'unitBooked'>;
}

export function createUnits(parts: UnitsParts): UnitsPort {
  const { database } = parts;
  return {
    put: (principal, given) => putUnit(parts, principal, given),
    get: (principal, id, asOfMs) => getUnit(database, principal, { id, asOfMs }),
    find: (principal, query, page) => findUnits(database, principal, { ...query, page }),
    trace: (principal, query) => traceUnits(database, principal, query),
    withEvents: (principal, query) => unitsWithEvents(database, principal, query),
  };
}
