// When a number that comes again is a new passage: alone, repeated, and by many at the same moment.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { PutUnit, UnitsPort } from '../../dialects/hub-port.ts';
import type { EventFacts } from '../../events/event.ts';
import { CLOSING_TYPES } from '../../events/passages.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { createUnits } from './index.ts';

let bench: StoreBench;
let units: UnitsPort;
let us: Principal;
beforeAll(async () => {
  bench = await createStoreBench();
  units = createUnits(bench);
  us = memberOf(await bench.organization());
});
afterAll(() => bench.drop());

let serial = 0;
const newReference = () => `LOT-${++serial}`;
const newSpi = () => `CNI${String(++serial).padStart(10, '0')}`;
const booking = (...references: string[]) =>
  references.map((reference) => ({ type: 'booking' as const, reference }));
const put = (given: Partial<PutUnit> & { reference: string }, principal = us) =>
  units.put(principal, { freightFamily: 'Container', ...given });
const tell = (unit: HandlingUnit, facts: Partial<EventFacts>) =>
  bench.event({ unit, organization: us.organization ?? '', facts });

/** A passage under booking OLD that has gone out of the gate. */
async function departed(): Promise<HandlingUnit> {
  const { unit } = await put({ reference: newReference(), documents: booking('OLD') });
  await tell(unit, { type: 'gated-out' });
  return unit;
}

describe('a unit that has left', () => {
  it.each(CLOSING_TYPES)('by %s is a new passage under another document', async (type) => {
    const { unit } = await put({ reference: newReference(), documents: booking('OLD') });
    await tell(unit, { type });
    const { reference } = unit;
    const next = await put({ reference, documents: booking('NEW') });
    expect(next).toMatchObject({ created: true, unit: { documents: booking('NEW') } });
    expect(await units.get(us, unit.id)).toMatchObject({ documents: booking('OLD') });
    const { items } = await units.find(us, { reference }, { limit: 5 });
    expect(items.map(({ id }) => id)).toEqual([next.unit.id, unit.id]);
  });

  it.each([
    ['no documents', undefined],
    ['an empty list of documents', []],
    ['its own document beside another', booking('NEW', 'OLD')],
  ])('is brought up to date by %s', async (_what, documents) => {
    const { id, reference } = await departed();
    const given = { reference, customsFlag: 'Import', ...(documents && { documents }) } as const;
    expect(await put(given)).toMatchObject({ created: false, unit: { id } });
  });

  it('is another passage for a document of the same number and another type', async () => {
    const { reference } = await departed();
    const documents = [{ type: 'order', reference: 'OLD' }] as const;
    expect((await put({ reference, documents })).created).toBe(true);
  });

  it.each([
    ['no documents', undefined],
    ['its own document', booking('OLD')],
  ])('gets the SPI of a booking with %s', async (_what, documents) => {
    const { id, reference } = await departed();
    const again = await put({ reference, spi: newSpi(), ...(documents && { documents }) });
    expect(again).toMatchObject({ created: false, unit: { id, documents: booking('OLD') } });
  });

  it('keeps its documents when an SPI comes with others: that is a new passage', async () => {
    const { id, reference } = await departed();
    const given = { reference, spi: newSpi(), documents: booking('NEW') };
    const next = await put(given);
    expect(next).toMatchObject({ created: true, unit: { spi: given.spi } });
    expect(await units.get(us, id)).toMatchObject({ documents: booking('OLD') });
    expect(await put(given)).toMatchObject({ created: false, unit: { id: next.unit.id } });
  });

  it('leaves alone an older passage that has another SPI than the one that comes', async () => {
    const first = await departed();
    const { reference } = first;
    const own = { reference, spi: newSpi(), documents: booking('OLD') };
    await put(own);
    const second = (await put({ reference, documents: booking('NEW') })).unit;
    await tell(second, { type: 'gated-out' });
    expect((await put({ ...own, spi: newSpi() })).created).toBe(true);
    expect(await units.get(us, first.id)).toMatchObject({ spi: own.spi });
  });

  it('is none of another owner’s', async () => {
    const { reference } = await departed();
    const other = memberOf(await bench.organization());
    expect((await put({ reference, documents: booking('OLD') }, other)).created).toBe(true);
  });

  it('makes no third passage when an old booking is repeated', async () => {
    const first = await departed();
    const { reference } = first;
    const second = (await put({ reference, documents: booking('NEW') })).unit;
    await tell(second, { type: 'gated-out' });
    const repeat = await put({ reference, documents: booking('OLD'), customsFlag: 'Export' });
    expect(repeat).toMatchObject({ created: false, unit: { id: first.id, customsFlag: 'Export' } });
    expect(await units.get(us, second.id)).toMatchObject({ documents: booking('NEW') });
  });
});

describe('a unit that is here', () => {
  it.each<[string, Partial<EventFacts>[]]>([
    ['without events', []],
    ['that came in', [{ type: 'gated-in' }]],
    ['that is planned to leave', [{ type: 'gated-out', classifier: 'planned' }]],
    ['that is expected to leave', [{ type: 'departed', classifier: 'estimated' }]],
  ])('%s is brought up to date', async (_what, events) => {
    const { unit } = await put({ reference: newReference(), documents: booking('OLD') });
    for (const facts of events) await tell(unit, facts);
    const again = await put({ reference: unit.reference, documents: booking('NEW') });
    expect(again).toMatchObject({ created: false, unit: { id: unit.id } });
  });

  it('is one whose leaving was retracted or turned into something else', async () => {
    for (const facts of [
      { type: 'other', retracts: '' },
      { type: 'shifted', replaces: '' },
    ] as const) {
      const { unit } = await put({ reference: newReference(), documents: booking('OLD') });
      const left = await tell(unit, { type: 'gated-out' });
      const member = 'retracts' in facts ? 'retracts' : 'replaces';
      await tell(unit, { type: facts.type, [member]: left });
      const again = await put({ reference: unit.reference, documents: booking('NEW') });
      expect(again).toMatchObject({ created: false, unit: { id: unit.id } });
    }
  });
});

describe('at the same time', () => {
  it('equal bookings of what has left make one new passage', async () => {
    const { id, reference } = await departed();
    const given = { reference, documents: booking('NEW') };
    const made = await Promise.all(Array.from({ length: 12 }, () => put(given)));
    expect(made.filter((one) => one.created)).toHaveLength(1);
    expect(new Set(made.map((one) => one.unit.id)).size).toBe(1);
    expect(made[0]?.unit.id).not.toBe(id);
  });

  it('bookings under different documents make one new passage, under one of them', async () => {
    const { id, reference } = await departed();
    const names = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6'];
    await Promise.all(names.map((name) => put({ reference, documents: booking(name) })));
    const { items } = await units.find(us, { reference }, { limit: 50 });
    expect(items.map((unit) => unit.id === id)).toEqual([false, true]);
    expect(names.map((name) => booking(name))).toContainEqual(items[0]?.documents);
  });

  it('a booking and the leaving it waits for give two passages or one, both whole', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const { unit } = await put({ reference: newReference(), documents: booking('OLD') });
      const { reference } = unit;
      const [next] = await Promise.all([
        put({ reference, documents: booking('NEW') }),
        tell(unit, { type: 'gated-out' }),
      ]);
      expect(next.unit.documents).toEqual(booking('NEW'));
      const old = await units.get(us, unit.id);
      expect(old?.documents).toEqual(booking(next.created ? 'OLD' : 'NEW'));
    }
  });
});
