// Bookings at the same time: whatever they share, each unit is made once and stays whole.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { PutUnit, UnitsPort } from '../../dialects/hub-port.ts';
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
const put = (given: Partial<PutUnit> & { reference: string }) =>
  units.put(us, { freightFamily: 'Container', ...given });

async function countOf(reference: string): Promise<number> {
  const rows = await bench.database.query('select from units where reference = $1', [reference]);
  return rows.length;
}

describe('bookings at the same time', () => {
  it('of one new unit make one unit', async () => {
    const given = { reference: newReference() };
    const made = await Promise.all(Array.from({ length: 12 }, () => put(given)));
    expect(made.filter((one) => one.created)).toHaveLength(1);
    expect(new Set(made.map((one) => one.unit.id)).size).toBe(1);
    expect(await countOf(given.reference)).toBe(1);
  });

  it('of one SPI under two references make one unit and a conflict', async () => {
    const spi = newSpi();
    const made = await Promise.allSettled(
      Array.from({ length: 6 }, () => put({ reference: newReference(), spi })),
    );
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const rows = await bench.database.query('select from units where spi = $1', [spi]);
    expect(rows).toHaveLength(1);
  });

  it('with different parties leave one of the lists, whole', async () => {
    const organizations = await Promise.all([1, 2, 3, 4].map(() => bench.organization()));
    const reference = newReference();
    const lists = organizations.map((organization) => [
      { organization, role: 'carrier' },
      { organization, role: 'payer' },
    ]);
    await Promise.all(lists.map((parties) => put({ reference, parties })));
    const { items } = await units.find(us, { reference }, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(lists).toContainEqual(items[0]?.parties);
  });
});
