/** When the passages of a reference began, when they were last heard of, and whether they closed. */
import type { PassageTimes } from '../../events/passages.ts';
import { CLOSING_TYPES } from '../../events/passages.ts';
import type { Database } from '../database.ts';
import { holds } from '../events/holds.ts';
import type { VisibleUnit } from './resolve-units.ts';

interface Row {
  readonly id: string;
  readonly first: Date;
  readonly last: Date;
  readonly closed: boolean;
}

/*
 * Asked only where a reference names several passages. `events_of_unit` (bucket, unit_id,
 * occurred_at, id) serves it; a passage has some dozens of events. What retention has dropped is
 * summarized in passage_summaries.
 */
const statement = {
  name: 'passage-times',
  text: `
select u.id, least(e.first, s.first_at) as first, greatest(e.last, s.last_at) as last,
  coalesce(e.closed, false) or coalesce(s.has_closed, false) as closed
from unnest($1::smallint[], $2::uuid[]) as u (bucket, id)
cross join lateral (
  select min(occurred_at) as first, max(occurred_at) as last, bool_or(type = any ($3)) as closed
  from events e
  where e.bucket = u.bucket and e.unit_id = u.id and ${holds('e', 'u')}
) e
left join passage_summaries s on s.bucket = u.bucket and s.unit_id = u.id
where e.first is not null or s.first_at is not null`,
};

/** The times of every unit that has a sibling among the answers; by unit id. */
export async function passageTimes(
  database: Database,
  answers: readonly (readonly VisibleUnit[])[],
): Promise<Map<string, PassageTimes>> {
  const rivals = new Map<string, number>();
  for (const units of answers) {
    if (units.length > 1) for (const unit of units) rivals.set(unit.id, unit.bucket);
  }
  if (rivals.size === 0) return new Map();
  const rows = await database.query<Row>(statement, [
    [...rivals.values()],
    [...rivals.keys()],
    [...CLOSING_TYPES],
  ]);
  return new Map(
    rows.map(({ id, first, last, closed }) => [
      id,
      { firstMs: first.getTime(), lastMs: last.getTime(), hasClosed: closed },
    ]),
  );
}
