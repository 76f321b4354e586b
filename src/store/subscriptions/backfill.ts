/**
 * Past events of a new subscription, delivered before new ones (docs/adr/0013-backfill.md):
 *
 *   A  it is created as `filling`: recording makes its deliveries and holds them
 *   b  every transaction that may not have seen it has ended
 *   c  so what it has no delivery of by now, it will never have one of: these are the past ones
 *   B  they are queued before what was made since, and it becomes `active`
 *
 * Whatever ends between A and B leaves it `filling`, and anyone can do the rest, at any time.
 */
import type { SubscriptionFilter } from '../../events/subscription.ts';
import { olderTransactionsEnded } from './older-transactions.ts';
import { type PastParts, pastEventsMax, readPastEvents, type Wish } from './past-events.ts';
import { queuePast } from './queue-past.ts';

export interface FillParts extends PastParts {
  readonly nowMs: () => number;
  /** Called after each change, so that this process notices at once; others read `updated_at`. */
  readonly onChange: (subscriptionId: string) => void;
  /** How long to wait for older transactions; 10 s when not given. */
  readonly olderWaitMsMax?: number;
}

const olderWaitMsMax = 10_000;
const subscriptionsMax = 100;

const wishOf = {
  name: 'subscription-wish',
  text: `select id as "subscriptionId", organization_id as organization, dialect, filter, since
    from subscriptions where id = $1 and state = 'filling'`,
};

interface WishRow extends Omit<Wish, 'sinceMs'> {
  readonly filter: SubscriptionFilter;
  readonly since: Date;
}

/**
 * Does what is left to do, which is nothing where it is not `filling`. Throws `overloaded` where an
 * older transaction goes on for too long. Not to be called in a transaction.
 */
export async function fillSubscription(parts: FillParts, id: string): Promise<void> {
  const { database, nowMs } = parts;
  const [row] = await database.query<WishRow>(wishOf, [id]);
  if (row === undefined) return;
  await olderTransactionsEnded(database, parts.olderWaitMsMax ?? olderWaitMsMax);
  const wish = { ...row, sinceMs: row.since.getTime() };
  // Their number was bounded when the subscription was made; a moment later there are some more.
  const past = await readPastEvents(parts, wish, 2 * pastEventsMax);
  const isFilled = await queuePast(database, { subscriptionId: id, past, nowMs: nowMs() });
  if (isFilled) parts.onChange(id);
}

const waiting = {
  name: 'subscriptions-filling',
  text: `select id from subscriptions where state = 'filling' order by id limit ${subscriptionsMax}`,
};

/**
 * Finishes what a process began that is no more: housekeeping, run at start and every so often by
 * every process. One that cannot be filled keeps none of the others from it.
 */
export async function fillSubscriptions(parts: FillParts): Promise<void> {
  const rows = await parts.database.query<{ id: string }>(waiting);
  const faults: unknown[] = [];
  for (const { id } of rows) {
    await fillSubscription(parts, id).catch((error: unknown) => faults.push(error));
  }
  if (faults.length > 0) throw faults[0];
}

/** Refuses a wish for more than can be queued. Throws `invalid-input` naming `since`. */
export async function checkPast(parts: PastParts, wish: Wish, eventsMax?: number): Promise<void> {
  await readPastEvents(parts, wish, eventsMax ?? pastEventsMax);
}
