/**
 * Writes down how attempts ended, many in one statement and so in one transaction: what is
 * finished leaves the hot table, what failed gets its next due time, and each attempt is recorded.
 *
 * A subscription of which a batch holds failures alone is noted as failing, the first success takes
 * the note away. What could not be rendered or signed is our own fault and counts as neither.
 *
 * The statement is fenced: a row counts only while its bucket is still ours under the same epoch.
 * A process that was stopped for a while and lost its buckets therefore changes nothing. It may be
 * repeated: what a first try has finished is not there for the second one, what it has kept counts
 * more attempts already.
 */

import {
  booleanArray,
  integerArray,
  numberArray,
  smallintArray,
  textArray,
  uuidArray,
} from '../arrays.ts';
import type { Database, Statement } from '../database.ts';
import { isByKey } from './by-key.ts';

export interface Completion {
  readonly bucket: number;
  readonly id: string;
  /** Epoch of our lease when the attempt began. */
  readonly epoch: number;
  /** `kept`: still to be sent, after `delayMs`, or never by itself where there is no delay. */
  readonly ending: 'delivered' | 'parked' | 'kept';
  /** Attempts of this round, this one included. */
  readonly attemptCount: number;
  /** True where no earlier attempt can have been recorded; saves a look-up. */
  readonly isFirst: boolean;
  readonly delayMs?: number | undefined;
  /** The text that was sent, where later attempts must send it again. */
  readonly payload?: string | undefined;
  readonly atMs: number;
  readonly outcome: 'delivered' | 'refused' | 'failed';
  readonly stage?: string | undefined;
  readonly status?: number | undefined;
  readonly durationMs: number;
  readonly response?: string | undefined;
}

/** A subscription that failed in this batch, and had failed before it. */
export interface FailingSubscription {
  readonly subscriptionId: string;
  /** By the database's clock, like the spans of time up to now. */
  readonly failingSinceMs: number;
  readonly failingMs: number;
  /** Since it was warned; null where it was not. */
  readonly warnedMs: number | null;
}

/*
 * A row at 'infinity' stays there: its subscription was paused while the attempt was under way.
 * Numbers go on where earlier rounds ended, so no attempt of a replayed delivery is lost.
 * Notes are locked in the order of their ids, behind the deliveries, as everywhere.
 */
const statement: Statement = {
  name: 'complete-deliveries',
  text: `
with given as materialized (
  select g.*, to_timestamp(g.at_ms / 1000) as at
  from unnest($2::smallint[], $3::uuid[], $4::float8[], $5::text[], $6::smallint[], $7::boolean[],
      $8::float8[], $9::text[], $10::float8[], $11::text[], $12::text[], $13::smallint[],
      $14::integer[], $15::text[])
    as g (bucket, id, epoch, ending, attempt_count, is_first, delay_ms, payload, at_ms, outcome,
      stage, status, duration_ms, response)
  join bucket_leases l on l.bucket = g.bucket and l.owner = $1 and l.epoch = g.epoch::bigint
), finished as (
  delete from deliveries d using given g
  where ${isByKey('d', 'g')} and g.ending <> 'kept'
  returning d.subscription_id, d.sequence, d.event_id, d.unit_id, d.payload as first_payload, g.*
), kept as (
  update deliveries d set
    attempt_count = g.attempt_count,
    payload = coalesce(d.payload, g.payload),
    due_at = case
      when g.delay_ms is null or d.due_at = 'infinity' then 'infinity'
      else clock_timestamp() + g.delay_ms * interval '1 millisecond' end
  from given g
  where ${isByKey('d', 'g')} and g.ending = 'kept'
    and d.attempt_count < g.attempt_count
  returning d.subscription_id, g.*
), done as (
  insert into deliveries_done (bucket, id, subscription_id, sequence, event_id, unit_id, state,
    attempt_count, finished_at, payload)
  select bucket, id, subscription_id, sequence, event_id, unit_id, ending, attempt_count,
    at + duration_ms * interval '1 millisecond', coalesce(first_payload, payload)
  from finished
  on conflict do nothing
), tried as materialized (
  select subscription_id, bucket, id, is_first, at, outcome, stage, status, duration_ms, response
  from finished
  union all
  select subscription_id, bucket, id, is_first, at, outcome, stage, status, duration_ms, response
  from kept
), noted as (
  insert into attempts (bucket, delivery_id, number, at, outcome, stage, status, duration_ms, response)
  select bucket, id,
    case when is_first then 1 else
      (select coalesce(max(a.number), 0) + 1 from attempts a
       where a.bucket = t.bucket and a.delivery_id = t.id) end,
    at, outcome, stage, status, duration_ms, response
  from tried t
  on conflict do nothing
), told as materialized (
  select subscription_id, bool_or(outcome = 'delivered') as is_well
  from tried where stage is null or stage not in ('render', 'sign')
  group by subscription_id
), known as materialized (
  select f.*, t.is_well from subscription_failures f
  join told t on ${isByKey('f', 't', ['subscription_id'])}
  order by t.subscription_id for update of f
), recovered as (
  delete from subscription_failures f using known k
  where k.is_well and ${isByKey('f', 'k', ['subscription_id'])}
), fallen as (
  insert into subscription_failures (subscription_id, failing_since)
  select subscription_id, clock_timestamp() from told t
  where not is_well and not exists (select from known k where k.subscription_id = t.subscription_id)
  order by subscription_id
  on conflict do nothing
)
select subscription_id as "subscriptionId",
  extract(epoch from failing_since)::float8 * 1000 as "failingSinceMs",
  extract(epoch from clock_timestamp() - failing_since)::float8 * 1000 as "failingMs",
  extract(epoch from clock_timestamp() - warned_at)::float8 * 1000 as "warnedMs"
from known where not is_well`,
};

/** At most one completion per delivery and call. */
export async function completeDeliveries(
  database: Database,
  owner: string,
  completions: readonly Completion[],
): Promise<FailingSubscription[]> {
  return database.query<FailingSubscription>(statement, [
    owner,
    smallintArray(completions, (each) => each.bucket),
    uuidArray(completions, (each) => each.id),
    numberArray(completions, (each) => each.epoch),
    textArray(completions, (each) => each.ending),
    smallintArray(completions, (each) => each.attemptCount),
    booleanArray(completions, (each) => each.isFirst),
    numberArray(completions, (each) => each.delayMs),
    textArray(completions, (each) => each.payload),
    numberArray(completions, (each) => each.atMs),
    textArray(completions, (each) => each.outcome),
    textArray(completions, (each) => each.stage),
    smallintArray(completions, (each) => each.status),
    integerArray(completions, (each) => each.durationMs),
    textArray(completions, (each) => each.response),
  ]);
}
