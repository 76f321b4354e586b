// Monthly partitions: made ahead, once, whoever asks, and never in the way of rows that are there.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../test/support/store.ts';
import { timeOfId } from '../lib/id.ts';
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
  const [row] = await bench.database.query<{ table: string }>(
    'select tableoid::regclass::text as "table" from events where id = $1',
    [id],
  );
  return { id, table: row?.table ?? 'nowhere' };
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

it('leaves a month in the default partition when rows of it lie there, and makes the others', async () => {
  const { id } = await writeEvent();
  const result = await ensure(1);
  expect(result.leftInDefault).toEqual(['events_y2026m11']);
  expect(result.created).toHaveLength(5);
  expect(await bench.database.query('select from events where id = $1', [id])).toHaveLength(1);
  expect((await ensure(1)).leftInDefault).toEqual(['events_y2026m11']);
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
