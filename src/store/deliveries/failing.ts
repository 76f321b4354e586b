/** Warns of a subscription whose pushes have failed for long; see complete.ts for what counts. */
import type { Database } from '../database.ts';
import { lockSubscription } from '../subscriptions/locks.ts';
import { lockWithListeners, queueNotice, type SubscriptionInTrouble } from './notices.ts';

const warn = {
  name: 'failing-warn',
  text: `update subscription_failures f set warned_at = clock_timestamp()
    from subscriptions s
    where f.subscription_id = $1 and f.warned_at is null and s.id = $1 and s.state = 'active'
    returning f.subscription_id`,
};

/** False where it has been warned before, is well again, or is not active any more. */
export function warnSubscription(
  database: Database,
  given: SubscriptionInTrouble,
): Promise<boolean> {
  return database.transaction(async () => {
    await lockSubscription(database, given.id);
    const listeners = await lockWithListeners(database, given);
    const rows = await database.query(warn, [given.id]);
    if (rows.length === 0) return false;
    await queueNotice(database, given, listeners);
    return true;
  });
}

const warned = {
  name: 'failing-warned',
  text: `select from subscription_failures
    where subscription_id = $1 and warned_at is not null`,
};

/** False where a push has come through since it was warned. */
export async function isStillWarned(database: Database, id: string): Promise<boolean> {
  return (await database.query(warned, [id])).length > 0;
}
