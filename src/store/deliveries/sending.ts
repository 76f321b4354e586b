/** What delivery has to know of subscriptions, and the two changes that it makes to them. */
import type { SubscriptionState } from '../../events/subscription.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { lockCounters, lockDeliveries, lockSubscription } from '../subscriptions/locks.ts';
import { holdDeliveries, resumeDeliveries } from '../subscriptions/pending.ts';
import { nextVersion } from '../subscriptions/write.ts';
import { isStillWarned } from './failing.ts';
import { lockWithListeners, queueNotice, type SubscriptionInTrouble } from './notices.ts';

export interface SendingRow {
  readonly id: string;
  readonly organizationId: string;
  readonly endpointId: string;
  readonly dialect: string;
  readonly externalId: string | null;
  readonly url: string;
  readonly state: SubscriptionState | 'deleted';
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secretSealed: string;
  readonly previousSecretSealed: string | null;
  readonly previousSecretUntil: Date | null;
  /** Of its endpoint. */
  readonly ratePerSecond: number | null;
  readonly sendsMax: number | null;
  readonly notices: boolean;
  /** Differs after every change: microseconds of `updated_at`. */
  readonly version: number;
}

const version = '(extract(epoch from updated_at) * 1000000)::bigint';

const load = {
  name: 'sending-load',
  text: `select s.id, s.organization_id as "organizationId", endpoint_id as "endpointId", dialect,
      external_id as "externalId", s.url, state, settings, secret_sealed as "secretSealed",
      previous_secret_sealed as "previousSecretSealed",
      previous_secret_until as "previousSecretUntil", e.rate_per_second as "ratePerSecond",
      e.sends_max as "sendsMax", notices, ${version} as version
    from subscriptions s join endpoints e on e.id = s.endpoint_id
    where s.id = any ($1::uuid[])`,
};

/** By primary key; unknown ids are missing from the answer. */
export function loadForSending(database: Database, ids: readonly string[]): Promise<SendingRow[]> {
  return database.query<SendingRow>(load, [ids]);
}

export interface ChangedSubscription {
  readonly id: string;
  readonly endpointId: string;
  readonly version: number;
}

const changed = {
  name: 'sending-changed',
  // By subscriptions_changed.
  text: `select id, endpoint_id as "endpointId", ${version} as version from subscriptions
    where updated_at > to_timestamp($1::float8 / 1000000) order by updated_at limit $2`,
};

/** Changed after `sinceVersion`, oldest first, at most `limit`. */
export function changedSubscriptions(
  database: Database,
  sinceVersion: number,
  limit: number,
): Promise<ChangedSubscription[]> {
  return database.query<ChangedSubscription>(changed, [sinceVersion, limit]);
}

const newest = {
  name: 'sending-newest',
  // By subscriptions_changed.
  text: `select ${version} as version from subscriptions order by updated_at desc limit 1`,
};

export async function newestVersion(database: Database): Promise<number> {
  const [row] = await database.query<{ version: number }>(newest);
  return row?.version ?? 0;
}

const disable = {
  name: 'sending-disable',
  text: `update subscriptions set state = 'disabled', state_reason = $2,
      updated_at = ${nextVersion('$3')}
    where id = $1 and state = 'active' returning id`,
};

export interface ToDisable extends SubscriptionInTrouble {
  readonly reason: 'gone' | 'failing';
}

/**
 * Stops an active subscription; what it is still to be told is kept, not lost. False where it is
 * not active any more, or, for `failing`, where it has been well meanwhile.
 */
export function disableSubscription(database: Database, given: ToDisable): Promise<boolean> {
  const { id, reason, nowMs } = given;
  return database.transaction(async () => {
    await lockSubscription(database, id);
    const listeners = await lockWithListeners(database, given);
    if (reason === 'failing' && !(await isStillWarned(database, id))) return false;
    const rows = await database.query(disable, [id, reason, timestamp(nowMs)]);
    if (rows.length === 0) return false;
    await queueNotice(database, given, listeners);
    await lockDeliveries(database, id);
    await holdDeliveries(database, id);
    return true;
  });
}

const isActive = {
  name: 'sending-is-active',
  text: `select from subscriptions where id = $1 and state = 'active'`,
};

/**
 * Makes held deliveries of an active subscription due. There are some after a crash between a 410
 * and its consequence, and when a recording met a resuming at the same moment.
 */
export async function releaseHeld(
  database: Database,
  given: { readonly id: string; readonly endpointId: string; readonly nowMs: number },
): Promise<void> {
  const { id, endpointId, nowMs } = given;
  await database.transaction(async () => {
    await lockSubscription(database, id);
    await lockCounters(database, id, [endpointId]);
    const rows = await database.query(isActive, [id]);
    if (rows.length === 0) return;
    await lockDeliveries(database, id);
    await resumeDeliveries(database, id, nowMs);
  });
}
