// Finding and tracing: by every name, in order, page by page, counted.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { TraceQuery, UnitsPort } from '../../dialects/hub-port.ts';
import { FREIGHT_FAMILIES } from '../../events/types.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { createUnits } from './index.ts';

let bench: StoreBench;
let units: UnitsPort;
let owner: string;
let us: Principal;
const passages: HandlingUnit[] = [];
const spis = ['CNI0000000001', 'CNI0000000002', 'CNI0000000003'];

beforeAll(async () => {
  bench = await createStoreBench();
  units = createUnits(bench);
  owner = await bench.organization();
  us = memberOf(owner);
  for (const [at, spi] of spis.entries()) {
    bench.clock.nowMs += 60_000;
    const { unit } = await units.put(us, {
      reference: 'CSQU3054383',
      spi,
      freightFamily: at === 1 ? 'BreakBulk' : 'Container',
      documents: [{ type: 'booking', reference: at < 2 ? 'BK-1' : 'BK-2' }],
      // Two roles of one organization must not show a unit twice.
      parties: [
        { organization: owner, role: 'carrier' },
        { organization: owner, role: 'observer' },
      ],
    });
    passages.push(unit);
  }
  await units.put(us, { reference: 'LOT-9', freightFamily: 'BreakBulk' });
});
afterAll(() => bench.drop());

const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
const newestFirst = () => idsOf(passages).reverse();

describe('find', () => {
  const find = async (query: Parameters<UnitsPort['find']>[1]) =>
    idsOf((await units.find(us, query, { limit: 10 })).items);

  it('finds by every name, newest passage first', async () => {
    expect(await find({ reference: 'csqu 305438-3' })).toEqual(newestFirst());
    expect(await find({ spi: 'CNI0000000002' })).toEqual([passages[1]?.id]);
    expect(await find({ document: 'BK-1' })).toEqual(newestFirst().slice(1));
    expect(await find({ id: passages[0]?.id ?? '' })).toEqual([passages[0]?.id]);
  });

  it('wants all that is given to hold', async () => {
    const reference = 'CSQU3054383';
    expect(await find({ reference, document: 'BK-2' })).toEqual([passages[2]?.id]);
    expect(await find({ reference, spi: 'CNI0000000001', document: 'BK-2' })).toEqual([]);
    expect(await find({ reference: 'LOT-9', id: passages[0]?.id ?? '' })).toEqual([]);
  });

  it.each([
    { id: 'no id' },
    { id: '00000000-0000-4000-8000-000000000000' },
    { reference: 'nothing' },
    { reference: 'a\u0000' },
    { spi: '\ud800' },
    { document: '\u0000' },
    { reference: 'x'.repeat(100_000) },
  ])('finds nothing by %j', async (query) => expect(await find(query)).toEqual([]));

  it.each([
    ['an organization', () => us],
    ['the operator', () => operator],
  ])('pages through everything, for %s', async (_who, principal) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await units.find(principal(), {}, { limit: 3, ...(cursor && { cursor }) });
      seen.push(...idsOf(page.items));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(4);
    expect(seen.slice(1)).toEqual(newestFirst());
  });

  it('ends with a page that is exactly full', async () => {
    const page = await units.find(us, { reference: 'CSQU3054383' }, { limit: 3 });
    expect(page).toMatchObject({ items: { length: 3 }, nextCursor: null });
  });

  it.each(['', 'x', 'dW5pdHM', Buffer.from('units no-id').toString('base64url'), 'A'.repeat(9999)])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(units.find(us, {}, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'invalid-input',
        details: { issues: [{ path: 'cursor' }] },
      });
    },
  );
});

describe('trace', () => {
  const trace = (query: Partial<TraceQuery>) =>
    units.trace(us, {
      families: FREIGHT_FAMILIES,
      descending: false,
      limit: 5,
      offset: 0,
      eventsMax: 3,
      ...query,
    });

  it('sorts by passage both ways and counts all', async () => {
    const reference = 'CSQU3054383';
    const up = await trace({ reference });
    expect(up.total).toBe(3);
    expect(up.items.map(({ unit }) => unit)).toEqual(passages);
    const down = await trace({ reference, descending: true, limit: 2 });
    expect(down.total).toBe(3);
    expect(idsOf(down.items.map(({ unit }) => unit))).toEqual(newestFirst().slice(0, 2));
    const middle = await trace({ reference, limit: 1, offset: 1 });
    expect(idsOf(middle.items.map(({ unit }) => unit))).toEqual([passages[1]?.id]);
    expect(await trace({ reference, offset: 2_147_483_647 })).toEqual({ total: 3, items: [] });
  });

  it('filters by reference, SPI and family, all of which must hold', async () => {
    const reference = 'CSQU3054383';
    expect((await trace({ reference, spi: 'CNI0000000003' })).total).toBe(1);
    expect((await trace({ reference: 'LOT-9', spi: 'CNI0000000003' })).total).toBe(0);
    expect((await trace({ reference, families: ['Container'] })).total).toBe(2);
    expect((await trace({ reference, families: [] })).total).toBe(0);
    expect((await trace({})).total).toBe(4);
    expect(await trace({ reference: '\u0000' })).toEqual({ total: 0, items: [] });
  });

  it('gives the newest events of each unit, oldest first, at most as many as asked', async () => {
    const [first, second] = passages;
    if (first === undefined || second === undefined) throw new Error('no passages');
    const at = (minute: number) => ({
      occurredAt: {
        epochMs: Date.UTC(2026, 10, 1, 0, minute),
        iso: `2026-11-01T00:0${minute}:00.000000Z`,
        text: `2026-11-01T00:0${minute}Z`,
        offsetMinutes: 0,
        fractionDigits: 0,
        precision: 'minute' as const,
      },
    });
    const write = (unit: HandlingUnit, minute: number) =>
      bench.event({ unit, organization: owner, facts: at(minute) });
    // Written out of order; the two of minute 4 are ordered by id.
    const late = await write(first, 4);
    await write(first, 1);
    const early = await write(first, 3);
    const later = await write(first, 4);
    const other = await write(second, 2);
    const { items } = await trace({ reference: 'CSQU3054383' });
    expect(items.map(({ events }) => idsOf(events))).toEqual([[early, late, later], [other], []]);
    const none = await trace({ reference: 'CSQU3054383', eventsMax: 0 });
    expect(none.items.map(({ events }) => events)).toEqual([[], [], []]);
  });
});
