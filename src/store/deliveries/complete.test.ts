// The kept plan of the statement that writes down how attempts ended: made while nothing waits, it
// must still go by keys when much does.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { type Completion, createCompleting } from './complete.ts';

const owner = '00000000-0000-7000-8000-000000000001';
const waiting = 30_000;
const ended = 200;
/** PostgreSQL plans a statement for its values so many times; then it keeps a plan for any. */
const plansOwnMax = 6;

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.query('update bucket_leases set owner = $1, epoch = 1', [owner]);
  for (const table of ['deliveries', 'subscription_failures', 'attempts', 'deliveries_done']) {
    await test.database.query(`vacuum analyze ${table}`);
  }
});
afterAll(() => test.drop());

const endOf = (row: { bucket: number; id: string }, at: number): Completion => {
  const ending = (['kept', 'delivered', 'parked'] as const)[at % 3] ?? 'kept';
  const outcome = ending === 'delivered' ? 'delivered' : 'failed';
  const counts = { attemptCount: 2, isFirst: at % 2 === 0, delayMs: 5, atMs: 0, durationMs: 5 };
  return { ...row, epoch: 1, ending, outcome, status: 200, ...counts };
};

const fill = `insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence,
    event_id, unit_id, due_at, attempt_count)
  select n % 256, gen_random_uuid(), gen_random_uuid(), n, gen_random_uuid(), n,
    gen_random_uuid(), gen_random_uuid(), now(), 1
  from generate_series(1, $1::int) n`;
/** What each of its rows was: read from end to end, or found by an index. */
const reads = `select relname as name, seq_tup_read::int as "readWhole",
    coalesce(idx_tup_fetch, 0)::int as found
  from pg_stat_xact_all_tables
  where relname ~ '^(deliveries|deliveries_done.*|subscription_failures|attempts.*)$'`;

it('goes by keys, whatever the tables were like when its plan was made', async () => {
  const { database } = test;
  const completing = createCompleting(database);
  const complete = (rows: readonly { bucket: number; id: string }[]) =>
    completing(owner, rows.map(endOf));
  await database.transaction(async () => {
    // All in one transaction, hence on one connection, which keeps its plans.
    const nothing = Array.from({ length: 3 }, (_, bucket) => ({ bucket, id: owner }));
    for (let time = 0; time < plansOwnMax; time += 1) await complete(nothing);
    await database.query(fill, [waiting]);
    await database.query(
      `insert into subscription_failures (subscription_id, failing_since)
       select subscription_id, now() from deliveries`,
    );
    const rows = await database.query<{ bucket: number; id: string }>(
      'select bucket, id from deliveries order by id limit $1',
      [ended],
    );
    // Whoever waits for this one is told of the new sizes; plans for them are made once more.
    for (let time = 0; time <= plansOwnMax; time += 1) expect(await complete(nothing)).toEqual([]);
    type Reads = { name: string; readWhole: number; found: number };
    const before = await database.query<Reads>(reads);
    const failing = await complete(rows);
    const after = await database.query<Reads>(reads);
    expect(failing).toHaveLength(rows.filter((_, at) => at % 3 !== 1).length);
    const names = after.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['deliveries', 'subscription_failures']));
    for (const table of after) {
      const earlier = before.find(({ name }) => name === table.name);
      expect(table.readWhole - (earlier?.readWhole ?? 0), table.name).toBe(0);
      expect(table.found - (earlier?.found ?? 0), table.name).toBeLessThan(4 * ended);
    }
    const [left] = await database.query<{ count: number }>(
      'select count(*)::int as count from deliveries',
    );
    expect(left?.count).toBe(waiting - rows.filter((_, at) => at % 3 !== 0).length);
  });
});
