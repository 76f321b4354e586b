// The state of a unit: by the newest actual event that holds, whatever the order of arrival.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { UnitsPort } from '../../dialects/hub-port.ts';
import type { EventFacts } from '../../events/event.ts';
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
async function book(): Promise<HandlingUnit> {
  const given = { reference: `LOT-${++serial}`, freightFamily: 'Container' } as const;
  return (await units.put(us, given)).unit;
}

/** Records an event a second after the last one; its id. */
function tell(unit: HandlingUnit, facts: Partial<EventFacts>): Promise<string> {
  bench.clock.nowMs += 1_000;
  return bench.event({ unit, organization: us.organization ?? '', facts });
}

const at = (hour: number) => timeOf(`2026-11-01T${String(hour).padStart(2, '0')}:00:00+01:00`);

/** The same by id and in a list. */
async function stateOf(unit: HandlingUnit, asOfMs?: number) {
  const one = await units.get(us, unit.id, asOfMs);
  const query = { reference: unit.reference, ...(asOfMs === undefined ? {} : { asOfMs }) };
  const { items } = await units.find(us, query, { limit: 5 });
  expect(items).toEqual([one]);
  return one?.state;
}

describe('the state', () => {
  it('is missing before the first actual event', async () => {
    const unit = await book();
    expect(await stateOf(unit)).toBeUndefined();
    await tell(unit, { classifier: 'planned', occurredAt: at(9), place: { unlocode: 'FRLEH' } });
    await tell(unit, { classifier: 'estimated', occurredAt: at(9), full: true });
    expect(await stateOf(unit)).toBeUndefined();
  });

  it('is told by the newest that tells it: place and location by one, full by its own', async () => {
    const unit = await book();
    const place = { unlocode: 'FRLEH', location: 'MTDF', latitude: 49.5, longitude: 0.1 };
    await tell(unit, { occurredAt: at(8), place: { unlocode: 'NOOSL', name: 'Oslo' }, full: true });
    await tell(unit, { occurredAt: at(9), place });
    await tell(unit, { occurredAt: at(10), place: { latitude: 1, longitude: 2 } });
    const id = await tell(unit, { occurredAt: at(11), type: 'shifted' });
    const occurredAt = '2026-11-01T11:00:00+01:00';
    const lastEvent = { id, type: 'shifted', classifier: 'actual', occurredAt };
    expect(await stateOf(unit)).toEqual({
      ...{ place: 'FRLEH', location: 'MTDF', full: true, lastEvent },
    });
    const emptied = await tell(unit, { occurredAt: at(12), full: false, place: { name: 'Yard' } });
    expect(await stateOf(unit)).toEqual({
      ...{ placeName: 'Yard', full: false },
      lastEvent: expect.objectContaining({ id: emptied }),
    });
  });

  it('is not moved back by a late event, nor by another passage', async () => {
    const unit = await book();
    const other = await book();
    const id = await tell(unit, { occurredAt: at(12), place: { location: 'NEW' } });
    await tell(unit, { occurredAt: at(7), place: { location: 'OLD' }, full: true });
    await tell(other, { occurredAt: at(20), place: { location: 'OTHER' } });
    expect(await stateOf(unit)).toMatchObject({ location: 'NEW', full: true, lastEvent: { id } });
  });

  it('follows corrections and retractions, and is at each time what was known', async () => {
    const unit = await book();
    const [a, b] = [{ location: 'A' }, { location: 'B' }];
    const first = await tell(unit, { occurredAt: at(8), place: a });
    const wrong = await tell(unit, { occurredAt: at(10), place: b, full: true });
    const known = bench.clock.nowMs;
    await tell(unit, { occurredAt: at(7), place: b, replaces: wrong });
    const corrected = bench.clock.nowMs;
    expect(await stateOf(unit)).toMatchObject({ location: 'A', lastEvent: { id: first } });
    await tell(unit, { occurredAt: at(11), retracts: first });
    expect(await stateOf(unit)).toMatchObject({ location: 'B', lastEvent: { type: 'gated-in' } });
    expect(await stateOf(unit, known)).toMatchObject({
      ...{ location: 'B', full: true, lastEvent: { id: wrong } },
    });
    expect(await stateOf(unit, corrected)).toMatchObject({ location: 'A' });
    expect(await stateOf(unit, known - 2_000)).toBeUndefined();
  });

  it('is the same whatever the order of arrival', async () => {
    const told = fc.record({
      hour: fc.integer({ min: 0, max: 23 }),
      location: fc.option(fc.constantFrom('A', 'B', 'C'), { nil: undefined }),
      full: fc.option(fc.boolean(), { nil: undefined }),
    });
    const scene = fc.uniqueArray(told, { minLength: 1, maxLength: 6, selector: (e) => e.hour });
    await fc.assert(
      fc.asyncProperty(scene, async (events) => {
        const unit = await book();
        for (const { hour, location, full } of events) {
          await tell(unit, {
            occurredAt: at(hour),
            ...(location === undefined ? {} : { place: { location } }),
            ...(full === undefined ? {} : { full }),
          });
        }
        const newestFirst = events.toSorted((one, other) => other.hour - one.hour);
        const state = await stateOf(unit);
        expect(state?.location).toBe(newestFirst.find((e) => e.location !== undefined)?.location);
        expect(state?.full).toBe(newestFirst.find((e) => e.full !== undefined)?.full);
        expect(state?.lastEvent.occurredAt).toBe(at(newestFirst[0]?.hour ?? 0).text);
      }),
      { numRuns: 40 },
    );
  });
});
