/**
 * Old rows of the default partitions: what a wrong clock left there, what was saved when its month
 * was dropped, attempts of replays of old events. Few, so they are deleted one by one.
 */
import { lowerBoundId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { summarizePassages } from './summaries.ts';

const rowsPerStatement = 1_000;

/** Runs until nothing is left to delete; how many rows were. */
async function repeatedly(database: Database, text: string, values: unknown[]): Promise<number> {
  let total = 0;
  for (let many = rowsPerStatement; many === rowsPerStatement; ) {
    const [row] = await database.query<{ many: number }>(text, values);
    many = row?.many ?? 0;
    total += many;
  }
  return total;
}

const attempts = `
with gone as (
  delete from attempts_default where ctid = any (array(
    select a.ctid from generate_series(0, 255) as b (bucket) cross join lateral (
      select ctid from attempts_default a
      where a.bucket = b.bucket and a.delivery_id < $1 and a.at < $2 limit ${rowsPerStatement}
    ) a limit ${rowsPerStatement}))
  returning 1
) select count(*) as many from gone`;

/** Old by themselves and by their event. */
export function deleteStrayAttempts(database: Database, beforeMs: number): Promise<number> {
  return repeatedly(database, attempts, [lowerBoundId(beforeMs), timestamp(beforeMs)]);
}

/** Ids of an event's deliveries begin like its own; record/write-events.ts makes them so. */
const deliveriesOfEvent = (event: string) => `
  d.bucket = ${event}.bucket and d.event_id = ${event}.id
  and d.id between (substr(${event}.id::text, 1, 19) || '8000-000000000000')::uuid
    and (substr(${event}.id::text, 1, 19) || 'bfff-ffffffffffff')::uuid`;

const events = `
with old as (
  select e.ctid, e.bucket, e.id from generate_series(0, 255) as b (bucket) cross join lateral (
    select e.ctid, e.bucket, e.id from events_default e
    where e.bucket = b.bucket and e.id < $1
      and not exists (select from deliveries d where ${deliveriesOfEvent('e')})
    limit ${rowsPerStatement}
  ) e limit ${rowsPerStatement}
), finished as (
  delete from deliveries_done d using old where ${deliveriesOfEvent('old')}
), gone as (
  delete from events_default where ctid = any (array(select ctid from old)) returning 1
) select count(*) as many from gone`;

const orphans = `
with gone as (
  delete from deliveries_done_default where ctid = any (array(
    select d.ctid from generate_series(0, 255) as b (bucket) cross join lateral (
      select d.ctid from deliveries_done_default d
      where d.bucket = b.bucket and d.id < $1
        and not exists (select from events e where e.bucket = d.bucket and e.id = d.event_id)
      limit ${rowsPerStatement}
    ) d limit ${rowsPerStatement}))
  returning 1
) select count(*) as many from gone`;

/** Finished deliveries whose events went with their month. */
export function deleteStrayDeliveries(database: Database, beforeMs: number): Promise<number> {
  return repeatedly(database, orphans, [lowerBoundId(beforeMs)]);
}

/** Events that no delivery waits for, with their finished deliveries. */
export async function deleteStrayEvents(database: Database, beforeMs: number): Promise<number> {
  const below = lowerBoundId(beforeMs);
  const found = await database.query(
    `select from generate_series(0, 255) as b (bucket) cross join lateral (
       select from events_default e where e.bucket = b.bucket and e.id < $1 limit 1) e limit 1`,
    [below],
  );
  if (found.length === 0) return 0;
  await summarizePassages(database, 'events_default', below);
  return repeatedly(database, events, [below]);
}
