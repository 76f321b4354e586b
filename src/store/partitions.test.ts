// Monthly partitions: made ahead, once, whoever asks, and never in the way of rows that are there.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../test/support/store.ts';
import { timeOfId } from '../lib/id.ts';
import type { Database } from './database.ts';
import { ensurePartitions } from './partitions.ts';
import { createUnits } from './units/index.ts';

let bench: StoreBench;
beforeEach(async () => {
  bench = await createStoreBench();
});
afterEach(() => bench.drop());

const ensure = (monthsAhead = 3) =>
  ensurePartitions({ database: bench.database, nowMs: bench.nowMs, monthsAhead });

async function partitionsOf(table: string): Promise<string[]> {
  const rows = await bench.database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = $1::regclass order by 1`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function writeEvent(): Promise<{ id: string; table: string }> {
  const organization = await bench.organization();
  const given = { reference: `LOT-${bench.clock.nowMs}`, freightFamily: 'BreakBulk' } as const;
  const { unit } = await createUnits(bench).put(memberOf(organization), given);
  const id = await bench.event({ unit, organization });
  return { id, table: await tableOf(id) };
}

async function tableOf(id: string): Promise<string> {
  const [row] = await bench.database.query<{ table: string }>(
    'select tableoid::regclass::text as "table" from events where id = $1',
    [id],
  );
  return row?.table ?? 'nowhere';
}

/** The database through one connection that tells what PostgreSQL says of its work. */
async function talkative(): Promise<{ database: Database; told: string[]; release: () => void }> {
  const client = await bench.database.connect();
  const told: string[] = [];
  client.on('notice', ({ message }) => told.push(message ?? ''));
  await client.query('set client_min_messages = debug1');
  const query: Database['query'] = async (statement, values = []) => {
    const text = typeof statement === 'string' ? statement : statement.text;
    return (await client.query(text, [...values])).rows;
  };
  const transaction: Database['transaction'] = async (work) => {
    await client.query('begin');
    const result = await work();
    await client.query('commit');
    return result;
  };
  return {
    database: { ...bench.database, query, transaction },
    told,
    release: () => client.release(true),
  };
}

/** More events of the same month; their ids differ in the last digits before the bucket. */
async function multiply(id: string, times: number): Promise<void> {
  await bench.database.query(
    `insert into events
     select bucket, (substr($1, 1, 24) || lpad(to_hex(n), 10, '0') || substr($1, 35))::uuid,
       unit_id, type, classifier, occurred_at, recorded_at, organization_id, dialect, source_code,
       replaces, retracts, content, received
     from events, generate_series(1, $2::int) n where id = $1::uuid`,
    [id, times],
  );
}

it('makes this month and those ahead for every big table, across the year', async () => {
  const { created, leftInDefault, busy } = await ensure();
  expect(created).toHaveLength(12);
  expect([leftInDefault, busy]).toEqual([[], []]);
  for (const table of ['events', 'deliveries_done', 'attempts']) {
    expect(await partitionsOf(table)).toEqual([
      `${table}_default`,
      `${table}_y2026m11`,
      `${table}_y2026m12`,
      `${table}_y2027m01`,
      `${table}_y2027m02`,
    ]);
  }
});

it('puts each event into the month of its id, to the millisecond', async () => {
  await ensure(1);
  bench.clock.nowMs = Date.UTC(2026, 11, 1) - 1;
  expect((await writeEvent()).table).toBe('events_y2026m11');
  bench.clock.nowMs = Date.UTC(2026, 11, 1);
  const first = await writeEvent();
  expect(first.table).toBe('events_y2026m12');
  expect(timeOfId(first.id)).toBe(bench.clock.nowMs);
  bench.clock.nowMs = Date.UTC(2027, 0, 1);
  expect((await writeEvent()).table).toBe('events_default');
});

it('does nothing the second time, and only what is missing later', async () => {
  await ensure();
  expect((await ensure()).created).toEqual([]);
  bench.clock.nowMs = Date.UTC(2026, 11, 3);
  expect((await ensure()).created).toEqual([
    'events_y2027m03',
    'deliveries_done_y2027m03',
    'attempts_y2027m03',
  ]);
});

it('makes each once when many processes start at the same time', async () => {
  const results = await Promise.all(Array.from({ length: 6 }, () => ensure()));
  const created = results.flatMap((result) => result.created);
  expect(created).toHaveLength(12);
  expect(new Set(created).size).toBe(12);
});

it('moves the few rows that came before their month was made, and loses none', async () => {
  const { id, table } = await writeEvent();
  expect(table).toBe('events_default');
  const result = await ensure(1);
  expect(result.created).toHaveLength(6);
  expect(await tableOf(id)).toBe('events_y2026m11');
});

it('leaves many rows where they are, and makes the other months', async () => {
  const { id } = await writeEvent();
  await multiply(id, 5_000);
  const result = await ensure(1);
  expect(result.leftInDefault).toEqual(['events_y2026m11']);
  expect(result.created).toHaveLength(5);
  expect(await tableOf(id)).toBe('events_default');
  expect((await ensure(1)).leftInDefault).toEqual(['events_y2026m11']);
});

it('makes months beside a large default partition without reading that under a lock', async () => {
  const { id } = await writeEvent();
  await multiply(id, 12_000);
  const { database, told, release } = await talkative();
  const result = await ensurePartitions({ ...bench, database, monthsAhead: 2 });
  release();
  expect(result.leftInDefault).toEqual(['events_y2026m11']);
  expect(result.created).toContain('events_y2026m12');
  const skipped = told.filter((message) => /"events_default" is implied by/.test(message));
  expect(skipped).toHaveLength(2);
  const proofs = `select conname from pg_constraint where conname like 'without_%'`;
  expect(await bench.database.query(proofs)).toEqual([]);
});

it('makes the months of now after a long stop, and those that a jumped clock left rows in', async () => {
  await ensure();
  bench.clock.nowMs = Date.UTC(2028, 4, 9);
  expect((await writeEvent()).table).toBe('events_default');
  const early = await writeEvent();
  bench.clock.nowMs = Date.UTC(2028, 1, 9);
  expect((await ensure()).created).toHaveLength(12);
  expect((await writeEvent()).table).toBe('events_y2028m05');
  expect(await tableOf(early.id)).toBe('events_y2028m05');
});

it('waits for nobody: a default partition in use is left for the next run', async () => {
  const reader = await bench.database.connect();
  await reader.query('begin');
  await reader.query('select from events_default');
  const { busy, created } = await ensure(0);
  expect([busy, created]).toEqual([
    ['events_y2026m11'],
    ['deliveries_done_y2026m11', 'attempts_y2026m11'],
  ]);
  await reader.query('commit');
  reader.release();
  expect((await ensure(0)).created).toEqual(['events_y2026m11']);
});

it('gives the partitions the indexes of their table', async () => {
  await ensure(0);
  const [indexes] = await bench.database.query<{ own: string[]; inherited: string[] }>(
    `select array(select indexrelid::regclass::text from pg_index
         where indrelid = 'events'::regclass order by 1) as own,
       array(select h.inhparent::regclass::text from pg_index i
         join pg_inherits h on h.inhrelid = i.indexrelid
         where i.indrelid = 'events_y2026m11'::regclass order by 1) as inherited`,
  );
  expect(indexes?.own).toContain('events_of_unit');
  expect(indexes?.inherited).toEqual(indexes?.own);
});
