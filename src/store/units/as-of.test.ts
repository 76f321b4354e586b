// Units as they were known at a time: what was booked later is not there, and what was changed later
// reads as it was, whichever name it is asked by.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { PutUnit, UnitsPort } from '../../dialects/hub-port.ts';
import { createUnits } from './index.ts';

let bench: StoreBench;
let units: UnitsPort;
let us: Principal;
let carrier: Principal;
let agent: Principal;
beforeAll(async () => {
  bench = await createStoreBench();
  units = createUnits(bench);
  us = memberOf(await bench.organization());
  carrier = memberOf(await bench.organization());
  agent = memberOf(await bench.organization());
});
afterAll(() => bench.drop());

let serial = 0;
const newReference = () => `LOT-${++serial}`;
const newSpi = () => `CNI${String(++serial).padStart(10, '0')}`;
const page = { limit: 50 };

/** Books a minute after whatever was last; the time of the booking. */
async function put(given: Partial<PutUnit> & { reference: string }) {
  bench.clock.nowMs += 60_000;
  const { unit } = await units.put(us, { freightFamily: 'Container', ...given });
  return { unit, atMs: bench.clock.nowMs };
}

const booking = (reference: string) => [{ type: 'booking' as const, reference }];
const party = ({ organization = '' }: Principal) => ({ organization, role: 'carrier' });

describe('one unit', () => {
  it('is at each time what its last booking until then made it', async () => {
    const reference = newReference();
    const spi = newSpi();
    const first = await put({ reference, details: { sizeType: '22G1' }, documents: booking('A') });
    const second = await put({ reference, spi, parties: [party(carrier)] });
    const third = await put({ reference, customsFlag: 'Import', documents: [], details: {} });
    const { id } = first.unit;
    for (const { unit, atMs } of [first, second, third]) {
      expect(await units.get(us, id, atMs)).toEqual(unit);
      expect(await units.get(us, id, atMs + 59_999)).toEqual(unit);
      expect(await units.find(us, { id, asOfMs: atMs }, page)).toMatchObject({ items: [unit] });
    }
    expect(await units.get(us, id, first.atMs - 1)).toBeUndefined();
    expect(await units.get(us, id, third.atMs)).toEqual(await units.get(us, id));
  });

  it('has no version of a booking that changed nothing', async () => {
    const reference = newReference();
    const { unit } = await put({ reference });
    await put({ reference });
    const rows = await bench.database.query('select from unit_versions where unit_id = $1', [
      unit.id,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('booked twice in one moment is what the second booking made it', async () => {
    const reference = newReference();
    const { unit, atMs } = await put({ reference, customsFlag: 'Import' });
    const given = { reference, freightFamily: 'Container', customsFlag: 'Export' } as const;
    await units.put(us, given);
    expect(await units.get(us, unit.id, atMs)).toMatchObject({ customsFlag: 'Export' });
  });

  it('never goes back to an older version when a clock does', async () => {
    const reference = newReference();
    const { unit, atMs } = await put({ reference, customsFlag: 'Import' });
    bench.clock.nowMs -= 600_000;
    await put({ reference, customsFlag: 'Export' });
    bench.clock.nowMs = atMs;
    expect(await units.get(us, unit.id, atMs)).toMatchObject({ customsFlag: 'Export' });
    expect(await units.get(us, unit.id, atMs - 1)).toBeUndefined();
  });

  it('keeps every text as it was told', async () => {
    const reference = 'Ünïcode "\\ \u{1F6A2}';
    const { unit, atMs } = await put({ reference, documents: booking('a"b\\c\u{1F4E6}') });
    expect(await units.get(us, unit.id, atMs)).toEqual(unit);
  });
});

describe('names', () => {
  it('are those of the time: SPI and documents, given and taken away', async () => {
    const reference = newReference();
    const spi = newSpi();
    const [old, later] = [`OLD-${reference}`, `NEW-${reference}`];
    const bare = await put({ reference });
    const booked = await put({ reference, documents: booking(old) });
    const moved = await put({ reference, documents: booking(later), spi });
    const isFound = async (query: object, { atMs }: { atMs: number }) =>
      (await units.find(us, { ...query, asOfMs: atMs }, page)).items.map(({ id }) => id).join() ===
      bare.unit.id;
    const seen = (query: object) =>
      Promise.all([bare, booked, moved].map((time) => isFound(query, time)));
    expect(await seen({ reference })).toEqual([true, true, true]);
    expect(await seen({ document: old })).toEqual([false, true, false]);
    expect(await seen({ document: later })).toEqual([false, false, true]);
    expect(await seen({ spi })).toEqual([false, false, true]);
    expect(await seen({ reference, spi, document: later })).toEqual([false, false, true]);
    expect(await seen({ document: '\u0000' })).toEqual([false, false, false]);
  });

  it('of passages: those booked by then, the newest first', async () => {
    const reference = newReference();
    const made = [];
    for (let at = 0; at < 3; at++) made.push(await put({ reference, spi: newSpi() }));
    for (const [at, { atMs }] of made.entries()) {
      const { items } = await units.find(us, { reference, asOfMs: atMs }, page);
      const known = made.slice(0, at + 1).map(({ unit }) => unit.id);
      expect(items.map(({ id }) => id)).toEqual(known.reverse());
    }
  });
});

describe('everything', () => {
  it('is what was booked by then, page by page, for its parties and for the operator', async () => {
    const newcomer = memberOf(await bench.organization());
    const parties = [party(newcomer)];
    const made = [];
    for (let at = 0; at < 7; at++) made.push(await put({ reference: newReference(), parties }));
    const [asOfMs = 0, known] = [made[4]?.atMs, made.slice(0, 5).map(({ unit }) => unit.id)];
    for (const asker of [newcomer, operator]) {
      const found: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const window = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
        const { items, nextCursor } = await units.find(asker, { asOfMs }, window);
        found.push(...items.map(({ id }) => id));
        cursor = nextCursor;
      }
      expect(found.slice(0, 5)).toEqual(known.toReversed());
      if (asker === newcomer) expect(found).toHaveLength(5);
    }
    expect(await units.find(newcomer, { asOfMs: (made[0]?.atMs ?? 0) - 1 }, page)).toEqual({
      items: [],
      nextCursor: null,
    });
  });
});

describe('who sees the past', () => {
  it('are the parties of today, with the parties as they were', async () => {
    const reference = newReference();
    const { unit, atMs } = await put({ reference, parties: [party(carrier)] });
    await put({ reference, parties: [party(agent)] });
    const then = { parties: [party(carrier)] };
    expect(await units.get(agent, unit.id, atMs)).toMatchObject(then);
    const query = { reference, asOfMs: atMs };
    expect(await units.find(agent, query, page)).toMatchObject({ items: [then] });
    expect(await units.get(carrier, unit.id, atMs)).toBeUndefined();
    expect(await units.find(carrier, query, page)).toMatchObject({ items: [] });
  });
});
