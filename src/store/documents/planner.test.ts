// Units and the orders over them: whichever comes first, the stops are told once, and to nobody else.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type {
  DocumentsPort,
  Hub,
  NewDocument,
  PutUnit,
  UnitsPort,
} from '../../dialects/hub-port.ts';
import { createEvents } from '../events/index.ts';
import { createRecorder, type RecordedDelivery } from '../record/index.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import { createUnits } from '../units/index.ts';
import { createDocuments } from './index.ts';
import { createPlanner, type Planner } from './planner.ts';

let bench: StoreBench;
let shipper: string;
let carrier: string;
let stranger: string;
let isBroken = false;
const handed: RecordedDelivery[] = [];

interface Process {
  readonly planner: Planner;
  readonly units: UnitsPort;
  readonly documents: DocumentsPort;
  readonly record: Hub['record'];
}

/** As one process of the hub has them. */
function createProcess(): Process {
  const recorder = createRecorder({
    ...{ database: bench.database, nowMs: bench.nowMs, newId: bench.newId },
    handOver: (deliveries) => handed.push(...deliveries),
    logger: { error: () => undefined },
  });
  const record: Hub['record'] = (principal, drafts) =>
    isBroken ? Promise.reject(new Error('no more')) : recorder.record(principal, drafts);
  const logger = { warn: () => undefined };
  const planner = createPlanner({ database: bench.database, newId: bench.newId, record, logger });
  const parts = { ...bench, planner };
  return { planner, units: createUnits(parts), documents: createDocuments(parts), record };
}

let hub: Process;
let another: Process;
beforeAll(async () => {
  bench = await createStoreBench();
  [shipper, carrier, stranger] = await Promise.all([
    bench.organization('The shipper'),
    bench.organization('The carrier'),
    bench.organization('A stranger'),
  ]);
  [hub, another] = [createProcess(), createProcess()];
});
beforeEach(() => {
  isBroken = false;
});
afterAll(() => bench.drop());

let serial = 0;
const newNumber = () => `EN/15022021/${++serial}`;
const newReference = () => `CSQU${String(++serial).padStart(7, '0')}`;
const from = timeOf('2026-12-01T09:00:00+01:00');
const to = timeOf('2026-12-02T16:00:00+01:00');
const stops: NewDocument['stops'] = [
  { kind: 'loaded', place: { name: 'Le Havre' }, window: { day: '2026-12-01', from } },
  { kind: 'unloaded', place: { name: 'Berlin' }, window: { day: '2026-12-02', to } },
];
const under = (number: string) => [{ type: 'order' as const, reference: number }];
const party = (organization: string, role = 'carrier') => ({ organization, role });

const give = (number: string, more: Partial<NewDocument> = {}, by = hub, as = shipper) =>
  by.documents.create(memberOf(as), {
    ...{ type: 'order', number, dialect: 'd', parties: [], stops, body: '{}' },
    ...more,
  });

async function book(number: string, more: Partial<PutUnit> = {}, by = hub, as = shipper) {
  const given = { reference: newReference(), documents: under(number), ...more };
  return (await by.units.put(memberOf(as), { freightFamily: 'Container', ...given })).unit;
}

async function eventsOf({ id }: { readonly id: string }) {
  const events = createEvents({ database: bench.database });
  return (await events.list(operator, { unit: id }, { limit: 200 })).items;
}

const namesOf = async (unit: { readonly id: string }) =>
  (await eventsOf(unit)).map(({ type, classifier }) => `${classifier} ${type}`);
const both = ['planned loaded', 'planned unloaded'];
async function noteCount(): Promise<number> {
  await Promise.all([hub.planner.idle(), another.planner.idle()]);
  return (await bench.database.query('select from plans_due')).length;
}

describe('a unit under an order', () => {
  it.each<[string, (number: string) => Promise<{ id: string }>]>([
    [
      'booked earlier',
      async (number) => {
        const unit = await book(number);
        await give(number);
        return unit;
      },
    ],
    [
      'booked later',
      async (number) => {
        await give(number);
        return book(number);
      },
    ],
  ])('%s is told its stops once', async (_when, meet) => {
    const number = newNumber();
    const unit = await meet(number);
    expect(await eventsOf(unit)).toMatchObject([
      {
        ...{ type: 'loaded', classifier: 'planned', place: { name: 'Le Havre' } },
        occurredAt: { text: from.text },
        documents: under(number),
        source: { organization: shipper, dialect: 'd' },
        sourceName: 'The shipper',
      },
      { type: 'unloaded', occurredAt: { text: to.text }, additionalInfo: `${number} #2` },
    ]);
    expect(await noteCount()).toBe(0);
  });

  it('is told them again by no repeat and no change', async () => {
    const [number, reference] = [newNumber(), newReference()];
    await give(number);
    const unit = await book(number, { reference });
    await book(number, { reference });
    await book(number, { reference, parties: [party(carrier)] });
    await book(number, { reference, documents: [...under(number), ...under('EN/other')] });
    expect(await namesOf(unit)).toEqual(both);
  });

  it('is told those of every order that it is booked under', async () => {
    const [first, second] = [newNumber(), newNumber()];
    await give(first);
    await give(second);
    const unit = await book(first, { documents: [...under(first), ...under(second)] });
    expect((await namesOf(unit)).sort()).toEqual([...both, ...both].sort());
  });

  it('is told stops that were withdrawn no second time', async () => {
    const [number, reference] = [newNumber(), newReference()];
    await give(number);
    const unit = await book(number, { reference });
    const [first] = await eventsOf(unit);
    if (first === undefined) throw new Error('not planned');
    const { type, classifier, occurredAt } = first;
    const draft = { unit: { id: unit.id }, type, classifier, occurredAt, retracts: first.id };
    const source = { dialect: 'd' };
    await hub.record(memberOf(shipper), [{ ...draft, source, received: '{}' }]);
    const before = await namesOf(unit);
    await book(number, { reference, parties: [party(carrier)] });
    expect(await namesOf(unit)).toEqual(before);
  });

  it('that comes at the same moment is told exactly once, over and over', async () => {
    for (let round = 0; round < 30; round += 1) {
      const number = newNumber();
      const made = await Promise.all([
        book(number),
        give(number, {}, another),
        book(number, {}, another),
      ]);
      await Promise.all([hub.planner.idle(), another.planner.idle()]);
      for (const unit of [made[0], made[2]]) expect(await namesOf(unit)).toEqual(both);
    }
    expect(await noteCount()).toBe(0);
  });

  it('is one of many', async () => {
    const number = newNumber();
    const units = await Promise.all(Array.from({ length: 210 }, () => book(number)));
    await give(number);
    const [row] = await bench.database.query<{ count: number }>(
      `select count(*) from events where unit_id = any ($1::uuid[])`,
      [units.map(({ id }) => id)],
    );
    expect(row?.count).toBe(420);
  });

  it('pushes them to those who subscribed', async () => {
    const store = createSubscriptions({
      ...bench,
      secrets: { issue: () => ({ secret: 'whsec_x', sealed: 'sealed' }) },
      checkUrl: (text) => ({ ok: true, url: new URL(text) }),
      onChange: () => undefined,
    });
    const number = newNumber();
    const unit = await book(number);
    const filter = { reference: unit.reference };
    const wish = { dialect: 'hub', url: 'https://receiver.example/', filter };
    const { subscription } = await store.create(memberOf(shipper), wish);
    await give(number);
    const told = handed.filter(({ subscriptionId }) => subscriptionId === subscription.id);
    expect(told.map(({ sequence, event }) => [sequence, event.type])).toEqual([
      [1, 'loaded'],
      [2, 'unloaded'],
    ]);
  });
});

describe('those who do not name each other', () => {
  it('never meet', async () => {
    const number = newNumber();
    await give(number, { parties: [party(carrier)] });
    // A stranger’s unit, also one that names the shipper.
    expect(await namesOf(await book(number, {}, hub, stranger))).toEqual([]);
    const claimed = await book(number, { parties: [party(shipper, 'shipper')] }, hub, stranger);
    expect(await namesOf(claimed)).toEqual([]);
    // The carrier’s unit that does not name the shipper.
    const own = { reference: newReference() };
    const apart = await book(number, own, hub, carrier);
    expect(await namesOf(apart)).toEqual([]);
    // And then does.
    await book(number, { ...own, parties: [party(shipper, 'shipper')] }, hub, carrier);
    expect(await namesOf(apart)).toEqual(both);
  });

  it('keep their own orders of one number apart', async () => {
    const number = newNumber();
    const [ours, theirs] = [await book(number), await book(number, {}, hub, stranger)];
    await give(number, { stops: stops.slice(0, 1) });
    await give(number, { stops: stops.slice(1) }, hub, stranger);
    expect(await namesOf(ours)).toEqual(['planned loaded']);
    expect(await namesOf(theirs)).toEqual(['planned unloaded']);
  });

  it('plan nothing for a unit that they may only read', async () => {
    const number = newNumber();
    await give(number, { parties: [party(carrier)] });
    const parties = [party(shipper, 'observer')];
    expect(await namesOf(await book(number, { parties }, hub, carrier))).toEqual([]);
  });
});

describe('a process that ends before it has told the stops', () => {
  it('leaves a note, from which any other does it', async () => {
    const [first, second] = [newNumber(), newNumber()];
    const early = await book(first);
    await give(second);
    isBroken = true;
    await give(first);
    const late = await book(second);
    expect(await noteCount()).toBe(2);
    isBroken = false;
    await Promise.all([another.planner.resume(), hub.planner.resume()]);
    expect(await noteCount()).toBe(0);
    for (const unit of [early, late]) expect(await namesOf(unit)).toEqual(both);
  });

  it('leaves none of a booking that was undone', async () => {
    const undone = bench.database.transaction(async () => {
      await book(newNumber());
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await noteCount()).toBe(0);
  });
});
