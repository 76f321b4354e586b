/**
 * The hub's hottest statements: each writes a batch of events and the deliveries that they make, all
 * in one round trip and so in one transaction. No event without its deliveries, no delivery without
 * its event.
 *
 * Whom an event concerns is mostly known before (wishes.ts). What that rests on is compared first:
 * where a reference was booked anew since, or a subscription of a party was changed, nothing is
 * written and the answer says so. `writeMatching` knows nothing of subscriptions before and looks them up by itself: it
 * makes its way also where they change all the time.
 *
 * Both read before they wait for the counters of a subscription that is being changed. Once they have
 * them, `subscriptions_stand` reads again, and the statement fails (40001) where it is not as it was;
 * it is repeated then. So no delivery is left at an address, or in a state, that its subscription has left.
 *
 * Locks are taken in one order everywhere, each kind sorted, so that concurrent batches wait for
 * each other and never deadlock: event_keys, endpoint_positions, subscription_sequences.
 */
import type { Statement } from '../database.ts';
import { deliveryId } from '../deliveries/delivery-id.ts';
import { aliveStates } from '../subscriptions/alive.ts';

/*
 * $2 to $4: versions of references. Those that have moved are told by their place, from 1. A subquery
 * looks each up by its key; a join that was planned while there were few would read all of them.
 */
const staleReferences = `select a.place::int as place
    from unnest($2::smallint[], $3::text[], $4::bigint[]) with ordinality
      as a (bucket, reference_key, version, place)
    where a.version <> coalesce((select v.version from reference_versions v
      where v.bucket = a.bucket and v.reference_key = a.reference_key), 0)`;

/* $5 and $6: versions of organizations. */
const staleOrganizations = `(select 0
    from unnest($5::uuid[], $6::bigint[]) as a (organization_id, version)
    where a.version <> coalesce((select v.version from subscription_versions v
      where v.organization_id = a.organization_id), 0)
    limit 1)`;

/* Null: what the events rest on has not changed. */
const staleColumn = `(select array_agg(place) from stale) as stale`;

/* $1: the events. */
const begin = (inputType: string, stale: string) => `
with input as materialized (
  select * from unnest($1::${inputType}[])
), stale as materialized (
  ${stale}
), fresh as (
  insert into event_keys (bucket, key, event_id)
  select bucket, key, id from input
  where not exists (select from stale)
  order by bucket, key, ord
  on conflict do nothing
  returning bucket, event_id
), stored as (
  insert into events (bucket, id, unit_id, type, classifier, occurred_at, recorded_at,
    organization_id, dialect, source_code, replaces, retracts, content, received, traceparent)
  select i.bucket, i.id, i.unit_id, i.type, i.classifier, i.occurred_at, i.recorded_at,
    i.organization_id, i.dialect, i.source_code, i.replaces, i.retracts, i.content, i.received,
    i.traceparent
  from input i join fresh f on f.bucket = i.bucket and f.event_id = i.id
)`;

const beginKnown = begin(
  'event_input_2',
  `${staleReferences}\n  union all\n  ${staleOrganizations}`,
);

/** For a batch that is told to nobody: most are, and this costs a third less. */
export const writeUntold: Statement = {
  name: 'write-events',
  text: `${beginKnown}
select i.ord, null as "deliveryId", ${staleColumn}
from input i
where not exists (select from fresh f where f.bucket = i.bucket and f.event_id = i.id)
order by i.ord`,
};

/** From who is told of each event (`matched`) to deliveries; `now` is a placeholder. */
const tell = (now: string) => `endpoints_locked as materialized (
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
), standing as materialized (
  select subscriptions_stand(array_agg(m.subscription_id), array_agg(m.endpoint_id),
      array_agg(m.due), (select count(*) from sequences_locked)) as stands
  from (select distinct subscription_id, endpoint_id, due from matched) m
  having count(*) > 0
), told as materialized (
  select m.*,
    ${deliveryId('m.event_id', 'm.subscription_id')} as id,
    e.base + row_number() over (partition by m.endpoint_id order by m.ord, m.subscription_id)
      as position,
    s.base + row_number() over (partition by m.subscription_id order by m.ord) as sequence
  from matched m
  join endpoints_moved e using (endpoint_id)
  join sequences_moved s using (subscription_id)
  join standing on standing.stands
), queued as (
  insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
    unit_id, due_at, attempt_count)
  select bucket, id, endpoint_id, position, subscription_id, sequence, event_id, unit_id,
    case when due then ${now}::timestamptz else 'infinity' end, 0
  from told
)
select i.ord, t.id as "deliveryId", t.endpoint_id as "endpointId",
  t.position, t.subscription_id as "subscriptionId", t.sequence, t.due, ${staleColumn}
from input i left join news n on n.ord = i.ord left join told t on t.ord = i.ord
where n.ord is null or t.id is not null
order by i.ord, t.position`;

/* $7 to $10: whom each event concerns. $11: the hub's clock. */
export const writeTold: Statement = {
  name: 'write-told-events',
  text: `${beginKnown}, news as materialized (
  select i.ord, i.bucket, i.id, i.unit_id
  from input i join fresh f on f.bucket = i.bucket and f.event_id = i.id
), matched as materialized (
  select n.ord, n.bucket, n.id as event_id, n.unit_id, m.subscription_id, m.endpoint_id, m.due
  from unnest($7::int[], $8::uuid[], $9::uuid[], $10::boolean[])
    as m (ord, subscription_id, endpoint_id, due)
  join news n on n.ord = m.ord
), ${tell('$11')}`,
};

/*
 * $5: the hub's clock. Subscriptions are found from a list of wishes that is made first, so that every
 * plan, also one made before the table had grown, can only look them up by organization and key together.
 */
export const writeMatching: Statement = {
  name: 'write-matching-events',
  text: `${begin('event_input_1', staleReferences)}, news as materialized (
  select i.ord, i.bucket, i.id, i.unit_id, i.match_keys, i.types, i.tags, i.unsaid
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
  where s.state in ${aliveStates} and (s.expires_at is null or s.expires_at > $5)
), matched as materialized (
  select distinct n.ord, n.bucket, n.id as event_id, n.unit_id, c.subscription_id, c.endpoint_id,
    c.due
  from candidates c
  join news n on n.ord = c.ord
  where c.required_tags <@ (n.match_keys || n.tags)
    and (c.any_type is null or n.types && c.any_type)
    and c.dialect <> all (n.unsaid)
), ${tell('$5')}`,
};
