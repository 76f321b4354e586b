/**
 * What holds of several units that were found already: the newest actual events that no later
 * record replaces or retracts. One statement.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordedEvent } from '../../events/event.ts';
import type { Database } from '../database.ts';
import { holds } from './holds.ts';
import { newestEventsWhere, type UnitsToRead } from './newest.ts';

/**
 * By unit id; each unit's events oldest first. A retraction is no event that holds. The newest are
 * counted after what is gone is gone.
 */
export function heldEvents(
  database: Database,
  principal: Principal,
  given: UnitsToRead,
): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
  return newestEventsWhere(database, principal, {
    ...given,
    condition: (event, unit) => holds(event, unit),
  });
}
