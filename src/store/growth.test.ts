// Hot tables stay small: room on their pages for updates in place, and autovacuum that comes early.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

async function optionsOf(table: string): Promise<Record<string, number>> {
  const [row] = await test.database.query<{ options: string[] | null }>(
    'select reloptions as options from pg_class where oid = $1::regclass',
    [table],
  );
  const pairs = (row?.options ?? []).map((option) => option.split('='));
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)]));
}

it.each([
  ['deliveries', { fillfactor: 70, autovacuum_vacuum_scale_factor: 0.02 }],
  ['deliveries', { autovacuum_vacuum_threshold: 1000, autovacuum_vacuum_cost_delay: 0 }],
  ['endpoint_positions', { fillfactor: 50, autovacuum_vacuum_scale_factor: 0.05 }],
  ['subscription_sequences', { fillfactor: 50, autovacuum_vacuum_scale_factor: 0.05 }],
  ['processes', { fillfactor: 50, autovacuum_vacuum_threshold: 200 }],
  ['bucket_leases', { fillfactor: 50, autovacuum_vacuum_threshold: 1000 }],
  ['reference_versions', { fillfactor: 80, autovacuum_vacuum_scale_factor: 0.05 }],
  ['subscription_failures', { autovacuum_vacuum_scale_factor: 0 }],
  ['subscription_failures', { autovacuum_vacuum_threshold: 200 }],
  ['event_keys', { autovacuum_vacuum_insert_scale_factor: 0.05 }],
  ['idempotency_keys', { autovacuum_vacuum_scale_factor: 0.05 }],
])('%s is set up for its changes: %j', async (table, options) => {
  expect(await optionsOf(table)).toMatchObject(options);
});

it('indexes nothing that changes with every attempt, so that updates stay on their page', async () => {
  const rows = await test.database.query<{ column: string }>(
    `select distinct a.attname as column from pg_index i
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
     where i.indrelid in ('deliveries'::regclass, 'endpoint_positions'::regclass,
       'subscription_sequences'::regclass, 'bucket_leases'::regclass, 'processes'::regclass)`,
  );
  const volatile = ['due_at', 'attempt_count', 'payload', 'last_position', 'last_sequence'];
  const indexed = rows.map(({ column }) => column);
  expect(indexed.filter((column) => [...volatile, 'owner', 'epoch'].includes(column))).toEqual([]);
});

it('ends a transaction that does nothing', async () => {
  const [row] = await test.database.query<{ idle: string }>(
    `select current_setting('idle_in_transaction_session_timeout') as idle`,
  );
  expect(row?.idle).toBe('30s');
});
