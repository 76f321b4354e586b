/**
 * Puts finished deliveries back under their ids and sequence numbers. They come last in their
 * endpoint's order, by positions taken from its counter under its lock, so that a lane finds them
 * like new ones. What is still to be sent is made due instead, and keeps its place.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { DeliveriesPort } from '../../dialects/hub-port.ts';
import { Problem } from '../../events/problem.ts';
import { bucketOfId, lowerBoundId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import type { SubscriptionRow } from '../rows.ts';
import { findSubscription } from '../subscriptions/get.ts';
import { lockCounters, lockSubscription } from '../subscriptions/locks.ts';
import { findDelivery } from './get.ts';

export interface DeliveriesParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** Tells delivery that there is something new in these buckets. */
  readonly wake: (buckets: readonly number[]) => void;
}

/** Deliveries put back by one call at most; who wants more asks again from where it ended. */
export const replayedMax = 100_000;
/** Per transaction, about: the endpoint's counter must not be locked for long. */
const replayedPerStatement = 1_000;

const timeIdMsMax = 2 ** 48 - 1;

/*
 * Only what can still be rendered, because its event is kept, or is a notice with its own text. A page ends with a whole millisecond:
 * ids of one millisecond are in no order, sequence numbers are.
 * Under the locks of the subscription and of its endpoint's counter.
 */
const putBack = (condition: string) => `
with possible as (
  select d.bucket, d.id from deliveries_done d
  where ${condition}
    and (exists (select from events e where e.bucket = d.bucket and e.id = d.event_id)
      or d.payload is not null
        and exists (select from subscriptions s where s.id = d.subscription_id and s.notices))
), edge as (
  select id from possible order by id offset ${replayedPerStatement - 1} limit 1
), gone as (
  delete from deliveries_done d
  using (
    select bucket, id from possible
    where id <= coalesce(
      (select (substr(id::text, 1, 14) || 'ffff-ffff-ffffffffffff')::uuid from edge),
      'ffffffff-ffff-ffff-ffff-ffffffffffff')
  ) chosen
  where d.bucket = chosen.bucket and d.id = chosen.id
  returning d.*
), counted as (
  select count(*) as many from gone
), moved as (
  update endpoint_positions set last_position = last_position + counted.many from counted
  where endpoint_id = $2
  returning last_position - counted.many as base
)
insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
  unit_id, due_at, attempt_count, payload)
select g.bucket, g.id, $2, m.base + row_number() over (order by g.sequence), g.subscription_id,
  g.sequence, g.event_id, g.unit_id, $3, 0, g.payload
from gone g, moved m
returning bucket, id`;

const putBackOne = {
  name: 'delivery-replay',
  text: putBack('d.subscription_id = $1 and d.bucket = $4 and d.id = $5'),
};

/*
 * By (subscription_id, id); `$6` is where the last statement ended. Sequence numbers are looked for
 * among all of one subscription: an index on them would cost every delivery, and this is seldom.
 */
const putBackRange = {
  name: 'deliveries-replay',
  text: putBack(`d.subscription_id = $1 and d.id >= $4 and d.id < $5 and d.id > $6
    and d.sequence between $7 and $8`),
};

const hasten = {
  name: 'delivery-hasten',
  text: `update deliveries set due_at = $3
    where bucket = $1 and id = $2 and due_at < 'infinity'`,
};

// How other processes notice: they look for changed subscriptions.
const touch = {
  name: 'delivery-touch-subscription',
  text: 'update subscriptions set updated_at = greatest($2, updated_at) where id = $1',
};

interface Moved {
  readonly bucket: number;
  readonly id: string;
}

/** False where there is none to be seen. Throws `conflict` when its subscription has ended. */
export async function replayDelivery(
  parts: DeliveriesParts,
  principal: Principal,
  id: string,
): Promise<boolean> {
  const { database } = parts;
  const found = await findDelivery(database, principal, id);
  const bucket = bucketOfId(id);
  if (found === undefined || bucket === undefined) return false;
  await database.transaction(async () => {
    const subscription = await lockLive(parts, principal, found.subscription);
    if (subscription === undefined) {
      throw new Problem('conflict', 'the subscription of this delivery was deleted');
    }
    const due = dueOf(parts, subscription);
    const values = [subscription.id, subscription.endpointId, due, bucket, id];
    const moved = await database.query<Moved>(putBackOne, values);
    if (moved.length > 0) return;
    const now = timestamp(parts.nowMs());
    await database.query(hasten, [bucket, id, now]);
    await database.query(touch, [subscription.id, now]);
  });
  parts.wake([bucket]);
  return true;
}

type ReplayRange = Parameters<DeliveriesPort['replayRange']>[2] & {
  readonly subscriptionId: string;
};

/** How many were put back, at most `replayedMax`; undefined where there is no such subscription. */
export async function replayRange(
  parts: DeliveriesParts,
  principal: Principal,
  range: ReplayRange,
): Promise<number | undefined> {
  const buckets = new Set<number>();
  let count = 0;
  let after = lowerBoundId(0);
  for (let isMore = true; isMore && count < replayedMax; ) {
    const moved = await replayPage(parts, principal, { ...range, after });
    if (moved === undefined) return count === 0 ? undefined : count;
    for (const { bucket, id } of moved) {
      buckets.add(bucket);
      if (id > after) after = id;
    }
    count += moved.length;
    isMore = moved.length >= replayedPerStatement;
  }
  if (buckets.size > 0) parts.wake([...buckets]);
  return count;
}

function replayPage(
  parts: DeliveriesParts,
  principal: Principal,
  range: ReplayRange & { readonly after: string },
): Promise<Moved[] | undefined> {
  const { database } = parts;
  return database.transaction(async () => {
    const subscription = await lockLive(parts, principal, range.subscriptionId);
    if (subscription === undefined) return undefined;
    return database.query<Moved>(putBackRange, [
      subscription.id,
      subscription.endpointId,
      dueOf(parts, subscription),
      boundOf(range.fromMs ?? 0),
      boundOf(range.toMs ?? timeIdMsMax),
      range.after,
      range.fromSequence ?? 0,
      range.toSequence ?? Number.MAX_SAFE_INTEGER,
    ]);
  });
}

function boundOf(epochMs: number): string {
  return lowerBoundId(Math.min(Math.max(Math.trunc(epochMs), 0), timeIdMsMax));
}

function dueOf({ nowMs }: Pick<DeliveriesParts, 'nowMs'>, { state }: SubscriptionRow): string {
  return state === 'active' ? timestamp(nowMs()) : 'infinity';
}

/** Undefined where there is none to be seen, or no more. */
async function lockLive(
  { database, nowMs }: DeliveriesParts,
  principal: Principal,
  id: string,
): Promise<SubscriptionRow | undefined> {
  const known = await findSubscription(database, principal, { id });
  if (known === undefined) return undefined;
  await lockSubscription(database, known.id);
  // Under its lock, so that neither its state nor its endpoint changes.
  const subscription = await findSubscription(database, principal, { id, nowMs: nowMs() });
  if (subscription === undefined) return undefined;
  if (subscription.state === 'expired') {
    throw new Problem('conflict', 'the subscription of this delivery has expired');
  }
  await lockCounters(database, subscription.id, [subscription.endpointId]);
  return subscription;
}
