/**
 * What holds of several units that were found already: the newest actual events that no later
 * record replaces or retracts. One statement.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordedEvent } from '../../events/event.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { createPlaceholders } from '../placeholders.ts';
import { type EventRow, eventColumns, eventFromRow } from '../rows.ts';
import { holds } from './holds.ts';
import type { UnitsToRead } from './newest.ts';

/** By unit id; each unit's events oldest first. A retraction is no event that holds. */
export async function heldEvents(
  database: Database,
  principal: Principal,
  { units, eventsMax }: UnitsToRead,
): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
  const ofUnit = new Map<string, RecordedEvent[]>(units.map((unit) => [unit.id, []]));
  if (units.length === 0) return ofUnit;
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  // events_of_unit is read from its end. The newest are counted after what is gone is gone.
  const rows = await database.query<EventRow>(
    `select ${eventColumns('e')}
     from unnest(${add(units.map((unit) => unit.bucket))}::smallint[],
       ${add(units.map((unit) => unit.id))}::uuid[]) as u (bucket, id)
     cross join lateral (
       select * from events held
       where held.bucket = u.bucket and held.unit_id = u.id and ${holds('held', 'u')}
       order by held.occurred_at desc, held.id desc limit ${add(eventsMax)}
     ) e
     where ${seesUnit(principal, 'u', placeholders)}
     order by e.occurred_at, e.id`,
    values,
  );
  for (const row of rows) ofUnit.get(row.unitId)?.push(eventFromRow(row));
  return ofUnit;
}
