/**
 * Whom an event is told to is decided from what recording remembers of subscriptions. It never outlives
 * a change of them: each test records once, so that the unit and its wishes are known, changes
 * a subscription by another way, and records again.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { EventDraft } from '../../events/event.ts';
import type { SubscriptionFilter } from '../../events/subscription.ts';
import { expireSubscriptions } from '../subscriptions/expire.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type Recorder } from './index.ts';

let bench: StoreBench;
let recorder: Recorder;
let owner: Principal;
let carrier: Principal;
let lookedUp = 0;

beforeAll(async () => {
  bench = await createStoreBench();
});
afterAll(() => bench.drop());

beforeEach(async () => {
  owner = memberOf(await bench.organization('owner'));
  carrier = memberOf(await bench.organization('carrier'));
  lookedUp = 0;
  recorder = createRecorder({
    ...bench,
    handOver: () => undefined,
    onBatch: (stage, items) => {
      if (stage === 'resolve') lookedUp += items;
    },
    logger: { error: () => undefined },
  });
});

const subscriptions = () =>
  createSubscriptions({
    ...bench,
    secrets: { issue: () => ({ secret: 'whsec_x', sealed: 'sealed' }) },
    checkUrl: (text) => ({ ok: true, url: new URL(text) }),
    onChange: () => undefined,
  });

async function subscribe(filter: SubscriptionFilter, by = carrier) {
  const wish = { dialect: 'hub', url: 'https://x.test/', filter };
  return (await subscriptions().create(by, wish)).subscription.id;
}

let units = 0;
let minutes = 0;

async function book() {
  units += 1;
  const reference = `WISH-${units}`;
  const { unit } = await createUnits(bench).put(owner, {
    reference,
    freightFamily: 'Container',
    spi: `WSH${String(units).padStart(10, '0')}`,
    documents: [{ type: 'booking', reference: `BKG-${units}` }],
    parties: [{ organization: carrier.organization ?? '', role: 'carrier' }],
  });
  return unit;
}

/** Time that goes by before each event: where wishes have just changed, recording looks them up. */
let pauseMs = 1_000;

/** Records one event of the unit; the subscriptions that it is told to, with what becomes of it. */
async function toldOf(reference: string, more: Partial<EventDraft> = {}) {
  minutes += 1;
  bench.clock.nowMs += pauseMs;
  const [result] = await recorder.record(owner, [
    {
      unit: { reference },
      type: 'arrived',
      classifier: 'actual',
      occurredAt: timeOf(new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString()),
      source: { dialect: 'hub' },
      received: '{}',
      ...more,
    },
  ]);
  if (result?.status !== 'recorded') throw new Error(JSON.stringify(result));
  const rows = await bench.database.query<{ subscription: string; isDue: boolean; url: string }>(
    `select d.subscription_id as subscription, d.due_at < 'infinity' as "isDue", e.url
     from deliveries d join endpoints e on e.id = d.endpoint_id where d.event_id = $1
     order by d.subscription_id`,
    [result.id],
  );
  return rows;
}

const due = (subscription: string, url = 'https://x.test/') => ({ subscription, isDue: true, url });

describe.each([
  ['known', 1_000],
  ['known, just after a change', 0],
])('an event of a unit that is %s', (_when, ms) => {
  beforeEach(() => {
    pauseMs = ms;
  });

  it.each<[string, (unit: Awaited<ReturnType<typeof book>>) => SubscriptionFilter]>([
    ['its reference', ({ reference }) => ({ reference })],
    ['its SPI', ({ spi = '' }) => ({ spi })],
    ['its id', ({ id }) => ({ unit: id })],
    ['its booking', ({ documents }) => ({ document: documents[0]?.reference ?? '' })],
    ['a type alone', () => ({ types: ['arrived'] })],
    ['everything', () => ({})],
  ])('is told to whoever has asked for %s in between, until that is over', async (_, filterOf) => {
    const unit = await book();
    expect(await toldOf(unit.reference)).toEqual([]);
    const id = await subscribe(filterOf(unit));
    expect(await toldOf(unit.reference)).toEqual([due(id)]);
    await subscriptions().update(carrier, id, { state: 'paused' });
    expect(await toldOf(unit.reference)).toEqual([{ ...due(id), isDue: false }]);
    await subscriptions().update(carrier, id, { state: 'active' });
    expect(await toldOf(unit.reference)).toEqual([due(id)]);
    await subscriptions().update(carrier, id, { filter: { types: ['lost'] } });
    expect(await toldOf(unit.reference)).toEqual([]);
    await subscriptions().update(carrier, id, { filter: filterOf(unit), url: 'https://y.test/' });
    expect(await toldOf(unit.reference)).toEqual([due(id, 'https://y.test/')]);
    await subscriptions().remove(carrier, id);
    expect(await toldOf(unit.reference)).toEqual([]);
  });

  it('is told to nobody whose time is over, also before housekeeping has been there', async () => {
    const unit = await book();
    const id = await subscribe({ reference: unit.reference });
    await toldOf(unit.reference);
    await bench.database.query('update subscriptions set expires_at = $2 where id = $1', [
      id,
      new Date(bench.clock.nowMs + 60_000),
    ]);
    expect(await toldOf(unit.reference)).toEqual([due(id)]);
    bench.clock.nowMs += 60_000;
    expect(await toldOf(unit.reference)).toEqual([]);
    await expireSubscriptions({ ...bench, onChange: () => undefined });
    expect(await toldOf(unit.reference)).toEqual([]);
  });

  it('is told to each subscription once, whichever names it has in common', async () => {
    const unit = await book();
    const own = await subscribe({}, owner);
    const byName = await subscribe({ reference: unit.reference, types: ['arrived'] });
    const byDocument = await subscribe({ document: unit.documents[0]?.reference ?? '' });
    const ids = [own, byName, byDocument].sort();
    expect(await toldOf(unit.reference)).toEqual(ids.map((id) => due(id)));
    expect(await toldOf(unit.reference)).toEqual(ids.map((id) => due(id)));
  });
});

describe('what is remembered of wishes', () => {
  beforeEach(() => {
    pauseMs = 1_000;
  });

  it('is read again once after a change, for a change of its parties alone', async () => {
    const unit = await book();
    const other = await book();
    for (const { reference } of [unit, other]) await toldOf(reference);
    const stranger = memberOf(await bench.organization('stranger'));
    await subscribe({}, stranger);
    lookedUp = 0;
    for (const { reference } of [unit, other]) await toldOf(reference);
    expect(lookedUp).toBe(0);
    const id = await subscribe({ types: ['arrived'] });
    // Found out by the write, which then looks for itself.
    expect(await toldOf(unit.reference)).toEqual([due(id)]);
    expect(lookedUp).toBe(0);
    expect(await toldOf(unit.reference)).toEqual([due(id)]);
    expect(lookedUp).toBe(1);
    // What has been read since tells that the other unit has to be looked up, too.
    expect(await toldOf(other.reference)).toEqual([due(id)]);
    expect(lookedUp).toBe(2);
    for (let count = 0; count < 5; count += 1) await toldOf(unit.reference);
    expect(lookedUp).toBe(2);
  });
});

describe('while subscriptions come and go', () => {
  it.each([
    ['now and then', 1_000],
    ['all the time', 0],
  ])('%s each event is told to those that are there', async (_how, ms) => {
    pauseMs = ms;
    const [{ reference }, ...others] = [await book(), await book(), await book()];
    let isOver = false;
    const noise = others.map(async (unit) => {
      while (!isOver) await toldOf(unit.reference);
    });
    const comeAndGo = async () => {
      for (let round = 0; round < 25; round += 1) {
        const id = await subscribe(round % 2 === 0 ? { reference } : {});
        expect(await toldOf(reference)).toEqual([due(id)]);
        await subscriptions().remove(carrier, id);
        expect(await toldOf(reference)).toEqual([]);
      }
    };
    await comeAndGo().finally(() => {
      isOver = true;
    });
    await Promise.all(noise);
  });
});

describe('an event that waits for a change of its subscription', () => {
  type Change = (id: string) => Promise<unknown>;

  /** Both at one moment: the change holds the counters, the event has read what was before. */
  async function toldDuring(id: string, reference: string, change: Change) {
    const blocker = await bench.database.connect();
    const waiting = async () => {
      const rows = await bench.database.query(
        `select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows.length;
    };
    try {
      await blocker.query('begin');
      await blocker.query('select from subscriptions where id = $1 for no key update', [id]);
      const changed = change(id);
      await expect.poll(waiting).toBe(1);
      const told = toldOf(reference);
      await expect.poll(waiting).toBe(2);
      await blocker.query('commit');
      await changed;
      return await told;
    } finally {
      blocker.release();
    }
  }

  it.each<[string, 'active' | 'paused', Change, (id: string) => object[]]>([
    [
      'moved',
      'active',
      (id) => subscriptions().update(carrier, id, { url: 'https://y.test/' }),
      (id) => [due(id, 'https://y.test/')],
    ],
    [
      'paused',
      'active',
      (id) => subscriptions().update(carrier, id, { state: 'paused' }),
      (id) => [{ ...due(id), isDue: false }],
    ],
    [
      'resumed',
      'paused',
      (id) => subscriptions().update(carrier, id, { state: 'active' }),
      (id) => [due(id)],
    ],
    ['removed', 'active', (id) => subscriptions().remove(carrier, id), () => []],
  ])('is told as if it came behind it: %s', async (_, state, change, expected) => {
    for (pauseMs of [1_000, 0]) {
      const { reference } = await book();
      const id = await subscribe({ reference });
      await subscriptions().update(carrier, id, { state });
      await toldOf(reference);
      expect(await toldDuring(id, reference, change)).toEqual(expected(id));
    }
  });
});
