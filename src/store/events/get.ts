/** One event by its id. */
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { createPlaceholders } from '../placeholders.ts';
import { type EventRow, eventColumns, eventFromRow } from '../rows.ts';

/** Undefined where there is none to be seen, also for a text that is no id of the hub. */
export async function getEvent(
  database: Database,
  principal: Principal,
  id: string,
): Promise<RecordedEvent | undefined> {
  const bucket = bucketOfId(id);
  if (bucket === undefined) return undefined;
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  // By the primary key of events, in the one partition whose range holds the id.
  const [row] = await database.query<EventRow>(
    {
      family: 'event-get',
      text: `select ${eventColumns('e')}
       from events e cross join lateral (select e.bucket, e.unit_id as id) u
       where e.bucket = ${add(bucket)} and e.id = ${add(id)}
         and ${seesUnit(principal, 'u', placeholders)}`,
    },
    values,
  );
  return row === undefined ? undefined : eventFromRow(row);
}
