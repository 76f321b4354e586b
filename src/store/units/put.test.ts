// Booking: which unit is meant, what is kept, who may, and that two at once make one.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  refusal,
  type StoreBench,
  unknownId,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { PutUnit, UnitsPort } from '../../dialects/hub-port.ts';
import { bucketOf } from '../../events/identifiers.ts';
import { Problem } from '../../events/problem.ts';
import { bucketOfId } from '../../lib/id.ts';
import { createUnits } from './index.ts';

let bench: StoreBench;
let units: UnitsPort;
let owner: string;
let us: Principal;
beforeAll(async () => {
  bench = await createStoreBench();
  units = createUnits(bench);
  owner = await bench.organization();
  us = memberOf(owner);
});
afterAll(() => bench.drop());

let serial = 0;
const newReference = () => `LOT-${++serial}`;
const newSpi = () => `CNI${String(++serial).padStart(10, '0')}`;
const put = (given: Partial<PutUnit> & { reference: string }, principal = us) =>
  units.put(principal, { freightFamily: 'Container', ...given });

async function countOf(reference: string): Promise<number> {
  const rows = await bench.database.query('select from units where reference = $1', [reference]);
  return rows.length;
}

describe('which unit a booking means', () => {
  it('creates one, in the bucket of its key, and finds it again by any spelling', async () => {
    const made = await put({ reference: ' csqu 305438-3 ' });
    expect(made.created).toBe(true);
    expect(bucketOfId(made.unit.id)).toBe(bucketOf('CSQU3054383'));
    expect(made.unit).toEqual({
      id: made.unit.id,
      organization: owner,
      reference: 'csqu 305438-3',
      freightFamily: 'Container',
      customsFlag: 'Unknown',
      documents: [],
      parties: [],
      details: {},
      createdAtMs: bench.clock.nowMs,
      updatedAtMs: bench.clock.nowMs,
    });
    const again = await put({ reference: 'CSQU3054383' });
    expect(again).toMatchObject({ created: false, unit: { id: made.unit.id } });
    expect(await units.get(us, made.unit.id)).toEqual(again.unit);
  });

  it('gives its SPI to the newest unit that has none', async () => {
    const reference = newReference();
    const spi = newSpi();
    const bare = await put({ reference });
    const named = await put({ reference, spi });
    expect(named).toMatchObject({ created: false, unit: { id: bare.unit.id, spi } });
    expect((await put({ reference })).unit).toMatchObject({ id: bare.unit.id, spi });
  });

  it('makes a new passage when the newest one has another SPI', async () => {
    const reference = newReference();
    const [first, second] = [newSpi(), newSpi()];
    const before = await put({ reference, spi: first });
    const after = await put({ reference, spi: second });
    expect(after.created).toBe(true);
    expect(after.unit.id > before.unit.id).toBe(true);
    expect((await put({ reference, spi: first })).unit.id).toBe(before.unit.id);
    expect((await put({ reference })).unit.id).toBe(after.unit.id);
  });

  it('refuses an SPI that names a passage of another reference', async () => {
    const spi = newSpi();
    await put({ reference: newReference(), spi });
    const reference = newReference();
    expect(await refusal(put({ reference, spi }))).toEqual({ code: 'conflict', paths: ['spi'] });
    expect(await countOf(reference)).toBe(0);
  });

  it('keeps owners apart: the same names are different units', async () => {
    const other = memberOf(await bench.organization());
    const given = { reference: newReference(), spi: newSpi() };
    const ours = await put(given);
    const theirs = await put(given, other);
    expect(theirs.created).toBe(true);
    expect(theirs.unit.id).not.toBe(ours.unit.id);
    const elsewhere = { reference: newReference(), spi: given.spi };
    expect((await put(elsewhere, memberOf(await bench.organization()))).created).toBe(true);
  });
});

describe('what a booking changes', () => {
  it('replaces what it gives and keeps what it does not mention', async () => {
    const reference = newReference();
    const carrier = await bench.organization();
    const full = await put({
      reference,
      customsFlag: 'Import',
      documents: [
        { type: 'order', reference: 'B' },
        { type: 'booking', reference: 'A' },
        { type: 'order', reference: 'B' },
      ],
      parties: [
        { organization: carrier.toUpperCase(), role: 'observer' },
        { organization: carrier, role: 'carrier' },
      ],
      details: { sizeType: '22G1', measures: { quantity: 3 } },
    });
    bench.clock.nowMs += 1000;
    const second = await put({ reference, freightFamily: 'BreakBulk' });
    expect(second.unit).toEqual({
      ...full.unit,
      freightFamily: 'BreakBulk',
      updatedAtMs: bench.clock.nowMs,
    });
    expect(second.unit.documents).toEqual([
      { type: 'booking', reference: 'A' },
      { type: 'order', reference: 'B' },
    ]);
    expect(second.unit.parties).toEqual([
      { organization: carrier, role: 'carrier' },
      { organization: carrier, role: 'observer' },
    ]);
    const third = await put({
      reference,
      documents: [{ type: 'order', reference: 'C' }],
      parties: [],
      details: {},
    });
    expect(third.unit).toMatchObject({
      customsFlag: 'Import',
      documents: [{ type: 'order', reference: 'C' }],
      parties: [],
      details: {},
    });
    expect(await units.get(us, full.unit.id)).toEqual(third.unit);
    expect(await units.get(memberOf(carrier), full.unit.id)).toBeUndefined();
  });

  it('writes nothing when nothing differs', async () => {
    const carrier = await bench.organization();
    // In UTF-16 order and in UTF-8 order these two references stand differently.
    const first = await put({
      reference: newReference(),
      documents: [
        { type: 'order', reference: '\u{1f6a2}' },
        { type: 'order', reference: '\uff5e' },
      ],
      parties: [{ organization: carrier, role: 'carrier' }],
      details: { hazardousItems: [{ imoClass: '3' }], sizeType: null },
    });
    bench.clock.nowMs += 1000;
    const { reference, documents, parties } = first.unit;
    const details = { sizeType: null, hazardousItems: [{ imoClass: '3' }] };
    const again = await put({ reference, documents, parties, details });
    expect(again).toEqual({ created: false, unit: first.unit });
    expect(await units.get(us, first.unit.id)).toEqual(first.unit);
  });

  it('lets everyone but observers register events', async () => {
    const [carrier, observer] = [await bench.organization(), await bench.organization()];
    const { unit } = await put({
      reference: newReference(),
      parties: [
        { organization: carrier, role: 'carrier' },
        { organization: observer, role: 'observer' },
      ],
    });
    const rows = await bench.database.query<{ organization_id: string; may_register: boolean }>(
      'select organization_id, may_register from unit_parties where unit_id = $1',
      [unit.id],
    );
    const rights = new Map(rows.map((row) => [row.organization_id, row.may_register]));
    expect(rights).toEqual(
      new Map([
        [owner, true],
        [carrier, true],
        [observer, false],
      ]),
    );
  });
});

describe('who may book', () => {
  it('demands an organization of the operator and forbids another one to everyone else', async () => {
    const other = await bench.organization();
    const reference = newReference();
    expect(await refusal(put({ reference }, operator))).toEqual({
      code: 'invalid-input',
      paths: ['organization'],
    });
    const forbidden = { code: 'forbidden', paths: ['organization'] };
    // The same answer whether or not that organization exists.
    expect(await refusal(put({ reference, organization: other }))).toEqual(forbidden);
    expect(await refusal(put({ reference, organization: unknownId() }))).toEqual(forbidden);
    expect(await refusal(put({ reference, organization: 'no id' }))).toEqual(forbidden);
    expect((await put({ reference, organization: owner.toUpperCase() })).created).toBe(true);
    const theirs = await put({ reference, organization: other }, operator);
    expect(theirs).toMatchObject({ created: true, unit: { organization: other } });
  });

  it.each(['no id', unknownId()])('names the unknown organization %s', async (unknown) => {
    const reference = newReference();
    expect(await refusal(put({ reference, organization: unknown }, operator))).toEqual({
      code: 'invalid-input',
      paths: ['organization'],
    });
    const parties = [
      { organization: owner, role: 'carrier' },
      { organization: unknown, role: 'carrier' },
    ];
    expect(await refusal(put({ reference, parties }))).toEqual({
      code: 'invalid-input',
      paths: ['parties.1.organization'],
    });
    expect(await countOf(reference)).toBe(0);
  });

  it('never takes a principal that lost its organization for the operator', async () => {
    const lost: Principal = { kind: 'application', id: 'x', scopes: new Set() };
    await expect(put({ reference: newReference(), organization: owner }, lost)).rejects.toThrow(
      'without an organization',
    );
    await expect(units.find(lost, {}, { limit: 1 })).rejects.toThrow('without an organization');
  });
});

describe('bad bookings', () => {
  const long = 'x'.repeat(600);
  it.each<[string, Partial<PutUnit>]>([
    ['reference', { reference: '  ' }],
    ['reference', { reference: long }],
    ['reference', { reference: 'a\u0000b' }],
    ['spi', { spi: 'CNI1' }],
    ['documents.0.reference', { documents: [{ type: 'order', reference: long }] }],
    ['documents.0.reference', { documents: [{ type: 'order', reference: 'a\ud800' }] }],
    ['parties.0.role', { parties: [{ organization: unknownId(), role: 'owner' }] }],
    ['details.sizeType', { details: { sizeType: '\u0000' } }],
  ])('are refused by name: %s', async (path, given) => {
    expect(await refusal(put({ reference: newReference(), ...given }))).toEqual({
      code: 'invalid-input',
      paths: [path],
    });
  });

  it('no storable text makes the database fail', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 700 });
    await fc.assert(
      fc.asyncProperty(text, text, async (reference, role) => {
        const given = { reference, parties: [{ organization: owner, role }] };
        const result = await put(given).catch((error: unknown) => error);
        if (!(result instanceof Problem)) expect(result).toHaveProperty('created');
      }),
      { numRuns: 150 },
    );
  });
});
