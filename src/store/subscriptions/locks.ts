/** The locks of the actions here, in the order that index.ts names. */
import type { Database } from '../database.ts';

/** Class of the advisory locks on one subscription each; see units/lock.ts for the others. */
const subscriptionLocks = 7103;

const own = {
  name: 'subscription-lock',
  text: 'select pg_advisory_xact_lock($1, hashtext($2))',
};

const positions = {
  name: 'endpoint-positions-lock',
  text: `select endpoint_id from endpoint_positions where endpoint_id = any ($1::uuid[])
    order by endpoint_id for update`,
};

const sequence = {
  name: 'subscription-sequence-lock',
  text: `select from subscription_sequences where subscription_id = any ($1::uuid[])
    order by subscription_id for update`,
};

const deliveries = {
  name: 'subscription-deliveries-lock',
  // By deliveries_of_subscription. The sum keeps the planner from reading all in the order of the primary key.
  text: `select from deliveries where subscription_id = $1 order by bucket + 0, id for update`,
};

/** Two changes of one subscription come one after the other, whatever endpoints they touch. */
export async function lockSubscription(database: Database, id: string): Promise<void> {
  await database.query(own, [subscriptionLocks, id.toLowerCase()]);
}

/**
 * Waits for every recording that is making deliveries for these endpoints or subscriptions.
 * What they made is seen by the statements that follow; what comes later waits for us.
 */
export async function lockCounters(
  database: Database,
  subscriptionIds: string | readonly string[],
  endpointIds: readonly string[],
): Promise<void> {
  await database.query(positions, [endpointIds]);
  await database.query(sequence, [[subscriptionIds].flat()]);
}

export async function lockDeliveries(database: Database, subscriptionId: string): Promise<void> {
  await database.query(deliveries, [subscriptionId]);
}
