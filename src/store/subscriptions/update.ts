/** Changes a subscription: its address, its wish, or whether it is paused. */
import type { Principal } from '../../dialects/dialect.ts';
import type { SubscriptionsPort } from '../../dialects/hub-port.ts';
import { bucketOf } from '../../events/identifiers.ts';
import type { Subscription } from '../../events/subscription.ts';
import type { SubscriptionRow } from '../rows.ts';
import { ensureEndpoint, writeLimits } from './endpoint.ts';
import { forgetFailures } from './failures.ts';
import { findSubscription, getSubscription } from './get.ts';
import type { SubscriptionsParts } from './index.ts';
import { lockCounters, lockDeliveries, lockSubscription } from './locks.ts';
import { holdDeliveries, moveDeliveries, resumeDeliveries } from './pending.ts';
import { checkedUrl, checkFilled, checkNotExpired, matchingOf } from './rules.ts';
import { writeAddress, writeFilter, writeNotices, writeState } from './write.ts';

type Change = Parameters<SubscriptionsPort['update']>[2];

/** Undefined where there is none to be seen. Throws `invalid-input`, `conflict` when expired or filling. */
export async function updateSubscription(
  parts: SubscriptionsParts,
  principal: Principal,
  { id, change }: { readonly id: string; readonly change: Change },
): Promise<Subscription | undefined> {
  const href = change.url === undefined ? undefined : checkedUrl(parts.checkUrl, change.url);
  const { database } = parts;
  const changed = await database.transaction(async () => {
    // Looked up before anything is locked: nobody can hold up another's subscription.
    if ((await findSubscription(database, principal, { id })) === undefined) return undefined;
    await lockSubscription(database, id);
    const nowMs = parts.nowMs();
    const current = await findSubscription(database, principal, { id, nowMs });
    if (current === undefined) return undefined;
    checkNotExpired(current);
    checkFilled(current);
    await apply(parts, current, { change, href });
    return getSubscription(parts, principal, id);
  });
  if (changed !== undefined) parts.onChange(changed.id);
  return changed;
}

async function apply(
  parts: SubscriptionsParts,
  current: SubscriptionRow,
  { change, href }: { readonly change: Change; readonly href: string | undefined },
): Promise<void> {
  const { database } = parts;
  const { id } = current;
  const nowMs = parts.nowMs();
  const matching = change.filter && matchingOf(change.filter);
  let { endpointId } = current;
  if (change.url !== undefined && href !== undefined) {
    endpointId = await endpointOf(parts, current, href);
    await lockCounters(database, id, [current.endpointId, endpointId]);
    await writeAddress(database, { id, endpointId, url: change.url, nowMs });
    if (endpointId !== current.endpointId) {
      await lockDeliveries(database, id);
      await moveDeliveries(database, id, endpointId);
    }
  }
  if (matching !== undefined) await writeFilter(database, { id, matching, nowMs });
  if (change.state !== undefined) {
    if (href === undefined) await lockCounters(database, id, [current.endpointId]);
    await writeState(database, { id, state: change.state, nowMs });
    await lockDeliveries(database, id);
    if (change.state === 'paused') await holdDeliveries(database, id);
    else await resumeDeliveries(database, id, nowMs);
  }
  const isElsewhere = endpointId !== current.endpointId;
  if (isElsewhere || change.state === 'active') await forgetFailures(database, id);
  await writeNotices(database, { id, notices: change.notices, nowMs });
  await writeLimits(database, endpointId, change);
}

function endpointOf(
  { database, newId, nowMs }: SubscriptionsParts,
  { organizationId }: SubscriptionRow,
  href: string,
): Promise<string> {
  return ensureEndpoint(database, {
    organization: organizationId,
    href,
    newId: newId(bucketOf(organizationId)),
    nowMs: nowMs(),
  });
}
