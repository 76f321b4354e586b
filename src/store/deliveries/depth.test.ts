// How much waits: exact while it is little, of the right size when it is much.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { queueDepth } from './depth.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const add = (many: number, dueAt: string, attempts: number) =>
  test.database.query(
    `insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
       unit_id, due_at, attempt_count)
     select n % 256, gen_random_uuid(), gen_random_uuid(), n, gen_random_uuid(), n,
       gen_random_uuid(), gen_random_uuid(), $2::timestamptz, $3
     from generate_series(1, $1::int) n`,
    [many, dueAt, attempts],
  );

it('is nothing where nothing waits', async () => {
  expect(await queueDepth(test.database)).toEqual({ new: 0, retrying: 0, held: 0 });
});

it('counts by state', async () => {
  await add(30, '2026-11-20T12:00:00Z', 0);
  await add(20, '2026-11-20T12:00:00Z', 3);
  await add(10, 'infinity', 1);
  expect(await queueDepth(test.database)).toEqual({ new: 30, retrying: 20, held: 10 });
});

it('is estimated where much waits, by what it saw', async () => {
  await add(30_000, '2026-11-20T12:00:00Z', 0);
  await add(30_000, 'infinity', 0);
  await test.database.query('analyze deliveries');
  // A vacuum that began between the inserts sets the estimate to what it saw when it ends.
  const vacuums = () =>
    test.database.query(`select from pg_stat_progress_vacuum where relid = 'deliveries'::regclass`);
  await expect.poll(vacuums, { timeout: 90_000 }).toEqual([]);
  await test.database.query('analyze deliveries');
  const depth = await queueDepth(test.database);
  const sum = depth.new + depth.retrying + depth.held;
  expect(Math.abs(sum - 60_060)).toBeLessThan(600);
  // Ids are random here, so the rows that were looked at are like the others.
  expect(depth.held).toBeGreaterThan(27_000);
  expect(depth.held).toBeLessThan(33_000);
});
