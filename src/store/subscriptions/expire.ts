/**
 * Ends the subscriptions whose time is over: housekeeping, run every so often by every process.
 * Readers and recording go by `expires_at` and do not wait for it; what it brings to an end are the
 * deliveries that were still to be sent.
 */
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { aliveStates } from './alive.ts';
import { forgetFailures } from './failures.ts';
import { lockCounters, lockDeliveries, lockSubscription } from './locks.ts';
import { cancelDeliveries } from './pending.ts';
import { settleLeaving } from './settle-leaving.ts';
import { nextVersion } from './write.ts';

export interface ExpireParts {
  readonly database: Database;
  readonly nowMs: () => number;
  readonly onChange: (subscriptionId: string) => void;
}

/** Per run; the rest is for the next one. */
const subscriptionsMax = 1_000;
/** Far longer than any recording takes. */
const lateMs = 600_000;

/*
 * By subscriptions_to_expire. The second part, by subscriptions_changed, finds deliveries made by a
 * recording that began before the end, and those of one that ended when an equal one was asked for.
 */
const over = {
  name: 'subscriptions-over',
  text: `(select id from subscriptions
      where expires_at <= $1 and state in ${aliveStates} order by expires_at limit $3)
    union all
    (select s.id from subscriptions s
      where s.updated_at > $2 and s.state = 'expired'
        and exists (select from deliveries d where d.subscription_id = s.id) limit $3)`,
};

const endpointOf = {
  name: 'subscription-endpoint',
  text: 'select endpoint_id as "endpointId" from subscriptions where id = $1',
};

const end = {
  name: 'subscription-expire',
  text: `update subscriptions set state = 'expired', state_reason = null,
      updated_at = ${nextVersion('$2')}
    where id = $1 and state in ${aliveStates} and expires_at <= $2`,
};

const isExpired = {
  name: 'subscription-is-expired',
  text: `select from subscriptions where id = $1 and state = 'expired'`,
};

/** How many were looked at. Safe to run in several processes at once. */
export async function expireSubscriptions(parts: ExpireParts): Promise<number> {
  const { database } = parts;
  const nowMs = parts.nowMs();
  await settleYoung(database, nowMs);
  const rows = await database.query<{ id: string }>(over, [
    timestamp(nowMs),
    timestamp(nowMs - lateMs),
    subscriptionsMax,
  ]);
  for (const { id } of rows) {
    await expireOne(database, id, nowMs);
    parts.onChange(id);
  }
  return rows.length;
}

async function expireOne(database: Database, id: string, nowMs: number): Promise<void> {
  await database.transaction(async () => {
    await lockSubscription(database, id);
    const rows = await database.query<{ endpointId: string }>(endpointOf, [id]);
    await lockCounters(
      database,
      id,
      rows.map((row) => row.endpointId),
    );
    await database.query(end, [id, timestamp(nowMs)]);
    // Its end may have been moved since it was found.
    if ((await database.query(isExpired, [id])).length === 0) return;
    await lockDeliveries(database, id);
    await cancelDeliveries(database, id, nowMs);
    await forgetFailures(database, id);
  });
}

const young = {
  name: 'subscriptions-young',
  // By subscriptions_changed: what was made lately was changed lately.
  text: `select distinct leaving_unit_id as unit from subscriptions
    where updated_at > $1 and leaving_unit_id is not null and state in ${aliveStates} limit $2`,
};

/** Neither a recording nor a creation sees the other's rows where both happen at one moment. */
async function settleYoung(database: Database, nowMs: number): Promise<void> {
  const rows = await database.query<{ unit: string }>(young, [
    timestamp(nowMs - lateMs),
    subscriptionsMax,
  ]);
  if (rows.length === 0) return;
  const units = rows.map((row) => row.unit);
  await database.transaction(() => settleLeaving(database, units, nowMs));
}
