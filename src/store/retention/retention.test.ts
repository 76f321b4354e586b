// Retention on a real database: what goes together goes at once, and what is still needed stays.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import { bucketOfId } from '../../lib/id.ts';
import { completeDeliveries } from '../deliveries/complete.ts';
import { readLane } from '../deliveries/read-lane.ts';
import { ensurePartitions } from '../partitions.ts';
import { createRecorder, type RecordedDelivery, type Recorder } from '../record/index.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import { hasClosed } from '../units/has-closed.ts';
import { createUnits } from '../units/index.ts';
import { applyRetention, type RetentionParts } from './index.ts';

const dayMs = 86_400_000;
let bench: StoreBench;
let recorder: Recorder;
let owner: Principal;
let handed: RecordedDelivery[];
const processId = randomUUID();

beforeEach(async () => {
  bench = await createStoreBench();
  const { database, nowMs, newId } = bench;
  handed = [];
  recorder = createRecorder({
    ...{ database, nowMs, newId, logger: { error: () => undefined } },
    handOver: (deliveries) => handed.push(...deliveries),
  });
  moveTo(400);
  owner = memberOf(await bench.organization());
  await database.query('update bucket_leases set owner = $1, epoch = 1', [processId]);
  await createUnits(bench).put(owner, { reference: 'UNIT-1', freightFamily: 'Container' });
  await createSubscriptions({
    ...bench,
    secrets: { issue: () => ({ secret: 'whsec_x', sealed: 'sealed' }) },
    checkUrl: (text) => ({ ok: true, url: new URL(text) }),
    onChange: () => undefined,
  }).create(owner, { dialect: 'hub', url: 'https://x.test/', filter: { reference: 'UNIT-1' } });
});
afterEach(() => bench.drop());

/** Sets the hub's clock so many days back. */
function moveTo(daysAgo: number): void {
  bench.clock.nowMs = Date.now() - daysAgo * dayMs;
}

interface Recorded {
  readonly id: string;
  readonly delivery: RecordedDelivery;
}

const draft = (occurredAt: string) => ({
  unit: { reference: 'UNIT-1' },
  type: 'gated-out' as const,
  classifier: 'actual' as const,
  occurredAt: timeOf(occurredAt),
  source: { dialect: 'hub' },
  received: '{}',
});

/** An event with its delivery, in the partition of its time. */
async function record(daysAgo: number): Promise<Recorded> {
  moveTo(daysAgo);
  await ensurePartitions({ ...bench, monthsAhead: 0 });
  const occurredAt = new Date(bench.clock.nowMs).toISOString();
  const [result] = await recorder.record(owner, [draft(occurredAt)]);
  const delivery = handed.at(-1);
  if (result?.status !== 'recorded' || delivery === undefined) throw new Error('not recorded');
  return { id: result.id, delivery };
}

interface Completed {
  readonly ending: 'delivered' | 'parked' | 'kept';
  readonly daysAgo: number;
  readonly attempt?: number;
}

async function complete(
  { delivery: { bucket, id } }: Recorded,
  { ending, daysAgo, attempt = 1 }: Completed,
): Promise<void> {
  const atMs = Date.now() - daysAgo * dayMs;
  const figures = { attemptCount: attempt, isFirst: false, delayMs: 0, durationMs: 5, atMs };
  const outcome = ending === 'delivered' ? 'delivered' : 'failed';
  const completion = { bucket, id, epoch: 1, ending, outcome, ...figures } as const;
  await completeDeliveries(bench.database, processId, [completion]);
}

/** By the real clock: retention asks the database's, too. */
const run = (given: Partial<RetentionParts> = {}) =>
  applyRetention({
    ...{ database: bench.database, nowMs: Date.now, eventsDays: undefined, attemptsDays: 30 },
    ...given,
  });

async function count(table: string, where = 'true'): Promise<number> {
  const [row] = await bench.database.query<{ many: number }>(
    `select count(*) as many from ${table} where ${where}`,
  );
  return row?.many ?? -1;
}

const counts = async () => ({
  events: await count('events'),
  keys: await count('event_keys'),
  waiting: await count('deliveries'),
  done: await count('deliveries_done'),
  attempts: await count('attempts'),
});

const suffixOf = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 7).replace('-', 'm');

describe('attempts', () => {
  it('go after 30 days, and nothing else does', async () => {
    for (const daysAgo of [200, 100, 1]) {
      await complete(await record(daysAgo), { ending: 'delivered', daysAgo });
    }
    const result = await run();
    expect(result?.dropped).toEqual([`attempts_y${suffixOf(200)}`, `attempts_y${suffixOf(100)}`]);
    expect(await counts()).toEqual({ events: 3, keys: 3, waiting: 0, done: 3, attempts: 1 });
    expect((await run())?.dropped).toEqual([]);
  });

  it('that are younger than their event are kept until they are old', async () => {
    const paused = await record(100);
    await complete(paused, { ending: 'kept', daysAgo: 40 });
    await complete(paused, { ending: 'kept', daysAgo: 20, attempt: 2 });
    await complete(paused, { ending: 'delivered', daysAgo: 2, attempt: 3 });
    await run();
    expect(await count('attempts')).toBe(2);
    expect(await run({ attemptsDays: 10 })).toMatchObject({ dropped: [], deleted: 1 });
    expect(await count('attempts')).toBe(1);
  });

  it('are kept for ever where that is asked for', async () => {
    await complete(await record(300), { ending: 'delivered', daysAgo: 300 });
    expect((await run({ attemptsDays: undefined }))?.dropped).toEqual([]);
  });
});

describe('events', () => {
  it('go with their deliveries, attempts and keys, and what was never delivered is told', async () => {
    await complete(await record(300), { ending: 'delivered', daysAgo: 300 });
    await complete(await record(299), { ending: 'parked', daysAgo: 299 });
    await complete(await record(1), { ending: 'delivered', daysAgo: 1 });
    const result = await run({ eventsDays: 100, attemptsDays: undefined });
    expect(result).toMatchObject({ parkedDropped: 1, busy: [], waiting: [] });
    expect(await counts()).toEqual({ events: 1, keys: 1, waiting: 0, done: 1, attempts: 1 });
    expect(await count('pg_class', `relname like '%y${suffixOf(300)}'`)).toBe(0);
  });

  it('told again after that are news, and were duplicates before', async () => {
    await complete(await record(300), { ending: 'delivered', daysAgo: 300 });
    const again = draft(new Date(bench.clock.nowMs).toISOString());
    expect((await recorder.record(owner, [again]))[0]?.status).toBe('duplicate');
    await run({ eventsDays: 100 });
    moveTo(0);
    expect((await recorder.record(owner, [again]))[0]?.status).toBe('recorded');
  });

  it('stay while a delivery waits for them, can be sent, and go after that', async () => {
    const held = await record(300);
    await complete(await record(301), { ending: 'delivered', daysAgo: 300 });
    await run({ eventsDays: 100 });
    const { id, delivery } = held;
    expect(await counts()).toMatchObject({ events: 1, keys: 1, waiting: 1, done: 0 });
    const { endpointId } = delivery;
    const asked = { endpointId, buckets: undefined, afterPosition: 0, limit: 9, rowsMax: 9 };
    const { deliveries } = await readLane(bench.database, asked);
    expect(deliveries.map(({ event }) => event?.id)).toEqual([id]);
    await complete(held, { ending: 'delivered', daysAgo: 0 });
    expect((await run({ eventsDays: 100 }))?.deleted).toBe(1);
    expect(await counts()).toMatchObject({ events: 0, keys: 0, waiting: 0, done: 0 });
  });

  it('of a month that very many deliveries wait for stay altogether', async () => {
    const { id, delivery } = await record(300);
    await bench.database.query(
      `insert into deliveries
       select bucket, (substr(id::text, 1, 24) || lpad(to_hex(n), 10, '0') || substr(id::text, 35))::uuid,
         endpoint_id, position + n, subscription_id, sequence + n, event_id, unit_id, due_at, 0
       from deliveries, generate_series(1, 5000) n where id = $1`,
      [delivery.id],
    );
    const result = await run({ eventsDays: 100 });
    expect(result?.waiting).toContain(`events_y${suffixOf(300)}`);
    expect(await count('events', `id = '${id}'`)).toBe(1);
  });

  it('leave behind that their passage has closed', async () => {
    const { delivery } = await record(300);
    await complete({ id: '', delivery }, { ending: 'delivered', daysAgo: 300 });
    await run({ eventsDays: 100 });
    const unit = { bucket: bucketOfId(delivery.event.unit.id) ?? -1, id: delivery.event.unit.id };
    expect(await count('events')).toBe(0);
    expect(await hasClosed(bench.database, unit)).toBe(true);
  });

  it('that were withdrawn later leave nothing behind', async () => {
    const { id, delivery } = await record(300);
    await complete({ id, delivery }, { ending: 'delivered', daysAgo: 300 });
    moveTo(1);
    const withdrawal = { ...draft(new Date(bench.clock.nowMs).toISOString()), retracts: id };
    expect((await recorder.record(owner, [withdrawal]))[0]?.status).toBe('recorded');
    await run({ eventsDays: 100 });
    expect(await count('events')).toBe(1);
    expect(await count('passage_summaries')).toBe(0);
  });

  it('in the default partition go as well', async () => {
    moveTo(300);
    await recorder.record(owner, [draft(new Date(bench.clock.nowMs).toISOString())]);
    const delivery = handed.at(-1);
    if (delivery === undefined) throw new Error('no delivery');
    expect(await count('events_default')).toBe(1);
    expect((await run({ eventsDays: 100 }))?.deleted).toBe(0);
    await complete({ id: '', delivery }, { ending: 'delivered', daysAgo: 300 });
    expect((await run({ eventsDays: 100 }))?.deleted).toBeGreaterThan(0);
    expect(await counts()).toEqual({ events: 0, keys: 0, waiting: 0, done: 0, attempts: 0 });
  });
});

it('leaves no finished delivery behind whose event went with its month', async () => {
  await complete(await record(300), { ending: 'delivered', daysAgo: 300 });
  const name = `deliveries_done_y${suffixOf(300)}`;
  await bench.database.query(`alter table deliveries_done detach partition ${name}`);
  await bench.database.query(`insert into deliveries_done select * from ${name}`);
  await bench.database.query(`drop table ${name}`);
  expect((await run({ eventsDays: 100 }))?.deleted).toBe(1);
  expect(await counts()).toMatchObject({ events: 0, done: 0 });
});

describe('a run', () => {
  it('gives way to who reads the tables, lets recording through, and succeeds the next time', async () => {
    await complete(await record(300), { ending: 'delivered', daysAgo: 300 });
    const reader = await bench.database.connect();
    await reader.query('begin');
    await reader.query('select from events limit 1');
    moveTo(0);
    await ensurePartitions({ ...bench, monthsAhead: 0 });
    const now = () => recorder.record(owner, [draft(new Date(bench.clock.nowMs).toISOString())]);
    const [result, [recorded]] = await Promise.all([run({ eventsDays: 100 }), now()]);
    expect(recorded?.status).toBe('recorded');
    expect(result?.busy).toEqual([`events_y${suffixOf(300)}`, `deliveries_done_y${suffixOf(300)}`]);
    await reader.query('commit');
    reader.release();
    expect((await run({ eventsDays: 100 }))?.busy).toEqual([]);
    expect(await count('events')).toBe(1);
  });

  it('is done by one process at a time', async () => {
    const other = await bench.database.connect();
    await other.query('select pg_advisory_lock(7061996)');
    expect(await run()).toBeUndefined();
    await other.query('select pg_advisory_unlock(7061996)');
    other.release();
    expect(await run()).toBeDefined();
  });

  it('finishes what an interrupted one has begun', async () => {
    await complete(await record(300), { ending: 'delivered', daysAgo: 20 });
    for (const table of ['events', 'deliveries_done', 'attempts']) {
      const name = `${table}_y${suffixOf(300)}`;
      await bench.database.query(`alter table ${table} detach partition ${name}`);
    }
    expect((await run({ attemptsDays: undefined }))?.dropped).toHaveLength(3);
    expect(await counts()).toEqual({ events: 0, keys: 0, waiting: 0, done: 0, attempts: 1 });
  });

  it('drops nothing by a clock that has jumped', async () => {
    await complete(await record(10), { ending: 'delivered', daysAgo: 10 });
    const nowMs = () => Date.now() + 365 * dayMs;
    await expect(run({ nowMs, eventsDays: 30 })).rejects.toThrow(/differ by \d+ minutes/);
    expect(await counts()).toMatchObject({ events: 1, done: 1, attempts: 1 });
  });
});
