/** Gives a subscription a new signing secret; the one before it signs too for a day. */
import type { Principal } from '../../dialects/dialect.ts';
import { isUuid } from '../../lib/id.ts';
import { createPlaceholders, timestamp } from '../placeholders.ts';
import type { SubscriptionsParts } from './index.ts';
import { isOwn } from './own.ts';
import { nextVersion } from './write.ts';

const overlapMs = 24 * 60 * 60 * 1000;

export interface RotatedSecret {
  readonly secret: string;
  readonly previousSecretUntilMs: number;
}

/** Undefined where there is none to be seen. One statement: two rotations cannot mix. */
export async function rotateSecret(
  parts: SubscriptionsParts,
  principal: Principal,
  id: string,
): Promise<RotatedSecret | undefined> {
  if (!isUuid(id)) return undefined;
  // The sealed text is bound to the id as the database writes it, in lower case.
  const subscriptionId = id.toLowerCase();
  const nowMs = parts.nowMs();
  const previousSecretUntilMs = nowMs + overlapMs;
  const { secret, sealed } = parts.secrets.issue(subscriptionId);
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  const rows = await parts.database.query(
    `update subscriptions s set previous_secret_sealed = s.secret_sealed,
       previous_secret_until = ${add(timestamp(previousSecretUntilMs))},
       secret_sealed = ${add(sealed)}, updated_at = ${nextVersion(add(timestamp(nowMs)))}
     where s.id = ${add(subscriptionId)} and ${isOwn(principal, placeholders)}
     returning s.id`,
    values,
  );
  if (rows.length === 0) return undefined;
  parts.onChange(subscriptionId);
  return { secret, previousSecretUntilMs };
}
