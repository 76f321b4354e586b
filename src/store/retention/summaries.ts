/** What is kept of passages whose events go: when they were heard of, and whether they closed. */
import { CLOSING_TYPES } from '../../events/passages.ts';
import type { Database } from '../database.ts';
import { holds } from '../events/holds.ts';

const bucketCount = 256;

/*
 * By events_of_unit of the partition, bucket by bucket. Harmless when repeated. Corrections are
 * looked for in all of `events`: what was withdrawn later says nothing of the passage.
 */
const summarize = (table: string) => `
insert into passage_summaries (bucket, unit_id, first_at, last_at, has_closed)
select u.bucket, u.id, min(e.occurred_at), max(e.occurred_at),
  bool_or(e.type = any ($2))
from (select distinct bucket, unit_id as id from ${table} where bucket = $1 and id < $3) named
join units u on u.bucket = named.bucket and u.id = named.id
join ${table} e on e.bucket = u.bucket and e.unit_id = u.id and e.id < $3
where ${holds('e', 'u')}
group by u.bucket, u.id
on conflict (bucket, unit_id) do update set
  first_at = least(passage_summaries.first_at, excluded.first_at),
  last_at = greatest(passage_summaries.last_at, excluded.last_at),
  has_closed = passage_summaries.has_closed or excluded.has_closed`;

/** Of the events below the id in a partition. */
export async function summarizePassages(
  database: Database,
  table: string,
  belowId: string,
): Promise<void> {
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    await database.query(summarize(table), [bucket, [...CLOSING_TYPES], belowId]);
  }
}
