/** The demo's verdict rests on these books, so they must notice what is missing, extra or wrong. */
import { describe, expect, it } from 'vitest';
import { containers, parcels } from '../cast.ts';
import type { Push } from '../receiver.ts';
import { createLedger } from './ledger.ts';
import type { Happening, Wish } from './matching.ts';

const wish: Wish = { name: 'all', dialect: 'hub', subscriber: 'shipper', filter: {} };
const happening: Happening = {
  unit: containers.third,
  type: 'gated-out',
  occurredAt: '2026-11-17T11:20:00+01:00',
};
const acknowledged = { happening, registeredIn: 'hub', eventId: 'e1', atMs: 100 } as const;

function push(given: Partial<Push> & { event?: string; sequence?: number } = {}): Push {
  const { event = 'e1', sequence = 1, ...rest } = given;
  const body = { sequence, event: { id: event } };
  return { subscription: 'all', id: `d${sequence}`, verified: true, body, atMs: 104, ...rest };
}

function ledgerWith(...wishes: Wish[]) {
  const ledger = createLedger();
  for (const each of wishes) ledger.follow(each);
  return ledger;
}

describe('the ledger', () => {
  it('pairs a push with the event that made it due, whichever is known first', async () => {
    for (const order of ['event', 'push']) {
      const ledger = ledgerWith(wish);
      if (order === 'push') ledger.arrived(push({ atMs: 96 }));
      ledger.recorded(acknowledged);
      if (order === 'event') ledger.arrived(push());
      expect(await ledger.settled(60_000)).toBe(true);
      expect(ledger.faults()).toEqual([]);
      const latenciesMs = [order === 'event' ? 4 : 0];
      expect(ledger.routes()).toEqual([
        {
          registeredIn: 'hub',
          pushedAs: 'hub',
          expected: 1,
          received: 1,
          verified: 1,
          latenciesMs,
        },
      ]);
    }
  });

  it('names what is missing, and says so when the wait is over', async () => {
    const ledger = ledgerWith(wish);
    ledger.recorded(acknowledged);
    expect(await ledger.settled(1)).toBe(false);
    expect(ledger.faults()).toEqual([
      'missing: gated-out of CSQU3054383 at 2026-11-17T11:20:00+01:00, due to all',
    ]);
  });

  it('names a push that nobody was due, and one to nobody', () => {
    const ledger = ledgerWith(wish);
    ledger.arrived(push({ event: 'e9' }));
    ledger.arrived(push({ subscription: 'nobody' }));
    expect(ledger.faults()).toEqual([
      'a push to nobody, which is unknown',
      'not expected at all: {"sequence":1,"event":{"id":"e9"}}',
    ]);
  });

  it('counts a push with a bad signature as received, not as verified', () => {
    const ledger = ledgerWith(wish);
    ledger.recorded(acknowledged);
    ledger.arrived(push({ verified: false }));
    expect(ledger.routes()).toMatchObject([{ expected: 1, received: 1, verified: 0 }]);
    expect(ledger.faults()).toEqual(['bad signature on a push to all']);
  });

  it('takes a repeated delivery once, and sees a gap in the numbers', () => {
    const ledger = ledgerWith(wish);
    ledger.recorded(acknowledged);
    ledger.recorded({ ...acknowledged, eventId: 'e3' });
    ledger.arrived(push());
    ledger.arrived(push());
    ledger.arrived(push({ event: 'e3', sequence: 3 }));
    expect(ledger.routes()).toMatchObject([{ expected: 2, received: 2 }]);
    expect(ledger.faults()).toEqual(['missing: number 2 of 3 of all']);
  });

  it('knows a SOGET push by all that it says, in any offset', () => {
    const tracking: Wish = { ...wish, dialect: 'soget', externalReference: 'X1' };
    const says = (Type: string) => ({
      HandlingUnit: {
        Events: [
          {
            AlertDate: '2026-11-17T10:20:00+00:00',
            AlertType: 'Creation',
            Direction: 'Import',
            Location: null,
            State: 'Active',
            Type,
          },
        ],
        FreightFamily: 'Container',
        Reference: 'CSQU3054383',
        Spi: 'CNI0000070001',
        ExternalReference: 'X1',
      },
    });
    const ledger = ledgerWith(tracking);
    ledger.recorded(acknowledged);
    ledger.arrived(push({ id: 'd1', body: says('gated-out') }));
    expect(ledger.faults()).toEqual([]);
    ledger.arrived(push({ id: 'd2', body: says('gated-in') }));
    expect(ledger.faults()).toHaveLength(1);
  });
});

describe('a push of the terminal', () => {
  const wanted: Wish = { ...wish, dialect: 'terminal' };
  const aboard = { ...happening, type: 'loaded', mode: 1, vehicle: { name: 'MSC EYRA' } };
  const body = {
    equipmentNumber: 'CSQU3054383',
    carrierBookingNumber: 'BKG2026117042',
    billOfLadingNumber: 'HLCUEUR2002APIK9',
    transportationPhase: 'Import',
    eventOccurrenceTime8601: '2026-11-17T10:20:00.000+00:00',
    location: null,
    ...{ terminal: null, vehicleId: null, vehicleName: 'MSC EYRA', fullStatus: null },
  };

  it('is known by the name in its address and all that it says', () => {
    const ledger = ledgerWith(wanted);
    ledger.recorded({ ...acknowledged, happening: aboard });
    ledger.arrived(push({ body, eventName: 'actualLoadedOnVessel' }));
    expect(ledger.faults()).toEqual([]);
    ledger.arrived(push({ id: 'd2', body, eventName: 'actualLoadedOnRail' }));
    ledger.arrived(push({ id: 'd3', body: { ...body, fullStatus: 'Full' } }));
    expect(ledger.faults()).toHaveLength(2);
  });
});

describe('what is due', () => {
  const dueTo = (given: Partial<Wish>, event: Partial<Happening> = {}) => {
    const ledger = ledgerWith({ ...wish, ...given });
    ledger.recorded({ ...acknowledged, happening: { ...happening, ...event } });
    return ledger.routes().length === 1;
  };

  it('follows from being owner or party, and from the filter', () => {
    expect(dueTo({})).toBe(true);
    expect(dueTo({ subscriber: 'port' })).toBe(true);
    expect(dueTo({ subscriber: 'stranger' })).toBe(false);
    expect(dueTo({ subscriber: 'terminal' }, { unit: parcels.followed })).toBe(false);
    expect(dueTo({ filter: { types: ['gated-in'] } })).toBe(false);
    expect(dueTo({ filter: { direction: 'Export' } })).toBe(false);
    expect(dueTo({ filter: { place: 'MTDF' } })).toBe(false);
    expect(dueTo({ filter: { place: 'MTDF' } }, { place: { location: 'MTDF' } })).toBe(true);
  });

  it('is nothing at the terminal where it has no name', () => {
    const dialect = 'terminal';
    const at = (event: Partial<Happening>) => dueTo({ dialect }, event);
    expect(at({})).toBe(true);
    expect(at({ type: 'stripped' })).toBe(false);
    expect(at({ type: 'arrived' })).toBe(false);
    expect(at({ type: 'arrived', mode: 2 })).toBe(true);
    expect(at({ type: 'arrived', mode: 2, classifier: 'estimated' })).toBe(false);
    expect(at({ type: 'arrived', mode: 8, classifier: 'estimated' })).toBe(true);
    expect(at({ classifier: 'planned' })).toBe(false);
    expect(at({ unit: parcels.followed })).toBe(false);
  });

  it('leaves estimates out of a tracking', () => {
    expect(dueTo({}, { classifier: 'estimated' })).toBe(true);
    expect(dueTo({ dialect: 'soget' }, { classifier: 'estimated' })).toBe(false);
  });
});
