/**
 * The hub's hottest statement: records a batch of events, finds who is to be told, and makes their
 * deliveries, all in one round trip and so in one transaction. No event without its deliveries,
 * no delivery without its event.
 *
 * Subscriptions are found from a list of wishes that is made first, so that every plan, also one made
 * before the table had grown, can only look them up by organization and key together.
 *
 * Locks are taken in one order everywhere, each kind sorted, so that concurrent batches wait for
 * each other and never deadlock: event_keys, endpoint_positions, subscription_sequences.
 */
import { type CompositeRows, createCompositeRows } from '../composite-rows.ts';
import type { Database } from '../database.ts';
import { deliveryId } from '../deliveries/delivery-id.ts';
import { aliveStates } from '../subscriptions/alive.ts';

export interface EventRow {
  readonly bucket: number;
  readonly id: string;
  readonly key: string;
  readonly unit: string;
  readonly type: string;
  readonly classifier: string;
  readonly occurredAtUs: number;
  readonly recordedAtMs: number;
  readonly organization: string;
  readonly dialect: string;
  readonly code: string | null;
  readonly replaces: string | null;
  readonly retracts: string | null;
  /** JSON. */
  readonly content: string;
  readonly received: string;
  readonly matchKeys: readonly string[];
  /** A subscription that asks for types asks for one of these. */
  readonly types: readonly string[];
  readonly tags: readonly string[];
  /** Dialects that cannot say this event: nothing is delivered, no number is used up. */
  readonly unsaid: readonly string[];
  /** Of the request that told it, where that was traced. */
  readonly traceparent: string | null;
}

/** One row per delivery and per event that had been recorded before; none for the other events. */
export interface WrittenRow {
  readonly ord: number;
  /** Null: no delivery, an equal event had been recorded before. */
  readonly deliveryId: string | null;
  readonly endpointId: string;
  readonly position: number;
  readonly subscriptionId: string;
  readonly sequence: number;
  /** False while the subscription is paused, disabled or filling: kept for later. */
  readonly due: boolean;
}

/** Members of `event_input_1`. */
const columnCount = 21;

const statement = {
  name: 'write-events',
  text: `
with input as materialized (
  select * from unnest($2::event_input_1[])
), stale as materialized (
  select 1
  from unnest($3::smallint[], $4::text[], $5::bigint[]) as a (bucket, reference_key, version)
  left join reference_versions v on v.bucket = a.bucket and v.reference_key = a.reference_key
  where coalesce(v.version, 0) <> a.version
  limit 1
), fresh as (
  insert into event_keys (bucket, key, event_id)
  select bucket, key, id from input
  where not exists (select from stale)
  order by bucket, key, ord
  on conflict do nothing
  returning bucket, event_id
), news as materialized (
  select i.ord, i.bucket, i.id, i.unit_id, i.match_keys, i.types, i.tags, i.unsaid
  from input i join fresh f on f.bucket = i.bucket and f.event_id = i.id
), stored as (
  insert into events (bucket, id, unit_id, type, classifier, occurred_at, recorded_at,
    organization_id, dialect, source_code, replaces, retracts, content, received, traceparent)
  select i.bucket, i.id, i.unit_id, i.type, i.classifier, i.occurred_at, i.recorded_at,
    i.organization_id, i.dialect, i.source_code, i.replaces, i.retracts, i.content, i.received,
    i.traceparent
  from input i join fresh f on f.bucket = i.bucket and f.event_id = i.id
), parties as materialized (
  select n.ord, n.match_keys, p.organization_id
  from news n
  join unit_parties p on p.bucket = n.bucket and p.unit_id = n.unit_id
), watchers as materialized (
  select organization_id from (select distinct organization_id from parties) o
  where exists (
    select from subscriptions s
    where s.organization_id = o.organization_id and s.state in ${aliveStates})
), wishes as materialized (
  select p.ord, p.organization_id, k.match_key
  from parties p
  join watchers w on w.organization_id = p.organization_id
  cross join lateral unnest(p.match_keys) as k (match_key)
), candidates as materialized (
  select w.ord, s.id as subscription_id, s.endpoint_id, s.dialect, s.state = 'active' as due,
    s.required_tags, s.any_type
  from wishes w
  join subscriptions s on s.organization_id = w.organization_id and s.match_key = w.match_key
  where s.state in ${aliveStates} and (s.expires_at is null or s.expires_at > $1)
), matched as materialized (
  select distinct n.ord, n.bucket, n.id as event_id, n.unit_id, c.subscription_id, c.endpoint_id,
    c.due
  from candidates c
  join news n on n.ord = c.ord
  where c.required_tags <@ (n.match_keys || n.tags)
    and (c.any_type is null or n.types && c.any_type)
    and c.dialect <> all (n.unsaid)
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
    ${deliveryId('m.event_id', 'm.subscription_id')} as id,
    e.base + row_number() over (partition by m.endpoint_id order by m.ord, m.subscription_id)
      as position,
    s.base + row_number() over (partition by m.subscription_id order by m.ord) as sequence
  from matched m
  join endpoints_moved e using (endpoint_id)
  join sequences_moved s using (subscription_id)
), queued as (
  insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
    unit_id, due_at, attempt_count)
  select bucket, id, endpoint_id, position, subscription_id, sequence, event_id, unit_id,
    case when due then $1::timestamptz else 'infinity' end, 0
  from told
)
select i.ord, t.id as "deliveryId", t.endpoint_id as "endpointId",
  t.position, t.subscription_id as "subscriptionId", t.sequence, t.due,
  exists (select from stale) as "isStale"
from input i left join news n on n.ord = i.ord left join told t on t.ord = i.ord
where n.ord is null or t.id is not null
order by i.ord, t.position`,
};

function writeRow(to: CompositeRows, row: EventRow, ord: number): void {
  to.row();
  to.integer(ord);
  to.smallint(row.bucket);
  to.uuid(row.id);
  to.uuid(row.key);
  to.uuid(row.unit);
  to.text(row.type);
  to.text(row.classifier);
  to.timestamp(row.occurredAtUs);
  to.timestamp(row.recordedAtMs * 1000);
  to.uuid(row.organization);
  to.text(row.dialect);
  to.text(row.code);
  to.uuid(row.replaces);
  to.uuid(row.retracts);
  to.json(row.content);
  to.text(row.received);
  to.texts(row.matchKeys);
  to.texts(row.types);
  to.texts(row.tags);
  to.texts(row.unsaid);
  to.text(row.traceparent);
}

/** What was known of a reference when a unit was looked up. */
export interface ReferenceVersion {
  readonly bucket: number;
  readonly referenceKey: string;
  readonly version: number;
}

export interface EventsToWrite {
  readonly rows: readonly EventRow[];
  /** Of every reference that the rows rely on. */
  readonly versions: readonly ReferenceVersion[];
  /** The hub's clock as ISO text. */
  readonly now: string;
}

/** `stale`: a reference was booked anew since it was looked up, and nothing was written. */
export type Written = readonly WrittenRow[] | 'stale';

/** Writes batches of events into one database. */
export function createEventWriter(database: Database): (given: EventsToWrite) => Promise<Written> {
  const typeOid = createTypeOid(database);
  return async ({ rows, versions, now }) => {
    const input = createCompositeRows(columnCount);
    for (const [ord, row] of rows.entries()) writeRow(input, row, ord);
    const oid = typeOid.known() ?? (await typeOid.ask());
    const answers = await database.query<WrittenRow & { readonly isStale: boolean }>(statement, [
      now,
      input.done(oid),
      versions.map(({ bucket }) => bucket),
      versions.map(({ referenceKey }) => referenceKey),
      versions.map(({ version }) => version),
    ]);
    return answers[0]?.isStale === true ? 'stale' : answers;
  };
}

/** The oid of `event_input_1` in this database, asked for once. */
function createTypeOid(database: Database) {
  let oid: number | undefined;
  return {
    known: () => oid,
    async ask(): Promise<number> {
      const sql = `select 'event_input_1'::regtype::oid::int as oid`;
      const [row] = await database.query<{ oid: number }>(sql);
      if (row === undefined) throw new Error('the database does not know event_input_1');
      oid = row.oid;
      return oid;
    },
  };
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
