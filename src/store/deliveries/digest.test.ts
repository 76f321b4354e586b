/** The digest of a subscription, against what a receiver makes of the ids that it got. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import {
  createSeeds,
  type SeededSubscription,
  type Seeds,
} from '../../../test/support/seed-deliveries.ts';
import type { Principal } from '../../dialects/dialect.ts';
import { createIdSource, timeOfId } from '../../lib/id.ts';
import { createSealer } from '../../lib/seal.ts';
import type { Database } from '../database.ts';
import { ensurePartitions } from '../partitions.ts';
import { digestOf } from './digest.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 10, 30, 20);
const endMs = startMs + 8 * hourMs;
let store: TestDatabase;
let seeds: Seeds;
let subscription: SeededSubscription;
let asOwner: Principal;
let ids: string[] = [];

const principalOf = (organization: string): Principal => ({
  ...{ kind: 'application', id: 'a', organization, scopes: new Set<string>() },
});

/** Ids of a clock that is set, across the end of a month and so of a partition. */
function makeIds(count: number): string[] {
  const source = createIdSource({
    now: () => startMs + made * 90_000,
    random: (bytes) => void bytes.set(randomBytes(bytes.length)),
  });
  let made = 0;
  return Array.from({ length: count }, () => {
    made += 1;
    return source.next(made % 256);
  });
}

const insertDone = `insert into deliveries_done (bucket, id, subscription_id, sequence, event_id,
    unit_id, state, attempt_count, finished_at)
  select 0, id, $1, n, id, id, 'delivered', 1, now()
  from unnest($2::uuid[]) with ordinality as t (id, n)`;
const insertWaiting = `insert into deliveries (bucket, id, endpoint_id, position, subscription_id,
    sequence, event_id, unit_id, due_at, attempt_count)
  select 0, id, $3, n, $1, n, id, id, now(), 0
  from unnest($2::uuid[]) with ordinality as t (id, n)`;

beforeAll(async () => {
  store = await createTestDatabase();
  const { database } = store;
  await ensurePartitions({ database, nowMs: () => startMs, monthsAhead: 2 });
  seeds = createSeeds(database, createSealer(randomBytes(32)));
  const url = 'https://receiver.example/digest';
  subscription = await seeds.subscription({ url });
  asOwner = principalOf(subscription.organization);
  const other = await seeds.subscription({ url });
  ids = makeIds(300);
  const { endpointId } = subscription;
  const done = ids.filter((_, at) => at % 7 !== 0);
  const waiting = ids.filter((_, at) => at % 7 === 0);
  await database.query(insertDone, [subscription.id, done]);
  await database.query(insertWaiting, [subscription.id, waiting, endpointId]);
  // Between the others, so that what is read too much shows.
  await database.query(insertDone, [other.id, makeIds(300)]);
  await database.query('update subscription_sequences set last_sequence = 300');
  await database.query('analyze');
});
afterAll(() => store.drop());

/** As the README tells receivers to do it. */
function ownDigest(received: readonly string[]) {
  const hours = new Map<number, string[]>();
  for (const id of received) {
    const hour = Math.floor((timeOfId(id) ?? 0) / hourMs) * hourMs;
    hours.set(hour, [...(hours.get(hour) ?? []), id]);
  }
  return [...hours].map(([hour, some]) => ({
    startMs: hour,
    count: some.length,
    sha256: createHash('sha256')
      .update(
        some
          .sort()
          .map((id) => `${id}\n`)
          .join(''),
      )
      .digest('hex'),
  }));
}

const read = (fromMs: number, toMs: number, database: Database = store.database) =>
  digestOf({ database, nowMs: () => endMs }, asOwner, {
    ...{ subscriptionId: subscription.id, fromMs, toMs },
  });

const withoutWaiting = (digest: Awaited<ReturnType<typeof read>>) =>
  digest?.hours.map(({ waiting: _, ...hour }) => hour);

test('is what a receiver makes of the ids, in any order, waiting ones among them', async () => {
  const digest = await read(startMs, endMs);
  const shuffled = ids.map((id) => [id, id.slice(30)] as const);
  shuffled.sort(([, left], [, right]) => (left < right ? -1 : 1));
  const own = ownDigest(shuffled.map(([id]) => id)).sort((a, b) => a.startMs - b.startMs);
  expect(withoutWaiting(digest)).toEqual(own);
  expect(own.length).toBe(8);
  expect(digest).toMatchObject({ lastSequence: 300, asOfMs: endMs });
  const waiting = digest?.hours.reduce((sum, hour) => sum + hour.waiting, 0);
  expect(waiting).toBe(Math.ceil(ids.length / 7));
});

test('is as docs/receiving.md shows it', async () => {
  const page = await readFile(new URL('../../../docs/receiving.md', import.meta.url), 'utf8');
  const [, printed = ''] = /```\n((?:[0-9a-f-]{36}\n)+)```/.exec(page) ?? [];
  const [, count, sha256] = /"count": (\d+).*\n *"sha256": "([0-9a-f]{64})"/.exec(page) ?? [];
  const [hour, ...others] = ownDigest([...new Set(printed.trim().split('\n'))]);
  expect([hour?.count, hour?.sha256, others]).toEqual([Number(count), sha256, []]);
  expect(page).toContain(new Date(hour?.startMs ?? 0).toISOString().replace('.000', ''));
});

test('differs in the one hour of which something is missing', async () => {
  const digest = withoutWaiting(await read(startMs, endMs)) ?? [];
  const missing = ids[100] ?? '';
  const own = ownDigest(ids.filter((id) => id !== missing));
  const differing = digest.filter(
    (hour) => own.find((mine) => mine.startMs === hour.startMs)?.sha256 !== hour.sha256,
  );
  const hour = Math.floor((timeOfId(missing) ?? 0) / hourMs) * hourMs;
  expect(differing.map((each) => each.startMs)).toEqual([hour]);
});

test('is of the hours asked for, and of none to come', async () => {
  const some = await read(startMs + 2.5 * hourMs, startMs + 3 * hourMs);
  expect(some?.hours.map((hour) => hour.startMs)).toEqual([
    startMs + 2 * hourMs,
    startMs + 3 * hourMs,
  ]);
  expect((await read(endMs + hourMs, endMs + 9 * hourMs))?.hours).toEqual([]);
});

test('is nobody else’s', async () => {
  const given = { subscriptionId: subscription.id, fromMs: startMs, toMs: endMs };
  const parts = { database: store.database, nowMs: () => endMs };
  const stranger = principalOf(await seeds.organization());
  expect(await digestOf(parts, stranger, given)).toBeUndefined();
});

test('is read by its indexes, from the partitions that it lies in', async () => {
  const plans: string[] = [];
  const database: Database = {
    ...store.database,
    async query(statement, values) {
      const text = typeof statement === 'string' ? statement : statement.text;
      if (text.includes('deliveries_done')) {
        const explain = `explain (analyze, costs off, timing off, summary off) ${text}`;
        const lines = await store.database.query<{ 'QUERY PLAN': string }>(explain, values);
        plans.push(...lines.map((line) => line['QUERY PLAN']));
      }
      return store.database.query(statement, values);
    },
  };
  await read(startMs, startMs + hourMs, database);
  const visited = plans.filter((line) => / Scan .*on /.test(line) && !/never executed/.test(line));
  expect(visited.filter((line) => line.includes('Seq Scan'))).toEqual([]);
  const partitions = visited.filter((line) => line.includes('on deliveries_done_y'));
  expect([partitions.length, visited.some((line) => / on deliveries /.test(line))]).toEqual([
    1,
    true,
  ]);
});
