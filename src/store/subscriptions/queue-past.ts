/**
 * Puts a subscription's past events before the deliveries that were made since it is there, and lets
 * all of them go: one transaction, under the locks that recording and every change of the
 * subscription take. Until then none of them can have been sent, because all are held.
 */
import type { Database } from '../database.ts';
import { isByKey } from '../deliveries/by-key.ts';
import { deliveryId } from '../deliveries/delivery-id.ts';
import { timestamp } from '../placeholders.ts';
import { lockCounters, lockDeliveries, lockSubscription } from './locks.ts';
import type { PastEvent } from './past-events.ts';
import { nextVersion } from './write.ts';

const deliveriesPerStatement = 5_000;

const filling = {
  name: 'subscription-filling',
  text: `select endpoint_id as "endpointId" from subscriptions where id = $1 and state = 'filling'`,
};

/*
 * What was made since is few: it moves behind the past ones, in sequence and in the endpoint's
 * order. Both counters move by what is inserted, positions by what is moved too.
 */
const makeRoom = {
  name: 'subscription-make-room',
  text: `with made as materialized (
      select bucket, id, row_number() over (order by sequence) as place
      from deliveries where subscription_id = $1
    ), taken as (
      update endpoint_positions p
      set last_position = p.last_position + $3::bigint + (select count(*) from made)
      where p.endpoint_id = $2
      returning p.last_position - (select count(*) from made) - $3::bigint as base
    ), numbered as (
      update subscription_sequences set last_sequence = last_sequence + $3::bigint
      where subscription_id = $1
    ), moved as (
      update deliveries d set sequence = d.sequence + $3::bigint,
        position = taken.base + $3::bigint + made.place, due_at = $4
      from made, taken
      where ${isByKey('d', 'made')}
    )
    select base from taken`,
};

const insert = {
  name: 'subscription-insert-past',
  text: `insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence,
      event_id, unit_id, due_at, attempt_count)
    select e.bucket, ${deliveryId('e.id', '$1::uuid')}, $2, $3::bigint + $4 + e.at, $1, $4 + e.at,
      e.id, e.unit_id, $5, 0
    from unnest($6::smallint[], $7::uuid[], $8::uuid[]) with ordinality as e (bucket, id, unit_id, at)`,
};

const activate = {
  name: 'subscription-activate',
  text: `update subscriptions set state = 'active', updated_at = ${nextVersion('$2')}
    where id = $1`,
};

export interface ToQueue {
  readonly subscriptionId: string;
  /** In their order. */
  readonly past: readonly PastEvent[];
  readonly nowMs: number;
}

/** False where it is not waiting for its past any more: filled by another, ended, removed. */
export function queuePast(database: Database, given: ToQueue): Promise<boolean> {
  const { subscriptionId: id, past, nowMs } = given;
  const now = timestamp(nowMs);
  return database.transaction(async () => {
    await lockSubscription(database, id);
    const [found] = await database.query<{ endpointId: string }>(filling, [id]);
    if (found === undefined) return false;
    const { endpointId } = found;
    await lockCounters(database, id, [endpointId]);
    await lockDeliveries(database, id);
    const values = [id, endpointId, past.length, now];
    const [room] = await database.query<{ base: number }>(makeRoom, values);
    if (room === undefined) throw new Error('an endpoint without a counter');
    for (let at = 0; at < past.length; at += deliveriesPerStatement) {
      const some = past.slice(at, at + deliveriesPerStatement);
      await database.query(insert, [
        ...[id, endpointId, room.base, at, now],
        some.map((event) => event.bucket),
        some.map((event) => event.id),
        some.map((event) => event.unitId),
      ]);
    }
    await database.query(activate, [id, now]);
    return true;
  });
}
