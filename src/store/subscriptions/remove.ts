/** Ends a subscription: its secrets are erased, what it was still to be told is cancelled. */
import type { Principal } from '../../dialects/dialect.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { forgetFailures } from './failures.ts';
import { findSubscription } from './get.ts';
import type { SubscriptionsParts } from './index.ts';
import { lockCounters, lockDeliveries, lockSubscription } from './locks.ts';
import { cancelDeliveries } from './pending.ts';
import { nextVersion } from './write.ts';

const statement = {
  name: 'subscription-remove',
  // The row stays, for the deliveries that name it and so that its external id is not given again.
  text: `update subscriptions set state = 'deleted', state_reason = null, secret_sealed = '',
      previous_secret_sealed = null, previous_secret_until = null,
      updated_at = ${nextVersion('$2')}
    where id = $1`,
};

/** False where there is none to be seen. */
export async function removeSubscription(
  parts: SubscriptionsParts,
  principal: Principal,
  id: string,
): Promise<boolean> {
  const { database } = parts;
  const removed = await database.transaction(async () => {
    if ((await findSubscription(database, principal, { id })) === undefined) return undefined;
    await lockSubscription(database, id);
    const current = await findSubscription(database, principal, { id });
    if (current === undefined) return undefined;
    await lockCounters(database, current.id, [current.endpointId]);
    await end(database, current.id, parts.nowMs());
    return current.id;
  });
  if (removed === undefined) return false;
  parts.onChange(removed);
  return true;
}

async function end(database: Database, id: string, nowMs: number): Promise<void> {
  await database.query(statement, [id, timestamp(nowMs)]);
  await lockDeliveries(database, id);
  await cancelDeliveries(database, id, nowMs);
  await forgetFailures(database, id);
}
