/** Subscriptions of an organization, newest first, in cursor pages. */
import type { Principal } from '../../dialects/dialect.ts';
import type { Page, PageRequest } from '../../dialects/hub-port.ts';
import type { Subscription, SubscriptionState } from '../../events/subscription.ts';
import { findBadText } from '../../lib/text.ts';
import { encodeCursor, idCursor, limitOf, pageOf } from '../page.ts';
import { createPlaceholders, timestamp } from '../placeholders.ts';
import { type SubscriptionRow, subscriptionColumns, subscriptionFromRow } from '../rows.ts';
import { stateAt } from './alive.ts';
import type { GetParts } from './get.ts';
import { isOwn } from './own.ts';

const cursorName = 'subscriptions';

export interface SubscriptionQuery {
  readonly dialect?: string;
  readonly state?: SubscriptionState;
  readonly page: PageRequest;
}

export async function listSubscriptions(
  { database, nowMs }: GetParts,
  principal: Principal,
  { dialect, state, page }: SubscriptionQuery,
): Promise<Page<Subscription>> {
  const limit = limitOf(page);
  const before = idCursor(cursorName, page.cursor);
  if (dialect !== undefined && findBadText(dialect) !== undefined) {
    return { items: [], nextCursor: null };
  }
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  const now = add(timestamp(nowMs()));
  const where = [isOwn(principal, placeholders)];
  if (dialect !== undefined) where.push(`s.dialect = ${add(dialect)}`);
  if (state !== undefined) where.push(`${stateAt('s', now)} = ${add(state)}`);
  if (before !== undefined) where.push(`s.id < ${add(before)}`);
  // subscriptions_of_organization (organization_id, id) read from its end; the operator's list
  // reads subscriptions_pkey the same way.
  const rows = await database.query<SubscriptionRow>(
    {
      family: 'subscriptions-list',
      text: `select ${subscriptionColumns('s', 'q', now)}
       from subscriptions s join subscription_sequences q on q.subscription_id = s.id
       where ${where.join(' and ')} order by s.id desc limit ${add(limit + 1)}`,
    },
    values,
  );
  const cursorOf = (row: SubscriptionRow) => encodeCursor(cursorName, [row.id]);
  return pageOf({ rows, limit, itemOf: subscriptionFromRow, cursorOf });
}
