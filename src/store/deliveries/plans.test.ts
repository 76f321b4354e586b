// The plans of delivery, and of what is asked about deliveries and subscriptions, on tables large
// enough for the planner to care: none is read from end to end.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createPlansBench,
  type Explaining,
  explaining,
  type PlansBench,
} from '../../../test/support/plans.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { SubscriptionsPort } from '../../dialects/hub-port.ts';
import { bucketOfId } from '../../lib/id.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import type { Completion } from './complete.ts';
import { createDeliveryStore, type DeliveryStore } from './delivery-store.ts';
import { createDeliveries } from './index.ts';

const all = { endpointId: '', buckets: undefined, afterPosition: 0, limit: 10, rowsMax: 100 };
const owner = '00000000-0000-7000-8000-000000000001';
const page = { limit: 50 };

let bench: PlansBench;
let told: Explaining;
let store: DeliveryStore;
let subscriptions: Omit<SubscriptionsPort, 'ping'>;
let shipper: Principal;
/** Of `LOT-0`: a subscription, its endpoint and its unit have one id here. */
let id = '';

beforeAll(async () => {
  bench = await createPlansBench();
  id = bench.someUnit;
  shipper = bench.shipper;
  await bench.database.query('update bucket_leases set owner = $1, epoch = 1', [owner]);
});
afterAll(() => bench.drop());

beforeEach(() => {
  told = explaining(bench);
  const { database } = told;
  const { nowMs, newId } = bench;
  store = createDeliveryStore(database);
  subscriptions = createSubscriptions({
    ...{ database, nowMs, newId },
    secrets: { issue: () => ({ secret: 'whsec_', sealed: 'sealed' }) },
    checkUrl: (url) => ({ ok: true, url: new URL(url) }),
    onChange: () => undefined,
  });
});

function expectNothingReadWhole(plansMin = 1): void {
  expect(told.readWhole()).toEqual([]);
  expect(told.plans()).toBeGreaterThanOrEqual(plansMin);
}

const waiting = async () => (await store.readLane({ ...all, endpointId: id })).deliveries;

it('finds what waits, endpoint by endpoint and lane by lane', async () => {
  expect(await store.waitingEndpoints({ limit: 100 })).toHaveLength(100);
  expect(await store.waitingEndpoints({ before: id, limit: 100 })).toEqual([]);
  const [first] = await waiting();
  expect(first?.event?.type).toBe('gated-in');
  const buckets = [first?.bucket ?? -1];
  const ofBucket = await store.readLane({ ...all, endpointId: id, buckets });
  expect(ofBucket.deliveries).toHaveLength(1);
  expectNothingReadWhole();
});

it('reads no more of a long backlog than a page, and each event of it by its key', async () => {
  const { database } = bench;
  const reads = `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as sum
    from pg_stat_xact_all_tables where relname = 'deliveries' or relname like 'events_y%'`;
  const look = () => database.query<{ sum: number }>(reads);
  await database.transaction(async () => {
    await database.query('update deliveries set endpoint_id = $1', [id]);
    await database.query('analyze deliveries');
    const [before] = await look();
    const longest = { ...all, endpointId: id, rowsMax: 5_000 };
    const { deliveries, isComplete } = await createDeliveryStore(database).readLane(longest);
    const [after] = await look();
    await database.query('update deliveries set endpoint_id = subscription_id');
    expect(deliveries).toHaveLength(longest.limit);
    expect(isComplete).toBe(false);
    expect((after?.sum ?? 0) - (before?.sum ?? 0)).toBeLessThan(4 * longest.limit);
  });
});

it('knows subscriptions, and which have changed', async () => {
  expect(await store.loadForSending([id])).toHaveLength(1);
  const newest = await store.newestVersion();
  expect(newest).toBeGreaterThan(0);
  expect(await store.changedSubscriptions(newest, 100)).toEqual([]);
  expect(await store.changedSubscriptions(newest - 1, 1)).toHaveLength(1);
  expectNothingReadWhole();
});

it('writes down how attempts ended, failed and delivered', async () => {
  const rows = await bench.database.query<{ bucket: number; id: string }>(
    'select bucket, id from deliveries order by id limit 200 offset 100',
  );
  const completions = rows.map(({ bucket, id }, at): Completion => {
    const ending = (['kept', 'delivered', 'parked'] as const)[at % 3] ?? 'kept';
    const outcome = ending === 'delivered' ? 'delivered' : 'failed';
    const rest = { attemptCount: 2, isFirst: at % 2 === 0, delayMs: 5, atMs: 0, durationMs: 5 };
    return { bucket, id, epoch: 1, ending, outcome, status: 200, ...rest };
  });
  await store.complete(owner, completions);
  const [row] = await bench.database.query<{ count: number }>(
    `select count(*)::int as count from deliveries where attempt_count = 2`,
  );
  expect(row?.count).toBe(67);
  expectNothingReadWhole();
});

it('warns of a subscription, stops it, and lets it go on', async () => {
  const [row] = await store.loadForSending([id]);
  if (row === undefined) throw new Error('no such subscription');
  const { organizationId, endpointId } = row;
  const notice = { id: bench.newId(bucketOfId(id) ?? 0), text: '{}' };
  const given = { id, organizationId, endpointId, nowMs: bench.nowMs(), notice };
  await store.warnSubscription(given);
  expect(await store.disableSubscription({ ...given, reason: 'gone' })).toBe(true);
  expect((await waiting())[0]?.isHeld).toBe(true);
  await subscriptions.update(shipper, id, { state: 'active' });
  await store.releaseHeld({ id, endpointId, nowMs: bench.nowMs() });
  expect((await waiting())[0]?.isHeld).toBe(false);
  expectNothingReadWhole(10);
});

it('lists deliveries, shows one, and puts back what was delivered', async () => {
  const { database } = told;
  const deliveries = createDeliveries({ database, nowMs: bench.nowMs, wake: () => undefined });
  const listed = await deliveries.list(shipper, { subscription: id }, page);
  expect(listed.items).toHaveLength(4);
  for (const query of [{}, { unit: 'LOT-0' }, { unit: id }, { unit: 'CNI0000000000' }]) {
    expect((await deliveries.list(shipper, query, page)).items).not.toEqual([]);
  }
  await deliveries.list(shipper, { unit: 'LOT-0', subscription: id }, page);
  await deliveries.list(shipper, { state: 'delivered', subscription: id }, page);
  const done = listed.items.filter(({ state }) => state === 'delivered');
  const one = done[0]?.id ?? '';
  expect((await deliveries.get(shipper, one))?.attempts).toHaveLength(1);
  expect(await deliveries.replay(shipper, one)).toBe(true);
  expect(await deliveries.replayRange(shipper, id, {})).toBe(done.length - 1);
  expectNothingReadWhole(10);
});

it('creates, finds, changes and ends subscriptions', async () => {
  const given = { dialect: 'hub', url: 'https://receiver.example/new', filter: {}, sameAs: 'x' };
  const made = await subscriptions.create(shipper, given);
  expect((await subscriptions.create(shipper, given)).created).toBe(false);
  const mine = made.subscription.id;
  expect((await subscriptions.get(shipper, mine))?.id).toBe(mine);
  expect((await subscriptions.list(shipper, { dialect: 'hub' }, page)).items).toHaveLength(50);
  await subscriptions.update(shipper, id, { url: 'https://receiver.example/moved' });
  await subscriptions.update(shipper, id, { state: 'paused' });
  await subscriptions.rotateSecret(shipper, id);
  expect(await subscriptions.remove(shipper, id)).toBe(true);
  expectNothingReadWhole(15);
});
