/**
 * The hub's hottest statement: records a batch of events, finds who is to be told, and makes their
 * deliveries, all in one round trip and so in one transaction. No event without its deliveries,
 * no delivery without its event.
 *
 * Locks are taken in one order everywhere, each kind sorted, so that concurrent batches wait for
 * each other and never deadlock: event_keys, endpoint_positions, subscription_sequences.
 */
import type { Database } from '../database.ts';

export interface EventRow {
  readonly ord: number;
  readonly bucket: number;
  readonly id: string;
  readonly key: string;
  readonly unit: string;
  readonly type: string;
  readonly classifier: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly organization: string;
  readonly dialect: string;
  readonly code: string | null;
  readonly replaces: string | null;
  readonly retracts: string | null;
  readonly content: object;
  readonly received: string;
  readonly matchKeys: readonly string[];
  readonly tags: readonly string[];
  /** Dialects that cannot say this event: nothing is delivered, no number is used up. */
  readonly unsaid: readonly string[];
}

/** One row per event and delivery; `deliveryId` is null for an event that nobody waits for. */
export interface WrittenRow {
  readonly ord: number;
  /** False: an equal event had been recorded before. */
  readonly fresh: boolean;
  readonly deliveryId: string | null;
  readonly endpointId: string;
  readonly position: number;
  readonly subscriptionId: string;
  readonly sequence: number;
  /** False while the subscription is paused or disabled: kept for later. */
  readonly due: boolean;
}

/*
 * A delivery's id is derived: the event's time, 52 bits of a hash of event and subscription, the
 * event's bucket. So it is a uuid v7 that sorts by time and names its bucket like every other id.
 */
const statement = {
  name: 'write-events',
  text: `
with input as materialized (
  select * from json_to_recordset($1::json) as r (
    ord int, bucket smallint, id uuid, key uuid, unit uuid, type text, classifier text,
    "occurredAt" timestamptz, "recordedAt" timestamptz, organization uuid, dialect text, code text, replaces uuid,
    retracts uuid, content json, received text, "matchKeys" text[], tags text[],
    unsaid text[])
), fresh as (
  insert into event_keys (bucket, key, event_id)
  select bucket, key, id from input order by bucket, key, ord
  on conflict do nothing
  returning bucket, event_id
), news as materialized (
  select i.* from input i join fresh f on f.bucket = i.bucket and f.event_id = i.id
), stored as (
  insert into events (bucket, id, unit_id, type, classifier, occurred_at, recorded_at,
    organization_id, dialect, source_code, replaces, retracts, content, received)
  select bucket, id, unit, type, classifier, "occurredAt", "recordedAt", organization, dialect, code,
    replaces, retracts, content, received
  from news
), matched as materialized (
  select distinct n.ord, n.bucket, n.id as event_id, n.unit, s.id as subscription_id,
    s.endpoint_id, s.state = 'active' as due
  from news n
  join unit_parties p on p.bucket = n.bucket and p.unit_id = n.unit
  join subscriptions s on s.organization_id = p.organization_id
    and s.match_key = any (n."matchKeys")
  where s.state in ('active', 'paused', 'disabled')
    and (s.expires_at is null or s.expires_at > $2)
    and s.required_tags <@ n.tags
    and (s.any_type is null or n.type = any (s.any_type))
    and s.dialect <> all (n.unsaid)
), endpoints_locked as materialized (
  select endpoint_id from endpoint_positions
  where endpoint_id in (select endpoint_id from matched)
  order by endpoint_id for update
), endpoints_moved as (
  update endpoint_positions e set last_position = e.last_position + m.many
  from (select endpoint_id, count(*) as many from matched group by endpoint_id) m
  join endpoints_locked l using (endpoint_id)
  where e.endpoint_id = m.endpoint_id
  returning e.endpoint_id, e.last_position - m.many as base
), sequences_locked as materialized (
  select subscription_id from subscription_sequences
  where subscription_id in (
    select m.subscription_id from matched m join endpoints_moved using (endpoint_id))
  order by subscription_id for update
), sequences_moved as (
  update subscription_sequences s set last_sequence = s.last_sequence + m.many
  from (select subscription_id, count(*) as many from matched group by subscription_id) m
  join sequences_locked l using (subscription_id)
  where s.subscription_id = m.subscription_id
  returning s.subscription_id, s.last_sequence - m.many as base
), told as materialized (
  select m.*,
    (substr(m.event_id::text, 1, 19) || 'a' || substr(h.hash, 1, 3) || '-' || substr(h.hash, 4, 10)
      || substr(m.event_id::text, 35, 2))::uuid as id,
    e.base + row_number() over (partition by m.endpoint_id order by m.ord, m.subscription_id)
      as position,
    s.base + row_number() over (partition by m.subscription_id order by m.ord) as sequence
  from matched m
  join endpoints_moved e using (endpoint_id)
  join sequences_moved s using (subscription_id)
  cross join lateral (select md5(m.event_id::text || m.subscription_id::text) as hash) h
), queued as (
  insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
    unit_id, due_at, attempt_count)
  select bucket, id, endpoint_id, position, subscription_id, sequence, event_id, unit,
    case when due then $2::timestamptz else 'infinity' end, 0
  from told
)
select i.ord, n.id is not null as fresh, t.id as "deliveryId", t.endpoint_id as "endpointId",
  t.position, t.subscription_id as "subscriptionId", t.sequence, t.due
from input i left join news n on n.ord = i.ord left join told t on t.ord = i.ord
order by i.ord, t.position`,
};

/** Writes the rows; `now` is the hub's clock as ISO text. */
export function writeEvents(
  database: Database,
  rows: readonly EventRow[],
  now: string,
): Promise<WrittenRow[]> {
  return database.query<WrittenRow>(statement, [JSON.stringify(rows), now]);
}

const knownStatement = {
  name: 'known-events',
  text: `
select k.bucket, k.key, k.event_id as id
from unnest($1::smallint[], $2::uuid[]) as a (bucket, key)
join event_keys k on k.bucket = a.bucket and k.key = a.key`,
};

/** Ids of events that were recorded before, by their duplicate key. */
export async function knownEvents(
  database: Database,
  keys: readonly { readonly bucket: number; readonly key: string }[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ key: string; id: string }>(knownStatement, [
    keys.map((key) => key.bucket),
    keys.map((key) => key.key),
  ]);
  return new Map(rows.map((row) => [row.key, row.id]));
}
