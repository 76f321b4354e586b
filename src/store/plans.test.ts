// The plans of the reading statements on tables that are large enough for the planner to care: no
// table of units or events is read from end to end. What is explained is what the store sends.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlansBench, explaining, type PlansBench } from '../../test/support/plans.ts';
import { operator, unknownId } from '../../test/support/store.ts';
import type { Principal } from '../dialects/dialect.ts';
import type { SubscriptionFilter } from '../events/subscription.ts';
import { FREIGHT_FAMILIES } from '../events/types.ts';
import type { Database } from './database.ts';
import { createEvents } from './events/index.ts';
import { readPastEvents } from './subscriptions/past-events.ts';
import { createUnits } from './units/index.ts';
import { readUnknownCodes } from './vocabulary/unknown-codes.ts';

let bench: PlansBench;

beforeAll(async () => {
  bench = await createPlansBench();
});
afterAll(() => bench.drop());

const page = { limit: 50 };
const trace = { families: FREIGHT_FAMILIES, descending: true, limit: 5, offset: 0, eventsMax: 100 };
type Run = (database: Database, asker: Principal) => Promise<unknown>;

const questions: Record<string, Run> = {
  'units.get': (database, asker) => createUnits({ ...bench, database }).get(asker, bench.someUnit),
  ...Object.fromEntries(
    [
      { id: '' },
      { reference: 'LOT-0' },
      { spi: 'CNI0000000000' },
      { document: 'BK-LOT-0' },
      { reference: 'LOT-0', document: 'BK-LOT-0' },
      {},
    ].map((query): [string, Run] => [
      `units.find ${JSON.stringify(query)}`,
      (database, asker) => {
        const named = 'id' in query ? { id: bench.someUnit } : query;
        return createUnits({ ...bench, database }).find(asker, named, page);
      },
    ]),
  ),
  'units.get as of a time': (database, asker) =>
    createUnits({ ...bench, database }).get(asker, bench.someUnit, Date.now()),
  ...Object.fromEntries(
    [{ reference: 'LOT-0' }, { spi: 'CNI0000000000' }, { document: 'BK-LOT-0' }, {}].map(
      (query): [string, Run] => [
        `units.find ${JSON.stringify(query)} as of a time`,
        async (database, asker) => {
          const asOf = { ...query, asOfMs: Date.now() };
          const { items } = await createUnits({ ...bench, database }).find(asker, asOf, page);
          expect(items).not.toEqual([]);
        },
      ],
    ),
  ),
  'units.trace by reference': (database, asker) =>
    createUnits({ ...bench, database }).trace(asker, { ...trace, reference: 'LOT-0' }),
  'units.trace by spi': (database, asker) =>
    createUnits({ ...bench, database }).trace(asker, { ...trace, spi: 'CNI0000000000' }),
  'events.get': (database, asker) => createEvents({ database }).get(asker, bench.someEvent),
  'events.list by unit': (database, asker) =>
    createEvents({ database }).list(asker, { unit: bench.someUnit }, page),
  'events.list by reference': (database, asker) =>
    createEvents({ database }).list(asker, { unit: 'LOT-0' }, page),
  'events.list by spi': (database, asker) =>
    createEvents({ database }).list(asker, { unit: 'CNI0000000000' }, page),
  'unknown codes': (database) => readUnknownCodes(database, 'hub', () => false),
};

const wishes: SubscriptionFilter[] = [
  { reference: 'LOT-0' },
  { spi: 'CNI0000000000' },
  { document: 'BK-LOT-0' },
  { types: ['gated-in'] },
];

describe.each(wishes)('past events by %j', (filter) => {
  it.each([
    ['an owner of few units', () => bench.shipper],
    ['a party of all units', () => bench.port],
  ])('reads no table whole, for %s', async (_who, asker) => {
    const { database, ...told } = explaining(bench);
    const { organization = '' } = asker();
    const wish = { subscriptionId: unknownId(), organization, dialect: 'hub', filter, sinceMs: 0 };
    expect(await readPastEvents({ database }, wish, 100_000)).not.toEqual([]);
    expect(told.readWhole()).toEqual([]);
  });
});

describe.each(Object.entries(questions))('%s', (_name, run) => {
  it.each([
    ['an owner of few units', () => bench.shipper],
    ['a party of all units', () => bench.port],
    ['the operator', () => operator],
  ])('reads no table whole, for %s', async (_who, asker) => {
    const { database, ...told } = explaining(bench);
    await run(database, asker());
    expect(told.plans()).toBeGreaterThan(0);
    expect(told.readWhole()).toEqual([]);
  });
});

describe('events.list without a unit', () => {
  it('reads the units of an owner by its index, and their events by theirs', async () => {
    const { database, ...told } = explaining(bench);
    await createEvents({ database }).list(bench.shipper, {}, page);
    expect(told.readWhole()).toEqual([]);
    expect(told.indexes()).toContain('unit_parties_by_organization');
  });

  it('reads events by index even for a party of all units', async () => {
    const { database, ...told } = explaining(bench);
    await createEvents({ database }).list(bench.port, { recordedFromMs: 0 }, page);
    expect(told.readWhole().filter((name) => name.startsWith('events'))).toEqual([]);
  });
});
