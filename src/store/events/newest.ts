/** The newest events of several units in one statement, for units that were found already. */
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordedEvent } from '../../events/event.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { createPlaceholders, type Placeholders } from '../placeholders.ts';
import { type EventRow, eventColumns, eventFromRow } from '../rows.ts';

export interface UnitsToRead {
  readonly units: readonly { readonly bucket: number; readonly id: string }[];
  /** Newest events kept per unit. */
  readonly eventsMax: number;
}

/** By unit id; each unit's events oldest first. */
export function newestEvents(
  database: Database,
  principal: Principal,
  given: UnitsToRead,
): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
  return newestEventsWhere(database, principal, { ...given, condition: () => 'true' });
}

export interface ChosenEvents extends UnitsToRead {
  /** SQL on an event, by the aliases of events and of units; only these events count. */
  readonly condition: (event: string, unit: string, add: Placeholders['add']) => string;
}

/** The newest of those that meet a condition; what does not meet it takes no place. */
export async function newestEventsWhere(
  database: Database,
  principal: Principal,
  { units, eventsMax, condition }: ChosenEvents,
): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
  const ofUnit = new Map<string, RecordedEvent[]>(units.map((unit) => [unit.id, []]));
  if (units.length === 0) return ofUnit;
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  // events_of_unit (bucket, unit_id, occurred_at, id) is read from its end, once per unit.
  const rows = await database.query<EventRow>(
    {
      family: 'events-newest',
      text: `select ${eventColumns('e')}
       from unnest(${add(units.map((unit) => unit.bucket))}::smallint[],
         ${add(units.map((unit) => unit.id))}::uuid[]) as u (bucket, id)
       cross join lateral (
         select * from events newest
         where newest.bucket = u.bucket and newest.unit_id = u.id and ${condition('newest', 'u', add)}
         order by newest.occurred_at desc, newest.id desc limit ${add(eventsMax)}
       ) e
       where ${seesUnit(principal, 'u', placeholders)}
       order by e.occurred_at, e.id`,
    },
    values,
  );
  for (const row of rows) ofUnit.get(row.unitId)?.push(eventFromRow(row));
  return ofUnit;
}
