/** One subscription by its id. */
import type { Principal } from '../../dialects/dialect.ts';
import type { Subscription } from '../../events/subscription.ts';
import { isUuid } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { createPlaceholders, timestamp } from '../placeholders.ts';
import { type SubscriptionRow, subscriptionColumns, subscriptionFromRow } from '../rows.ts';
import { isOwn } from './own.ts';

export interface GetParts {
  readonly database: Database;
  readonly nowMs: () => number;
}

/** Undefined where there is none to be seen: unknown, another's and deleted are the same. */
export async function getSubscription(
  parts: GetParts,
  principal: Principal,
  id: string,
): Promise<Subscription | undefined> {
  const row = await findSubscription(parts.database, principal, { id, nowMs: parts.nowMs() });
  return row === undefined ? undefined : subscriptionFromRow(row);
}

/**
 * `lock` keeps the row as it is until the end of the transaction. Without `nowMs` the state is the
 * one stored, which is alive until housekeeping has ended it. By primary keys.
 */
export async function findSubscription(
  database: Database,
  principal: Principal,
  { id, lock = false, nowMs }: { readonly id: string; readonly lock?: boolean; nowMs?: number },
): Promise<SubscriptionRow | undefined> {
  if (!isUuid(id)) return undefined;
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  const now = nowMs === undefined ? undefined : add(timestamp(nowMs));
  const [row] = await database.query<SubscriptionRow>(
    {
      family: 'subscription-get',
      text: `select ${subscriptionColumns('s', 'q', now)}
       from subscriptions s join subscription_sequences q on q.subscription_id = s.id
       where s.id = ${add(id)} and ${isOwn(principal, placeholders)}
       ${lock ? 'for no key update of s' : ''}`,
    },
    values,
  );
  return row;
}
