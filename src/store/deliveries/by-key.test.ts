// What the planner believes of `deliveries` may be a minute old, and plans are kept: whatever the table was
// like when a statement was planned, it must go by keys when much waits.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { lockDeliveries } from '../subscriptions/locks.ts';
import { cancelDeliveries, moveDeliveries } from '../subscriptions/pending.ts';
import { type Completion, completeDeliveries } from './complete.ts';
import { readLane } from './read-lane.ts';
import { waitingEndpoints } from './waiting-endpoints.ts';

const owner = '00000000-0000-7000-8000-000000000001';
const subscription = '00000000-0000-7000-8000-000000000002';
const endpoint = '00000000-0000-7000-8000-000000000003';
const other = '00000000-0000-7000-8000-000000000004';
const waiting = 20_000;
const ofSubscription = 200;
/** PostgreSQL plans a statement for its values so many times; then it may keep a plan for any. */
const plansOwnMax = 6;

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
  await test.database.query('update bucket_leases set owner = $1, epoch = 1', [owner]);
  await test.database.query(
    `with owner as (
       insert into organizations (id, name, created_at) values ($1, 'an owner', now()) returning id
     ), made as (
       insert into endpoints (id, organization_id, url, created_at)
       select place, owner.id, 'https://receiver.example/' || place, now()
       from owner, unnest($2::uuid[]) place
     )
     insert into endpoint_positions select place, 0 from unnest($2::uuid[]) place`,
    [owner, [endpoint, other]],
  );
});
afterEach(() => test.drop());

interface Key {
  readonly bucket: number;
  readonly id: string;
}

/** One in a hundred of `subscription`; each subscription has failed before. */
async function fill(): Promise<void> {
  await test.database.query(
    `insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence,
       event_id, unit_id, due_at, attempt_count)
     select n % 256, gen_random_uuid(), case when its then $2::uuid else gen_random_uuid() end, n,
       case when its then $3::uuid else gen_random_uuid() end, n, gen_random_uuid(),
       gen_random_uuid(), now(), 1
     from (select n, n % $4::int = 0 as its from generate_series(1, $1::int) n) n`,
    [waiting, endpoint, subscription, waiting / ofSubscription],
  );
  await test.database.query(
    `insert into subscription_failures (subscription_id, failing_since)
     select subscription_id, now() from deliveries on conflict do nothing`,
  );
}

async function vacuum(): Promise<void> {
  for (const table of ['deliveries', 'subscription_failures', 'attempts', 'deliveries_done']) {
    await test.database.query(`vacuum analyze ${table}`);
  }
}

/** Full, then but for its last row empty: it keeps its pages, and no row is known in them. */
async function drain(): Promise<void> {
  await fill();
  for (const table of ['deliveries', 'subscription_failures']) {
    const last = `(select max(ctid) from ${table})`;
    await test.database.query(`delete from ${table} where ctid <> ${last}`);
  }
}

const states: Readonly<Record<string, () => Promise<void>>> = {
  'was empty': async () => undefined,
  'had been drained': drain,
};

function endOf(key: Key, at: number): Completion {
  const ending = (['kept', 'delivered', 'parked'] as const)[at % 3] ?? 'kept';
  const outcome = ending === 'delivered' ? 'delivered' : 'failed';
  const counts = { attemptCount: 2, isFirst: at % 2 === 0, delayMs: 5, atMs: 0, durationMs: 5 };
  return { ...key, epoch: 1, ending, outcome, status: 200, ...counts };
}

const lane = { endpointId: endpoint, buckets: undefined, afterPosition: 0, limit: 500 };

/** Each finds the deliveries of `subscription`, or as many; what it gives back is its own. */
const statements: Readonly<Record<string, (keys: readonly Key[]) => Promise<unknown>>> = {
  complete: (keys) => completeDeliveries(test.database, owner, keys.map(endOf)),
  readLane: () => readLane(test.database, { ...lane, rowsMax: 1_000 }),
  waitingEndpoints: () => waitingEndpoints(test.database, { limit: ofSubscription }),
  lock: () => lockDeliveries(test.database, subscription),
  move: () => moveDeliveries(test.database, subscription, other),
  cancel: () => cancelDeliveries(test.database, subscription, 0),
};

/** Rows that were read, from end to end or by an index. */
async function rowsRead(): Promise<number> {
  const [row] = await test.database.query<{ many: number }>(
    `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as many
     from pg_stat_xact_all_tables where relname in ('deliveries', 'subscription_failures')`,
  );
  return row?.many ?? Number.NaN;
}

describe.each(Object.keys(states))('where the table %s when it was planned', (state) => {
  it.each(Object.keys(statements))('%s goes by keys', async (name) => {
    const run = statements[name] ?? (async () => undefined);
    await states[state]?.();
    await vacuum();
    // All in one transaction, hence on one connection, which keeps its plan.
    await test.database.transaction(async () => {
      const nothing = Array.from({ length: 3 }, (_, bucket) => ({ bucket, id: owner }));
      for (let time = 0; time < plansOwnMax; time += 1) await run(nothing);
      await fill();
      const keys = await test.database.query<Key>(
        'select bucket, id from deliveries where subscription_id = $1',
        [subscription],
      );
      const before = await rowsRead();
      await run(keys);
      const read = (await rowsRead()) - before;
      expect(read).toBeGreaterThanOrEqual(ofSubscription);
      expect(read).toBeLessThan(4 * ofSubscription);
    });
  });
});
