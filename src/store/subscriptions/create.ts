/**
 * Creates a subscription with its endpoint and counters, or finds the live one that means the
 * same. Of concurrent equal requests one creates and the others find: the unique index
 * subscriptions_same_as decides, and who loses looks again.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { NewSubscription } from '../../dialects/hub-port.ts';
import { bucketOf } from '../../events/identifiers.ts';
import type { Subscription } from '../../events/subscription.ts';
import { sha256Hex } from '../../lib/hash.ts';
import { bucketOfId } from '../../lib/id.ts';
import { ownerOf } from '../entitlement.ts';
import { checkOrganizations } from '../units/known-organizations.ts';
import { moveReferenceOf } from '../units/move-reference.ts';
import { checkPast, fillSubscription } from './backfill.ts';
import { ensureEndpoint, writeLimits } from './endpoint.ts';
import { getSubscription } from './get.ts';
import type { SubscriptionsParts } from './index.ts';
import { insertSubscription } from './insert.ts';
import { removeSubscription } from './remove.ts';
import { checkedUrl, type Matching, matchingOf } from './rules.ts';
import { expireSame, findSame, type Same } from './same.ts';
import { settleLeaving } from './settle-leaving.ts';

export interface CreateResult {
  readonly subscription: Subscription;
  readonly created: boolean;
  readonly secret?: string;
}

/** A loser may find that the winner was deleted meanwhile; it will not happen five times. */
const attemptsMax = 5;

/**
 * Throws `invalid-input` naming `url`, `organization` or the wish; `forbidden` for another's; where
 * past events are asked for, `overloaded`, and then nothing was made.
 */
export async function createSubscription(
  parts: SubscriptionsParts,
  principal: Principal,
  given: NewSubscription,
): Promise<CreateResult> {
  const href = checkedUrl(parts.checkUrl, given.url);
  const matching = matchingOf(given.filter);
  const organization = ownerOf(principal, given.organization);
  const same = sameOf(organization, given);
  await checkWish(parts, organization, given);
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const made = await parts.database.transaction(async () => {
      // Everyone else's organization is known: it was found by the proof of who is asking.
      if (principal.organization === undefined)
        await checkOrganizations(parts.database, organization);
      const found = same && (await findLive(parts, principal, same));
      if (found !== undefined) return { subscription: found, created: false };
      return insertNew(parts, principal, { given, href, matching, organization, same });
    });
    if (made === undefined) continue;
    if (!made.created) return made;
    parts.onChange(made.subscription.id);
    return given.sinceMs === undefined ? made : fill(parts, principal, made);
  }
  throw new Error('an equal subscription keeps coming and going');
}

async function checkWish(
  parts: SubscriptionsParts,
  organization: string,
  { dialect, filter, sinceMs }: NewSubscription,
): Promise<void> {
  if (sinceMs === undefined) return;
  const wish = { subscriptionId: unknownId, organization, dialect, filter, sinceMs };
  await checkPast(parts, wish, parts.pastEventsMax);
}

/** Of a subscription that is not there yet. */
const unknownId = '00000000-0000-0000-0000-000000000000';

/** The rest of it, which needs the subscription to be committed; else nothing of it is left. */
async function fill(
  parts: SubscriptionsParts,
  principal: Principal,
  made: CreateResult,
): Promise<CreateResult> {
  const { id } = made.subscription;
  // What fails after someone else's commit is finished by housekeeping.
  const later = () => fillSubscription(parts, id).catch(() => undefined);
  if (parts.database.afterCommit(later)) return made;
  try {
    await fillSubscription(parts, id);
  } catch (error) {
    await removeSubscription(parts, principal, id);
    throw error;
  }
  const subscription = await getSubscription(parts, principal, id);
  return subscription === undefined ? made : { ...made, subscription };
}

function sameOf(organization: string, given: NewSubscription): Same | undefined {
  if (given.sameAs === undefined) return undefined;
  const sha256 = Buffer.from(sha256Hex(given.sameAs), 'hex');
  return { organization, dialect: given.dialect, sha256 };
}

async function findLive(
  { database, nowMs }: SubscriptionsParts,
  principal: Principal,
  same: Same,
): Promise<Subscription | undefined> {
  await expireSame(database, same, nowMs());
  const id = await findSame(database, same);
  return id === undefined ? undefined : getSubscription({ database, nowMs }, principal, id);
}

interface Checked {
  readonly given: NewSubscription;
  readonly href: string;
  readonly matching: Matching;
  readonly organization: string;
  readonly same: Same | undefined;
}

/** Undefined when an equal one was created since we looked. */
async function insertNew(
  { database, newId, nowMs, secrets }: SubscriptionsParts,
  principal: Principal,
  { given, href, matching, organization, same }: Checked,
): Promise<CreateResult | undefined> {
  // Subscriptions lie in no bucket; their ids carry that of their organization.
  const bucket = bucketOf(organization);
  const id = newId(bucket);
  const now = nowMs();
  const endpointId = await ensureEndpoint(database, {
    organization,
    href,
    newId: newId(bucket),
    nowMs: now,
  });
  const { secret, sealed } = secrets.issue(id);
  const isNew = await insertSubscription(database, {
    id,
    organization,
    endpointId,
    given,
    matching,
    sameAsSha256: same?.sha256 ?? null,
    secretSealed: sealed,
    nowMs: now,
  });
  if (!isNew) return undefined;
  const { endsAfterLeaving } = given;
  if (endsAfterLeaving !== undefined) {
    const { unit } = endsAfterLeaving;
    await moveReferenceOf(database, { bucket: bucketOfId(unit) ?? -1, id: unit });
    await settleLeaving(database, [unit], now);
  }
  await writeLimits(database, endpointId, given);
  const subscription = await getSubscription({ database, nowMs }, principal, id);
  if (subscription === undefined) throw new Error('a subscription that was just made is not there');
  return { subscription, created: true, secret };
}
