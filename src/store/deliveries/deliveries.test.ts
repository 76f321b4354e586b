/** The port on a real database: who sees what, lists, and putting deliveries back. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import {
  createSeeds,
  type SeededSubscription,
  type Seeds,
} from '../../../test/support/seed-deliveries.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { DeliveriesPort, Delivery } from '../../dialects/hub-port.ts';
import { timeOfId } from '../../lib/id.ts';
import { createSealer } from '../../lib/seal.ts';
import type { RecordedDelivery } from '../record/index.ts';
import { type Completion, completeDeliveries } from './complete.ts';
import { createDeliveries } from './index.ts';
import { waitingEndpoints } from './waiting-endpoints.ts';

const owner = '00000000-0000-4000-8000-000000000001';
const url = 'https://receiver.example/hook';
let store: TestDatabase;
let seeds: Seeds;
let port: DeliveriesPort;
let subscription: SeededSubscription;
let asOwner: Principal;
let asStranger: Principal;
const operator: Principal = { kind: 'operator', id: 'operator', scopes: new Set() };
const woken: number[] = [];

function principalOf(organization: string): Principal {
  return { kind: 'key', id: 'k', organization, scopes: new Set() };
}

beforeAll(async () => {
  store = await createTestDatabase();
  seeds = createSeeds(store.database, createSealer(randomBytes(32)));
  port = createDeliveries({
    database: store.database,
    nowMs: Date.now,
    wake: (buckets) => woken.push(...buckets),
  });
  subscription = await seeds.subscription({ url, externalId: 'TRK0000000001' });
  asOwner = principalOf(subscription.organization);
  asStranger = principalOf(await seeds.organization());
  await store.database.query('update bucket_leases set owner = $1, epoch = 7', [owner]);
});
afterAll(() => store.drop());

async function record(unit: string, count = 1): Promise<RecordedDelivery[]> {
  return seeds.record(Array.from({ length: count }, () => ({ subscription, unit })));
}

async function one(unit: string): Promise<RecordedDelivery> {
  const [delivery] = await record(unit);
  if (delivery === undefined) throw new Error('nothing was recorded');
  return delivery;
}

function completionOf(delivery: RecordedDelivery, given: Partial<Completion> = {}): Completion {
  return {
    bucket: delivery.bucket,
    id: delivery.id,
    epoch: 7,
    ending: 'delivered',
    attemptCount: 1,
    isFirst: true,
    atMs: 1_800_000_000_000,
    outcome: 'delivered',
    status: 204,
    durationMs: 12,
    ...given,
  };
}

const complete = (...completions: Completion[]) =>
  completeDeliveries(store.database, owner, completions);

async function listAll(principal: Principal, query: Parameters<DeliveriesPort['list']>[1]) {
  const items: Delivery[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await port.list(principal, query, { limit: 3, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

describe('completing', () => {
  test('moves what is finished, reschedules what failed and records every attempt', async () => {
    const [delivered, parked, kept] = await record('MSKU0000001', 3);
    if (!delivered || !parked || !kept) throw new Error('nothing was recorded');
    const text = 'a "quoted" \\ text, {with} NULL and ü';
    await complete(
      completionOf(delivered, { response: text }),
      completionOf(parked, { ending: 'parked', outcome: 'failed', stage: 'dns', payload: text }),
      completionOf(kept, {
        ending: 'kept',
        outcome: 'refused',
        status: 500,
        delayMs: 60_000,
        payload: text,
      }),
    );
    const first = await port.get(asOwner, delivered.id);
    expect(first).toMatchObject({
      id: delivered.id,
      subscription: subscription.id,
      sequence: delivered.sequence,
      event: delivered.event.id,
      unit: delivered.event.unit.id,
      state: 'delivered',
      attemptCount: 1,
      finishedAtMs: 1_800_000_000_012,
    });
    expect(first?.attempts).toEqual([
      {
        number: 1,
        atMs: 1_800_000_000_000,
        outcome: 'delivered',
        status: 204,
        durationMs: 12,
        response: text,
      },
    ]);
    expect(await port.get(asOwner, parked.id)).toMatchObject({
      state: 'parked',
      attempts: [{ number: 1, outcome: 'failed', stage: 'dns' }],
    });
    const third = await port.get(asOwner, kept.id);
    expect(third).toMatchObject({ state: 'pending', attempts: [{ number: 1, status: 500 }] });
    expect(third?.dueAtMs).toBeGreaterThan(Date.now() + 50_000);
    await complete(completionOf(kept, { attemptCount: 2, isFirst: false }));
    expect(await port.get(asOwner, kept.id)).toMatchObject({
      state: 'delivered',
      attempts: [{ number: 1 }, { number: 2 }],
    });
    const [row] = await store.database.query('select payload from deliveries_done where id = $1', [
      kept.id,
    ]);
    expect(row).toEqual({ payload: text });
  });

  test('done twice is done once', async () => {
    const delivery = await one('MSKU0000002');
    await complete(completionOf(delivery));
    await complete(completionOf(delivery));
    expect((await port.get(asOwner, delivery.id))?.attempts.length).toBe(1);
  });

  test.each([
    ['an old epoch', owner, 6],
    ['another owner', '00000000-0000-4000-8000-000000000002', 7],
  ])('under %s changes nothing', async (_what, by, epoch) => {
    const [delivered, kept] = await record('MSKU0000003', 2);
    if (!delivered || !kept) throw new Error('nothing was recorded');
    await completeDeliveries(store.database, by, [
      completionOf(delivered, { epoch }),
      completionOf(kept, { epoch, ending: 'kept', outcome: 'failed', delayMs: 1_000 }),
    ]);
    for (const { id } of [delivered, kept]) {
      expect(await port.get(asOwner, id)).toMatchObject({
        state: 'pending',
        attemptCount: 0,
        attempts: [],
      });
    }
    await complete(completionOf(delivered), completionOf(kept));
  });

  test('leaves held back what was paused while it was under way', async () => {
    const delivery = await one('MSKU0000004');
    await seeds.setState(subscription.id, 'paused');
    await complete(completionOf(delivery, { ending: 'kept', outcome: 'failed', delayMs: 1_000 }));
    expect(await port.get(asOwner, delivery.id)).not.toHaveProperty('dueAtMs');
    await seeds.setState(subscription.id, 'active');
    await complete(completionOf(delivery, { isFirst: false }));
  });
});

describe('lists', () => {
  let deliveries: RecordedDelivery[];

  beforeAll(async () => {
    deliveries = [...(await record('MSKU1000001', 4)), ...(await record('MSKU1000002', 4))];
    await complete(...deliveries.slice(2, 6).map((delivery) => completionOf(delivery)));
  });

  test('hold pending and finished ones, newest first, page by page', async () => {
    const wanted = deliveries
      .map((delivery) => delivery.id)
      .sort()
      .reverse();
    const ids = (await listAll(asOwner, {})).map((delivery) => delivery.id);
    expect(ids.slice(0, 8)).toEqual(wanted);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
  });

  test('are narrowed by subscription, unit and state', async () => {
    const idsOf = async (query: Parameters<DeliveriesPort['list']>[1]) =>
      (await listAll(asOwner, query)).map((delivery) => delivery.id);
    const all = (await listAll(asOwner, {})).map((delivery) => delivery.id);
    expect(await idsOf({ subscription: subscription.id })).toEqual(all);
    expect(await idsOf({ subscription: 'TRK0000000001' })).toEqual(all);
    const [, , , , first] = deliveries;
    const unitIds = deliveries
      .slice(4)
      .map((delivery) => delivery.id)
      .sort()
      .reverse();
    expect(await idsOf({ unit: 'MSKU1000002' })).toEqual(unitIds);
    expect(await idsOf({ unit: 'msku 100000-2' })).toEqual(unitIds);
    expect(await idsOf({ unit: first?.event.unit.id ?? '' })).toEqual(unitIds);
    expect(await idsOf({ unit: 'MSKU1000002', state: 'pending' })).toEqual(
      deliveries
        .slice(6)
        .map((delivery) => delivery.id)
        .sort()
        .reverse(),
    );
    expect(await idsOf({ unit: 'MSKU1000002', state: 'delivered' })).toEqual(
      deliveries
        .slice(4, 6)
        .map((delivery) => delivery.id)
        .sort()
        .reverse(),
    );
    expect(await idsOf({ unit: 'MSKU1000002', state: 'parked' })).toEqual([]);
    expect(await idsOf({ unit: 'nul\0l' })).toEqual([]);
  });

  test('show another organization nothing, and the operator everything', async () => {
    expect(await listAll(asStranger, {})).toEqual([]);
    expect(await listAll(asStranger, { subscription: subscription.id })).toEqual([]);
    expect(await listAll(asStranger, { unit: 'MSKU1000002' })).toEqual([]);
    const id = deliveries[0]?.id ?? '';
    expect(await port.get(asStranger, id)).toBeUndefined();
    expect(await port.replay(asStranger, id)).toBe(false);
    expect(await port.replayRange(asStranger, subscription.id, {})).toBeUndefined();
    expect((await listAll(operator, {})).length).toBe((await listAll(asOwner, {})).length);
    expect(await port.get(operator, id)).toMatchObject({ id });
    expect(await port.get(asOwner, 'nonsense')).toBeUndefined();
  });

  test('refuse a cursor that is not theirs', async () => {
    const listed = port.list(asOwner, {}, { limit: 1, cursor: 'bm9uc2Vuc2U' });
    await expect(listed).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('putting back', () => {
  test('keeps id, sequence and text, begins the schedule anew and counts attempts on', async () => {
    const [first, second] = await record('MSKU2000001', 2);
    if (!first || !second) throw new Error('nothing was recorded');
    const parked = {
      ending: 'parked',
      outcome: 'refused',
      status: 413,
      payload: 'as sent',
    } as const;
    await complete(completionOf(first, { ...parked, attemptCount: 3 }), completionOf(second));
    woken.length = 0;
    expect(await port.replay(asOwner, first.id)).toBe(true);
    expect(woken).toEqual([first.bucket]);
    expect(await port.get(asOwner, first.id)).toMatchObject({
      state: 'pending',
      sequence: first.sequence,
      attemptCount: 0,
      attempts: [{ number: 1 }],
    });
    const [row] = await store.database.query<{ position: number; payload: string }>(
      'select position, payload from deliveries where id = $1',
      [first.id],
    );
    expect(row?.position).toBeGreaterThan(second.position);
    expect(row?.payload).toBe('as sent');
    const waiting = await waitingEndpoints(store.database, { limit: 10 });
    expect(waiting).toContainEqual({
      endpointId: subscription.endpointId,
      lastPosition: row?.position,
    });
    await complete(completionOf(first, { isFirst: false }));
    expect(await port.get(asOwner, first.id)).toMatchObject({
      state: 'delivered',
      attempts: [
        { number: 1, outcome: 'refused' },
        { number: 2, outcome: 'delivered' },
      ],
    });
  });

  test('makes one that waits due at once, where it stands', async () => {
    const delivery = await one('MSKU2000002');
    await complete(
      completionOf(delivery, { ending: 'kept', outcome: 'failed', delayMs: 3_600_000 }),
    );
    expect(await port.replay(asOwner, delivery.id)).toBe(true);
    const after = await port.get(asOwner, delivery.id);
    expect(after).toMatchObject({ state: 'pending', attemptCount: 1 });
    expect(after?.dueAtMs).toBeLessThanOrEqual(Date.now());
    const [row] = await store.database.query<{ position: number }>(
      'select position from deliveries where id = $1',
      [delivery.id],
    );
    expect(row?.position).toBe(delivery.position);
    await complete(completionOf(delivery, { isFirst: false }));
  });

  test('of a range takes what was recorded in it, in the order of the sequence', async () => {
    const other = await seeds.subscription({ url: `${url}/range` });
    const seed = { subscription: other, unit: 'MSKU2000003' };
    const recorded = await seeds.record(Array.from({ length: 1_500 }, () => seed));
    await complete(...recorded.map((delivery) => completionOf(delivery)));
    const atMs = timeOfId(recorded[0]?.id ?? '') ?? 0;
    expect(await port.replayRange(asOwner, other.id, { toMs: atMs })).toBe(0);
    expect(await port.replayRange(asOwner, other.id, { fromMs: atMs })).toBe(1_500);
    const rows = await store.database.query<{ sequence: number }>(
      'select sequence from deliveries where subscription_id = $1 order by position',
      [other.id],
    );
    expect(rows.map((row) => row.sequence)).toEqual(recorded.map((each) => each.sequence));
    expect(await port.replayRange(asOwner, other.id, {})).toBe(0);
  });

  test('to a paused subscription waits for it; to an expired one it is refused', async () => {
    const other = await seeds.subscription({ url: `${url}/paused` });
    const [delivery] = await seeds.record([{ subscription: other, unit: 'MSKU2000004' }]);
    if (delivery === undefined) throw new Error('nothing was recorded');
    await complete(completionOf(delivery));
    await seeds.setState(other.id, 'paused');
    expect(await port.replay(asOwner, delivery.id)).toBe(true);
    expect(await port.get(asOwner, delivery.id)).not.toHaveProperty('dueAtMs');
    await complete(completionOf(delivery, { isFirst: false }));
    await seeds.setState(other.id, 'expired');
    await expect(port.replay(asOwner, delivery.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('by sequence takes both ends', async () => {
    const other = await seeds.subscription({ url: `${url}/sequence` });
    const seed = { subscription: other, unit: 'MSKU2000005' };
    const recorded = await seeds.record(Array.from({ length: 6 }, () => seed));
    await complete(...recorded.map((delivery) => completionOf(delivery)));
    const range = { fromSequence: 2, toSequence: 4 };
    expect(await port.replayRange(asOwner, other.id, range)).toBe(3);
    const pending = await listAll(asOwner, { subscription: other.id, state: 'pending' });
    expect(pending.map(({ sequence }) => sequence).sort()).toEqual([2, 3, 4]);
    expect(await port.replayRange(asOwner, other.id, { fromSequence: 6 })).toBe(1);
    expect(await port.replayRange(asOwner, other.id, { toSequence: 1 })).toBe(1);
    expect(await port.replayRange(asOwner, other.id, { fromSequence: 7 })).toBe(0);
  });

  test('is refused from the moment that the time of the subscription is over', async () => {
    const other = await seeds.subscription({ url: `${url}/over` });
    const [delivery] = await seeds.record([{ subscription: other, unit: 'MSKU2000006' }]);
    if (delivery === undefined) throw new Error('nothing was recorded');
    await complete(completionOf(delivery));
    await store.database.query('update subscriptions set expires_at = $2 where id = $1', [
      other.id,
      new Date(Date.now() - 1).toISOString(),
    ]);
    await expect(port.replay(asOwner, delivery.id)).rejects.toMatchObject({ code: 'conflict' });
    const range = port.replayRange(asOwner, other.id, {});
    await expect(range).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is over when the subscription is deleted, but its deliveries stay listed', async () => {
    const other = await seeds.subscription({ url: `${url}/deleted` });
    const [delivery] = await seeds.record([{ subscription: other, unit: 'MSKU2000007' }]);
    if (delivery === undefined) throw new Error('nothing was recorded');
    await complete(completionOf(delivery));
    await seeds.setState(other.id, 'deleted');
    const listed = (principal: Principal) => listAll(principal, { subscription: other.id });
    expect(await listed(asOwner)).toMatchObject([{ id: delivery.id, state: 'delivered' }]);
    expect(await listed(asStranger)).toEqual([]);
    expect(await port.get(asOwner, delivery.id)).toMatchObject({ attempts: [{ number: 1 }] });
    await expect(port.replay(asOwner, delivery.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await port.replayRange(asOwner, other.id, {})).toBeUndefined();
  });
});
