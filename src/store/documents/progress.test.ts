// What the progress of a document reads of its units, beside everything else that they were told.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createStoreBench,
  type EventToWrite,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { NewDocument } from '../../dialects/hub-port.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { createUnits } from '../units/index.ts';
import { createDocuments } from './index.ts';

const number = 'EN/1';
const stops: NewDocument['stops'] = [
  { kind: 'loaded', place: { name: 'Le Havre' }, window: {} },
  { kind: 'unloaded', place: { name: 'Berlin' }, window: {} },
];

let bench: StoreBench;
let shipper: string;
let unit: HandlingUnit;
let order: string;
beforeAll(async () => {
  bench = await createStoreBench();
  shipper = await bench.organization();
  const asShipper = memberOf(shipper);
  const given = { type: 'order' as const, number, dialect: 'd', parties: [], stops, body: '{}' };
  order = (await createDocuments(bench).create(asShipper, given)).id;
  const documents = [{ type: 'order' as const, reference: number }];
  const wanted = { reference: 'CSQU3054383', freightFamily: 'Container', documents } as const;
  unit = (await createUnits(bench).put(asShipper, wanted)).unit;
});
afterAll(() => bench.drop());

const tell = (facts: EventToWrite['facts'], dialect = 'd') =>
  bench.event({ unit, organization: shipper, dialect, ...(facts && { facts }) });
const plan = (stop: number, more: EventToWrite['facts'] = {}) =>
  tell({
    ...{ type: stop === 1 ? 'loaded' : 'unloaded', classifier: 'planned' },
    ...{ occurredAt: timeOf('2026-11-01T00:00:00Z'), additionalInfo: `${number} #${stop}` },
    ...more,
  });

/** Ids of the planned events that stand, by stop. */
async function standing(): Promise<(string | undefined)[]> {
  const progress = await createDocuments(bench).progress(memberOf(shipper), order, { limit: 10 });
  return progress?.stops.map(({ units }) => units[0]?.planned?.id) ?? [];
}

it('finds what was planned among hundreds of later corrections of other events', async () => {
  const [first, second] = [await plan(1), await plan(2)];
  let estimate = await tell({ type: 'arrived', classifier: 'estimated' });
  for (let day = 0; day < 250; day++) {
    estimate = await tell({ type: 'arrived', classifier: 'estimated', replaces: estimate });
  }
  expect(await standing()).toEqual([first, second]);
  const corrected = await plan(1, { type: 'gated-in', replaces: first });
  const again = await tell({ type: 'loaded', classifier: 'planned', replaces: corrected }, 'hub');
  await tell({ type: 'arrived', classifier: 'planned', retracts: second }, 'hub');
  expect(await standing()).toEqual([again, undefined]);
});
