/** Which of the events that a batch replaces or retracts exist, and of which unit they are. */
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';

const statement = {
  name: 'related-events',
  text: `
select e.id, e.unit_id as unit
from unnest($1::smallint[], $2::uuid[]) as a (bucket, id)
join events e on e.bucket = a.bucket and e.id = a.id`,
};

/** Unit id by event id, for those that exist. */
export async function relatedEvents(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await database.query<{ id: string; unit: string }>(statement, [
    ids.map((id) => bucketOfId(id) ?? null),
    [...ids],
  ]);
  return new Map(rows.map((row) => [row.id, row.unit]));
}

/** Which of these organizations exist. */
export async function knownOrganizations(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await database.query<{ id: string }>(
    'select id from organizations where id = any ($1::uuid[])',
    [[...ids]],
  );
  return new Set(rows.map((row) => row.id));
}
