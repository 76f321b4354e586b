/** What tests of past events share: a store with a recorder, subscriptions, and what is queued. */

import type { Principal } from '../../src/dialects/dialect.ts';
import type { NewSubscription, PutUnit } from '../../src/dialects/hub-port.ts';
import type { EventDraft } from '../../src/events/event.ts';
import type { Subscription, SubscriptionFilter } from '../../src/events/subscription.ts';
import type { HandlingUnit } from '../../src/events/unit.ts';
import { createRecorder, type Recorder } from '../../src/store/record/index.ts';
import {
  createSubscriptions,
  type SubscriptionsParts,
} from '../../src/store/subscriptions/index.ts';
import { createUnits } from '../../src/store/units/index.ts';
import { createStoreBench, memberOf, operator, type StoreBench, timeOf } from './store.ts';

export interface Queued {
  readonly event: string;
  readonly unit: string;
  readonly sequence: number;
  readonly position: number;
  readonly due: string;
}

export interface BackfillBench extends StoreBench {
  readonly parts: SubscriptionsParts;
  readonly subscriptions: ReturnType<typeof createSubscriptions>;
  readonly us: Principal;
  readonly others: Principal;
  /** Subscriptions that were told to have changed. */
  readonly changed: string[];
  readonly newRecorder: () => Recorder;
  /** Books a new unit, ours when not said otherwise, or changes the one named. */
  readonly book: (given?: Partial<PutUnit>, owner?: Principal) => Promise<HandlingUnit>;
  /** Records an event a second after the last one; its id. */
  readonly tell: (unit: HandlingUnit, more?: Partial<EventDraft>, by?: Recorder) => Promise<string>;
  /** A subscription of ours to all that was ever recorded, when not said otherwise. */
  readonly subscribe: (
    filter: SubscriptionFilter,
    more?: Partial<NewSubscription>,
    principal?: Principal,
  ) => Promise<Subscription>;
  /** In the order of their sequence numbers. */
  readonly queued: (id: string) => Promise<Queued[]>;
  readonly eventsOf: (id: string) => Promise<string[]>;
}

export const url = 'https://hook.example.com/';

export const wish = (filter: SubscriptionFilter, more: Partial<NewSubscription> = {}) => ({
  ...{ dialect: 'hub', url, filter, sinceMs: 0, ...more },
});

export const inOrder = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

const queuedOf = `select d.event_id as event, d.unit_id as unit, d.sequence, d.position,
    d.due_at::text as due
  from deliveries d where d.subscription_id = $1 order by d.sequence`;

/** The dialect `mute` cannot say that something was sealed. */
const unsaidIn = ({ type }: { readonly type: string }) => (type === 'sealed' ? ['mute'] : []);

export async function createBackfillBench(): Promise<BackfillBench> {
  const bench = await createStoreBench();
  const changed: string[] = [];
  const parts: SubscriptionsParts = {
    ...bench,
    secrets: { issue: () => ({ secret: 'whsec_', sealed: 'sealed' }) },
    checkUrl: (text) => ({ ok: true, url: new URL(text) }),
    onChange: (id) => void changed.push(id),
    unsaidIn,
  };
  const subscriptions = createSubscriptions(parts);
  const [us, others] = [memberOf(await bench.organization()), memberOf(await bench.organization())];
  const newRecorder = () =>
    createRecorder({
      ...bench,
      handOver: () => undefined,
      logger: { error: () => undefined },
      unsaidIn,
    });
  const recorder = newRecorder();
  let units = 0;
  let seconds = 0;

  async function book(given: Partial<PutUnit> = {}, owner = us): Promise<HandlingUnit> {
    units += 1;
    const booking = { reference: `LOT-${units}`, freightFamily: 'Container' as const, ...given };
    return (await createUnits(bench).put(owner, booking)).unit;
  }

  function draft(unit: HandlingUnit, more: Partial<EventDraft>): EventDraft {
    seconds += 1;
    const occurredAt = new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
    return {
      unit: { id: unit.id },
      type: 'shifted',
      classifier: 'actual',
      occurredAt: timeOf(occurredAt),
      source: { dialect: 'hub' },
      received: '{}',
      ...more,
    };
  }

  async function tell(
    unit: HandlingUnit,
    more: Partial<EventDraft> = {},
    by = recorder,
  ): Promise<string> {
    bench.clock.nowMs += 1_000;
    const [result] = await by.record(operator, [draft(unit, more)]);
    if (result?.status !== 'recorded') throw new Error(JSON.stringify(result));
    return result.id;
  }

  const queued = (id: string) => bench.database.query<Queued>(queuedOf, [id]);

  return {
    ...bench,
    ...{ parts, subscriptions, us, others, changed, newRecorder, book, tell, queued },
    eventsOf: async (id) => (await queued(id)).map(({ event }) => event),
    subscribe: async (filter, more = {}, principal = us) =>
      (await subscriptions.create(principal, wish(filter, more))).subscription,
  };
}
