// Subscriptions that end after their unit has left: through corrections, races and housekeeping.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  refusal,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { EventDraft } from '../../events/event.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { createRecorder, type RecordedDelivery, type Recorder } from '../record/index.ts';
import { createUnits } from '../units/index.ts';
import { expireSubscriptions } from './expire.ts';
import { createSubscriptions } from './index.ts';

const dayMs = 86_400_000;
const afterMs = 3 * dayMs;

let bench: StoreBench;
let subscriptions: ReturnType<typeof createSubscriptions>;
let recorder: Recorder;
let us: Principal;
let unit: HandlingUnit;
let changes: string[] = [];
let handed: RecordedDelivery[] = [];
let serial = 0;

const onChange = (id: string) => void changes.push(id);
const newRecorder = () =>
  createRecorder({
    ...bench,
    handOver: (deliveries) => void handed.push(...deliveries),
    logger: { error: () => undefined },
  });

beforeAll(async () => {
  bench = await createStoreBench();
  subscriptions = createSubscriptions({
    ...bench,
    secrets: { issue: (id) => ({ secret: 'whsec_', sealed: `sealed for ${id}` }) },
    checkUrl: (url) => ({ ok: true, url: new URL(url) }),
    onChange,
  });
  recorder = newRecorder();
  us = memberOf(await bench.organization());
});
afterAll(() => bench.drop());

beforeEach(async () => {
  serial += 1;
  const booked = { reference: `UNIT-${serial}`, freightFamily: 'Container' } as const;
  unit = (await createUnits(bench).put(us, booked)).unit;
  changes = [];
  handed = [];
});

/** Days from the bench's present moment. */
const inDays = (days: number) => bench.clock.nowMs + days * dayMs;

async function subscribe(sameAs?: string) {
  const { subscription } = await subscriptions.create(us, {
    dialect: 'hub',
    url: `https://hook-${serial}.example.com/`,
    filter: { unit: unit.id },
    endsAfterLeaving: { unit: unit.id, afterMs },
    ...(sameAs === undefined ? {} : { sameAs }),
  });
  // What is recorded from now on is news to it.
  bench.clock.nowMs += 1;
  return subscription;
}

function draft(type: EventDraft['type'], atMs: number, more: Partial<EventDraft> = {}): EventDraft {
  return {
    unit: { id: unit.id },
    type,
    classifier: 'actual',
    occurredAt: timeOf(new Date(atMs).toISOString()),
    source: { dialect: 'hub' },
    received: '{}',
    ...more,
  };
}

async function record(...drafts: EventDraft[]): Promise<string> {
  const [result] = await recorder.record(us, drafts);
  if (result === undefined || result.status === 'rejected') throw new Error('rejected');
  return result.id;
}

const endOf = async (id: string) => (await subscriptions.get(us, id))?.expiresAtMs;
const stateOf = async (id: string) => (await subscriptions.get(us, id))?.state;
const expire = () => expireSubscriptions({ ...bench, onChange });

describe('the end', () => {
  it('comes three days after the gate out, and moves with its corrections', async () => {
    const { id } = await subscribe();
    await record(draft('gated-in', inDays(-2)));
    expect(await endOf(id)).toBeUndefined();
    const out = await record(draft('gated-out', inDays(-1)));
    expect(await endOf(id)).toBe(inDays(2));
    const moved = await record(draft('gated-out', inDays(0), { replaces: out }));
    expect(await endOf(id)).toBe(inDays(3));
    await record(draft('gated-out', inDays(0), { retracts: moved }));
    expect(await endOf(id)).toBeUndefined();
  });

  it('comes after a departure with the container on board, told in any order', async () => {
    const { id } = await subscribe();
    await record(draft('departed', inDays(-1)));
    expect(await endOf(id)).toBeUndefined();
    await record(draft('loaded', inDays(-2)));
    expect(await endOf(id)).toBe(inDays(2));
  });

  it('is found in one batch with the events before it', async () => {
    const { id } = await subscribe();
    await record(
      draft('gated-in', inDays(-3)),
      draft('loaded', inDays(-2)),
      draft('departed', inDays(-1)),
    );
    expect(await endOf(id)).toBe(inDays(2));
  });

  it('counts from the subscribing where the unit was gone before', async () => {
    await record(draft('gated-out', inDays(-30)));
    const { createdAtMs, expiresAtMs } = await subscribe();
    expect(expiresAtMs).toBe(createdAtMs + afterMs);
  });

  it('is not set for plans, for other units, nor for subscriptions without that wish', async () => {
    const { id } = await subscribe();
    const free = await subscriptions.create(us, {
      dialect: 'hub',
      url: 'https://free.example.com/',
      filter: { unit: unit.id },
    });
    await record(draft('gated-out', inDays(-1), { classifier: 'planned' }));
    expect(await endOf(id)).toBeUndefined();
    await record(draft('gated-out', inDays(-1)));
    expect(await endOf(id)).toBe(inDays(2));
    expect(await endOf(free.subscription.id)).toBeUndefined();
  });

  it('is right when processes record events of one unit at the same moment', async () => {
    const { id } = await subscribe();
    const others = [newRecorder(), newRecorder(), newRecorder(), recorder];
    for (let turn = 0; turn < 10; turn++) {
      const outAt = inDays(-1) + turn * 2_000;
      await Promise.all(
        others.map((each, at) =>
          each.record(us, [
            draft(at % 2 === 0 ? 'gated-out' : 'gated-in', outAt + (at === 2 ? 1_000 : -at)),
          ]),
        ),
      );
      expect(await endOf(id)).toBe(outAt + 1_000 + afterMs);
    }
  });
});

describe('an expired subscription', () => {
  it('is expired from that moment on, for readers and for recording', async () => {
    const { id } = await subscribe();
    await record(draft('gated-out', inDays(-4)));
    expect(handed.map(({ subscriptionId }) => subscriptionId)).toEqual([id]);
    expect(await stateOf(id)).toBe('expired');
    const listed = async (state: 'active' | 'expired') =>
      (await subscriptions.list(us, { state }, { limit: 200 })).items.map((item) => item.id);
    expect(await listed('active')).not.toContain(id);
    expect(await listed('expired')).toContain(id);
    await record(draft('shifted', inDays(0)));
    expect(handed).toHaveLength(1);
    const change = subscriptions.update(us, id, { state: 'paused' });
    expect((await refusal(change)).code).toBe('conflict');
    // Neither a correction nor an equal request wakes it.
    await record(draft('gated-in', inDays(0)));
    expect(await stateOf(id)).toBe('expired');
  });

  it('makes way for an equal one', async () => {
    const first = await subscribe('the same');
    await record(draft('gated-out', inDays(-4)));
    const second = await subscribe('the same');
    expect(second.id).not.toBe(first.id);
    expect(second.state).toBe('active');
    expect(await stateOf(first.id)).toBe('expired');
  });
});

describe('housekeeping', () => {
  const pendingOf = (id: string) =>
    bench.database.query('select from deliveries where subscription_id = $1', [id]);
  const doneOf = (id: string) =>
    bench.database.query<{ state: string; sequence: number }>(
      'select state, sequence from deliveries_done where subscription_id = $1 order by sequence',
      [id],
    );
  const storedStateOf = async (id: string) =>
    (
      await bench.database.query<{ state: string }>(
        'select state from subscriptions where id = $1',
        [id],
      )
    )[0]?.state;

  it('ends it with its deliveries, once, also in several processes', async () => {
    const { id } = await subscribe();
    const other = await subscriptions.create(us, {
      dialect: 'hub',
      url: `https://hook-${serial}.example.com/`,
      filter: { unit: unit.id },
    });
    await record(draft('gated-in', inDays(-5)), draft('gated-out', inDays(-4)));
    expect(await pendingOf(id)).toHaveLength(2);
    await Promise.all([expire(), expire(), expire()]);
    expect(await storedStateOf(id)).toBe('expired');
    expect(await pendingOf(id)).toEqual([]);
    expect(await doneOf(id)).toEqual([
      { state: 'cancelled', sequence: 1 },
      { state: 'cancelled', sequence: 2 },
    ]);
    expect(changes).toContain(id);
    expect(await pendingOf(other.subscription.id)).toHaveLength(2);
    expect(await storedStateOf(other.subscription.id)).toBe('active');
    expect(await expire()).toBe(0);
  });

  it('cancels what a slow recording made after the end', async () => {
    const { id } = await subscribe('equal');
    await record(draft('gated-out', inDays(-4)));
    // An equal request ends the first one, but not its delivery.
    await subscribe('equal');
    expect(await storedStateOf(id)).toBe('expired');
    expect(await pendingOf(id)).toHaveLength(1);
    await expire();
    expect(await pendingOf(id)).toEqual([]);
  });

  it('leaves alone whose end has been moved, and finds an end that a race has missed', async () => {
    const { id } = await subscribe();
    await record(draft('gated-out', inDays(-1)));
    await bench.database.query('update subscriptions set expires_at = null where id = $1', [id]);
    await expire();
    expect(await endOf(id)).toBe(inDays(2));
    expect(await stateOf(id)).toBe('active');
  });

  it('ends a subscription with a plain end as well', async () => {
    const { subscription } = await subscriptions.create(us, {
      dialect: 'hub',
      url: 'https://plain.example.com/',
      filter: {},
      expiresAtMs: inDays(1),
    });
    bench.clock.nowMs += dayMs - 1;
    expect(await stateOf(subscription.id)).toBe('active');
    bench.clock.nowMs += 1;
    expect(await stateOf(subscription.id)).toBe('expired');
    await expire();
    expect(await storedStateOf(subscription.id)).toBe('expired');
  });
});
