// The plans behind the parcel log on tables large enough for the planner to care: no hot table is
// read from end to end, whoever asks and by whatever name.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createPlansBench,
  eventsPerUnit,
  explaining,
  type PlansBench,
  parcelsPerShipment,
} from '../../../test/support/plans.ts';
import { operator } from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import { createUnits } from './index.ts';

let bench: PlansBench;

beforeAll(async () => {
  bench = await createPlansBench();
});
afterAll(() => bench.drop());

const askers: [string, () => Principal][] = [
  ['an owner', () => bench.shop],
  ['a party', () => bench.port],
  ['the operator', () => operator],
];

it.each(
  askers.flatMap(([who, asker]) =>
    [
      { reference: 'P-7' },
      { shipmentNumber: 'S-7' },
      { shipmentNumber: 'C-7' },
      { returnCode: 'R-P-7' },
      { reference: 'P-7', shipmentNumber: 'P-7', returnCode: 'P-7' },
    ].map((anyOf) => ({ who, asker, anyOf })),
  ),
)('$who asks for $anyOf by index', async ({ asker, anyOf }) => {
  const { database, ...told } = explaining(bench);
  const query = { anyOf, unitsMax: 100, eventsMax: 200 };
  const { items } = await createUnits({ ...bench, database }).withEvents(asker(), query);
  const isShipment = Object.keys(anyOf).join() === 'shipmentNumber';
  expect(items.map((item) => item.events.length)).toEqual(
    Array(isShipment ? parcelsPerShipment : 1).fill(eventsPerUnit),
  );
  expect(told.readWhole()).toEqual([]);
  expect(told.indexes()).toContain('units_pkey');
});
