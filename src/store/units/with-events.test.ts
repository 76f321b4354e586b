// Units by any of their names with the events that hold: who finds what, what is left out, and that
// no table of units or events is read from end to end for it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { NamesQuery, PutUnit, UnitsPort } from '../../dialects/hub-port.ts';
import type { EventFacts } from '../../events/event.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { createUnits } from './index.ts';

let bench: StoreBench;
let units: UnitsPort;
let shopId: string;
let shop: Principal;
let carrierId: string;
let carrier: Principal;
let stranger: Principal;

beforeAll(async () => {
  bench = await createStoreBench();
  units = createUnits(bench);
  shopId = await bench.organization('Shop');
  shop = memberOf(shopId);
  carrierId = await bench.organization('Carrier');
  carrier = memberOf(carrierId);
  stranger = memberOf(await bench.organization('Stranger'));
});
afterAll(() => bench.drop());

let serial = 0;
const newNumber = () => `N-${++serial}`;
const newSscc = () => `37072476${String(++serial).padStart(10, '0')}`;

async function book(given: Partial<PutUnit> = {}): Promise<HandlingUnit> {
  const { unit } = await units.put(shop, {
    reference: newSscc(),
    freightFamily: 'Parcel',
    parties: [{ organization: carrierId, role: 'carrier' }],
    ...given,
  });
  return unit;
}

const limits = { unitsMax: 10, eventsMax: 10 };
const ask = (anyOf: NamesQuery['anyOf'], asker = carrier, more: Partial<typeof limits> = {}) =>
  units.withEvents(asker, { anyOf, ...limits, ...more });
const idsOf = async (anyOf: NamesQuery['anyOf'], asker = carrier) =>
  (await ask(anyOf, asker)).items.map((item) => item.unit.id);

const tell = (unit: HandlingUnit, facts: Partial<EventFacts> = {}, organization = carrierId) =>
  bench.event({ unit, organization, facts: { type: 'in-transit', ...facts } });
const at = (minute: number) => timeOf(`2026-11-20T10:${String(minute).padStart(2, '0')}:00+01:00`);

describe('names', () => {
  it('finds a parcel by every spelling of its tracking reference', async () => {
    const sscc = newSscc();
    const unit = await book({ reference: `(00)${sscc}` });
    for (const reference of [sscc, `00${sscc}`, `(00)${sscc}`]) {
      expect(await idsOf({ reference })).toEqual([unit.id]);
    }
  });

  it('finds all parcels of a shipment by either spelling, in the order of booking', async () => {
    const number = `7${newSscc()}`;
    const first = await book({ details: { parcel: { shipmentNumber: `(401)${number}` } } });
    const second = await book({ details: { parcel: { shipmentNumber: number } } });
    const third = await book({ documents: [{ type: 'consignment', reference: number }] });
    const fourth = await book({
      documents: [{ type: 'consignment', reference: `(401)${number}` }],
    });
    // The same number said of something else is no shipment number.
    await book({ documents: [{ type: 'order', reference: number }] });
    await book({
      freightFamily: 'Container',
      documents: [{ type: 'consignment', reference: number }],
    });
    const all = [first.id, second.id, third.id, fourth.id];
    expect(await idsOf({ shipmentNumber: number })).toEqual(all);
    expect(await idsOf({ shipmentNumber: ` (401)${number}` })).toEqual(all);
  });

  it('finds by return code, and keeps the kinds of names apart', async () => {
    const code = `R-${++serial}`;
    const unit = await book({ details: { parcel: { returnCode: code } } });
    expect(await idsOf({ returnCode: ` ${code} ` })).toEqual([unit.id]);
    expect(await idsOf({ shipmentNumber: code, reference: code })).toEqual([]);
  });

  it('counts a unit once whatever number of its names match', async () => {
    const name = newNumber();
    const unit = await book({
      reference: name,
      details: { parcel: { shipmentNumber: name, returnCode: name } },
      documents: [{ type: 'consignment', reference: name }],
    });
    const anyOf = { reference: name, shipmentNumber: name, returnCode: name };
    expect(await idsOf(anyOf)).toEqual([unit.id]);
  });

  it('forgets a name that a later booking takes away, and keeps what it does not mention', async () => {
    const [before, after] = [newNumber(), newNumber()];
    const unit = await book({ details: { parcel: { shipmentNumber: before, returnCode: 'R' } } });
    const { reference } = unit;
    await book({ reference });
    expect(await idsOf({ shipmentNumber: before })).toEqual([unit.id]);
    await book({ reference, details: { parcel: { shipmentNumber: after } } });
    expect(await idsOf({ shipmentNumber: before })).toEqual([]);
    expect(await idsOf({ shipmentNumber: after })).toEqual([unit.id]);
    expect(await idsOf({ returnCode: 'R' })).toEqual([]);
    await book({ reference, details: {} });
    expect(await idsOf({ shipmentNumber: after })).toEqual([]);
  });

  it('finds nothing without a name, and by text that cannot be stored', async () => {
    expect(await idsOf({})).toEqual([]);
    expect(
      await idsOf({ reference: 'a\u0000', shipmentNumber: '\ud800', returnCode: '\u0000' }),
    ).toEqual([]);
  });

  it('keeps the newest units where there are too many', async () => {
    const shipmentNumber = newNumber();
    const made: string[] = [];
    for (let count = 0; count < 3; count++) {
      made.push((await book({ details: { parcel: { shipmentNumber } } })).id);
    }
    const { items } = await ask({ shipmentNumber }, carrier, { unitsMax: 2 });
    expect(items.map((item) => item.unit.id)).toEqual(made.slice(1));
  });
});

it('shows a unit under none of its names to those who may not see it', async () => {
  const name = newNumber();
  const unit = await book({
    reference: name,
    details: { parcel: { shipmentNumber: name, returnCode: name } },
    documents: [
      { type: 'consignment', reference: `(401)${name}` },
      { type: 'consignment', reference: name },
    ],
  });
  await tell(unit);
  const nothing = { items: [], organizations: new Map() };
  for (const anyOf of [{ reference: name }, { shipmentNumber: name }, { returnCode: name }]) {
    expect(await ask(anyOf, stranger)).toEqual(nothing);
    for (const asker of [shop, carrier, operator]) {
      expect(await idsOf(anyOf, asker)).toEqual([unit.id]);
    }
  }
});

describe('events', () => {
  const shown = async ({ reference }: HandlingUnit, eventsMax = 10) => {
    const { items } = await ask({ reference }, carrier, { eventsMax });
    return items.flatMap((item) => item.events.map((event) => event.id));
  };

  it('come oldest first with the names of those who registered them', async () => {
    const unit = await book();
    const late = await tell(unit, { occurredAt: at(20) });
    const early = await tell(unit, { occurredAt: at(10) }, shopId);
    const { items, organizations } = await ask({ reference: unit.reference });
    expect(items.flatMap((item) => item.events.map((event) => event.id))).toEqual([early, late]);
    expect(organizations).toEqual(
      new Map([
        [carrierId, 'Carrier'],
        [shopId, 'Shop'],
      ]),
    );
  });

  it('are those that hold: neither replaced nor retracted, no retractions, no plans', async () => {
    const unit = await book();
    const kept = await tell(unit, { occurredAt: at(1) });
    const replaced = await tell(unit, { occurredAt: at(2) });
    const replacement = await tell(unit, { occurredAt: at(0), replaces: replaced });
    const retracted = await tell(unit, { occurredAt: at(4) });
    await tell(unit, { occurredAt: at(4), retracts: retracted });
    await tell(unit, { occurredAt: at(5), classifier: 'planned' });
    await tell(unit, { occurredAt: at(6), classifier: 'estimated' });
    expect(await shown(unit)).toEqual([replacement, kept]);
    // The correction lies outside the limit and counts all the same.
    expect(await shown(unit, 1)).toEqual([kept]);
  });

  it('are the newest of each unit where there are too many', async () => {
    const unit = await book();
    const made: string[] = [];
    for (const minute of [3, 1, 2]) made.push(await tell(unit, { occurredAt: at(minute) }));
    const [third, , second] = made;
    expect(await shown(unit, 2)).toEqual([second, third]);
  });
});
