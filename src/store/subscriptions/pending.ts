/**
 * What a change of a subscription does to its deliveries still to be sent. All are found by
 * deliveries_of_subscription; the caller holds the counters and the deliveries (locks.ts).
 */
import type { Database } from '../database.ts';
import { isByKey } from '../deliveries/by-key.ts';
import { timestamp } from '../placeholders.ts';

const hold = {
  name: 'deliveries-hold',
  text: `update deliveries set due_at = 'infinity'
    where subscription_id = $1 and due_at < 'infinity'`,
};

// Their failures belong to the time before the pause: the schedule starts anew.
const resume = {
  name: 'deliveries-resume',
  text: `update deliveries set due_at = $2, attempt_count = 0
    where subscription_id = $1 and due_at = 'infinity'`,
};

/*
 * Positions at the new endpoint, in the old order. They are taken from its counter under its
 * lock, like those that the recording statement takes, so the endpoint's order stays one order.
 */
const move = {
  name: 'deliveries-move',
  text: `with moved as materialized (
      select bucket, id, row_number() over (order by position) as place
      from deliveries where subscription_id = $1
    ), many as (
      select count(*) as n from moved
    ), taken as (
      update endpoint_positions set last_position = last_position + many.n from many
      where endpoint_id = $2
      returning last_position - many.n as base
    )
    update deliveries d set endpoint_id = $2, position = taken.base + moved.place
    from moved, taken
    where ${isByKey('d', 'moved')}`,
};

const cancel = {
  name: 'deliveries-cancel',
  text: `with gone as (
      delete from deliveries where subscription_id = $1
      returning bucket, id, subscription_id, sequence, event_id, unit_id, attempt_count, payload
    )
    insert into deliveries_done (bucket, id, subscription_id, sequence, event_id, unit_id, state,
      attempt_count, finished_at, payload)
    select bucket, id, subscription_id, sequence, event_id, unit_id, 'cancelled', attempt_count,
      $2, payload
    from gone`,
};

export async function holdDeliveries(database: Database, subscriptionId: string): Promise<void> {
  await database.query(hold, [subscriptionId]);
}

export async function resumeDeliveries(
  database: Database,
  subscriptionId: string,
  nowMs: number,
): Promise<void> {
  await database.query(resume, [subscriptionId, timestamp(nowMs)]);
}

export async function moveDeliveries(
  database: Database,
  subscriptionId: string,
  endpointId: string,
): Promise<void> {
  await database.query(move, [subscriptionId, endpointId]);
}

export async function cancelDeliveries(
  database: Database,
  subscriptionId: string,
  nowMs: number,
): Promise<void> {
  await database.query(cancel, [subscriptionId, timestamp(nowMs)]);
}
