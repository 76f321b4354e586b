/** What is known of failing subscriptions; it is written with the outcomes (deliveries/complete.ts). */
import type { Database } from '../database.ts';

const forget = {
  name: 'subscription-failures-forget',
  text: 'delete from subscription_failures where subscription_id = $1',
};

/** Whoever takes a subscription up again or sends it elsewhere begins anew. Behind `lockDeliveries`. */
export async function forgetFailures(database: Database, subscriptionId: string): Promise<void> {
  await database.query(forget, [subscriptionId]);
}
