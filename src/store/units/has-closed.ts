/** Whether a passage has closed: an event that holds says that the unit has left. */
import { CLOSING_TYPES } from '../../events/passages.ts';
import type { Database } from '../database.ts';
import { holds } from '../events/holds.ts';

const statement = {
  name: 'unit-has-closed',
  // By events_of_unit; a passage has some dozens of events. Summaries are of what retention dropped.
  text: `select exists (
      select from events e
      where e.bucket = u.bucket and e.unit_id = u.id and e.type = any ($3) and ${holds('e', 'u')}
    ) or exists (
      select from passage_summaries s
      where s.bucket = u.bucket and s.unit_id = u.id and s.has_closed
    ) as closed
    from (select $1::smallint as bucket, $2::uuid as id) u`,
};

export async function hasClosed(
  database: Database,
  { bucket, id }: { readonly bucket: number; readonly id: string },
): Promise<boolean> {
  const values = [bucket, id, [...CLOSING_TYPES]];
  const [row] = await database.query<{ closed: boolean }>(statement, values);
  return row?.closed === true;
}
