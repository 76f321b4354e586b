/** Forgets the duplicate keys of events that are gone: told again, they are news. */
import type { Database } from '../database.ts';
import { piecesOf } from './pages.ts';

/*
 * There is no index on event_id: recording would pay for it with every event, and this is done once
 * a month. Only rows below the bound are compared with `events`.
 */
const forget = `
delete from event_keys k
where k.ctid >= $1::tid and k.ctid < $2::tid and k.event_id < $3
  and not exists (select from events e where e.bucket = k.bucket and e.id = k.event_id)`;

/** Of all events below the id. Harmless when repeated. */
export async function forgetKeysOfDropped(database: Database, belowId: string): Promise<void> {
  for await (const [from, to] of piecesOf(database, 'event_keys')) {
    await database.query(forget, [from, to, belowId]);
  }
}
