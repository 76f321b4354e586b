/**
 * Tells an organization what becomes of its subscriptions: a notice is a delivery like any other, to
 * those of its subscriptions that wish for notices, with the text already made. So it is numbered,
 * signed, tried again, parked and replayed like an event. It is made by the transaction that makes
 * the change of which it tells.
 */
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { lockCounters } from '../subscriptions/locks.ts';
import { deliveryId } from './delivery-id.ts';

export interface SubscriptionInTrouble {
  readonly id: string;
  readonly organizationId: string;
  readonly endpointId: string;
  readonly nowMs: number;
  /** `id`: a new one in the bucket of the subscription; `text`: JSON. */
  readonly notice: { readonly id: string; readonly text: string };
}

interface Listener {
  readonly id: string;
  readonly endpointId: string;
}

/** Whoever has more of them is told by the first ones. */
const listenersMax = 100;

// One that is being filled is left out: its deliveries are numbered anew.
const able = `s.notices and s.state in ('active', 'paused', 'disabled')`;

const listening = {
  name: 'notice-listeners',
  // By subscriptions_with_notices.
  text: `select s.id, s.endpoint_id as "endpointId" from subscriptions s
    where s.organization_id = $1 and s.id <> $2 and ${able}
    order by s.id limit ${listenersMax}`,
};

/** Takes the counters of all that a change and its notice number, in the order of locks. */
export async function lockWithListeners(
  database: Database,
  { id, organizationId, endpointId }: SubscriptionInTrouble,
): Promise<readonly Listener[]> {
  const listeners = await database.query<Listener>(listening, [organizationId, id]);
  await lockCounters(
    database,
    [id, ...listeners.map((each) => each.id)],
    [endpointId, ...listeners.map((each) => each.endpointId)],
  );
  return listeners;
}

/*
 * `$3` and `$4` are the listeners whose counters are locked: one that has moved to another address
 * since then is left out, which is rare and costs it a notice.
 */
const insert = {
  name: 'notice-queue',
  text: `
with listener as materialized (
  select s.id, s.endpoint_id, s.state = 'active' as is_due
  from unnest($3::uuid[], $4::uuid[]) as l (id, endpoint_id)
  join subscriptions s on s.id = l.id and s.endpoint_id = l.endpoint_id
  where ${able} and (s.expires_at is null or s.expires_at > $5)
), placed as (
  update endpoint_positions p set last_position = p.last_position + m.many
  from (select endpoint_id, count(*) as many from listener group by endpoint_id) m
  where p.endpoint_id = m.endpoint_id
  returning p.endpoint_id, p.last_position - m.many as base
), numbered as (
  update subscription_sequences q set last_sequence = q.last_sequence + 1
  from listener l where q.subscription_id = l.id
  returning q.subscription_id, q.last_sequence
)
insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
  unit_id, due_at, attempt_count, payload)
select $1, ${deliveryId('$2::uuid', 'l.id')}, l.endpoint_id,
  p.base + row_number() over (partition by l.endpoint_id order by l.id), l.id, n.last_sequence,
  $2, $6, case when l.is_due then $5::timestamptz else 'infinity' end, 0,
  '{"sequence":' || n.last_sequence || ',"notice":' || $7::text || '}'
from listener l
join placed p on p.endpoint_id = l.endpoint_id
join numbered n on n.subscription_id = l.id`,
};

/** In the transaction that locked the listeners. */
export async function queueNotice(
  database: Database,
  { id, nowMs, notice }: SubscriptionInTrouble,
  listeners: readonly Listener[],
): Promise<void> {
  if (listeners.length === 0) return;
  await database.query(insert, [
    bucketOfId(notice.id),
    notice.id,
    listeners.map((each) => each.id),
    listeners.map((each) => each.endpointId),
    timestamp(nowMs),
    id,
    notice.text,
  ]);
}
