// What is pushed and listed: every published member, in its order, whatever the event holds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent, UnitSnapshot } from '../../events/event.ts';
import { formatWithOffset, parseInstant } from '../../events/time.ts';
import { CUSTOMS_FLAGS, DIRECTIONS } from '../../events/types.ts';
import { compileCheck } from '../../lib/check.ts';
import { canPush, encodeEvent, encodePastEvents, push } from './encode.ts';
import { TransportEvent } from './schemas.ts';
import { vocabulary } from './vocabulary.ts';

const members = [
  'originatorName',
  'originatorId',
  'eventSubmissionTime8601',
  'transportEquipmentId',
  'transportEquipmentRef',
  'equipmentNumber',
  'carrierBookingNumber',
  'billOfLadingNumber',
  'eventOccurrenceTime8601',
  'transportationPhase',
  'location',
  'vehicleId',
  'vehicleName',
  'fullStatus',
  'terminal',
];

const unit: UnitSnapshot = {
  id: 'unit',
  reference: 'APZU4812090',
  freightFamily: 'Container',
  customsFlag: 'Import',
  documents: [
    { type: 'billOfLading', reference: 'UNIT-BL' },
    { type: 'booking', reference: 'UNIT-BK' },
  ],
};

function eventOf(change: Partial<RecordedEvent> = {}, text = '2018-03-13T11:30:00-05:00') {
  const parsed = parseInstant(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const event: RecordedEvent = {
    id: 'e1',
    type: 'gated-out',
    classifier: 'actual',
    occurredAt: parsed.value,
    unit,
    recordedAtMs: Date.UTC(2018, 2, 10, 16, 30),
    source: { organization: 'o', dialect: 'hub' },
    ...change,
  };
  return event;
}

const check = compileCheck(TransportEvent);
const text = fc.string({ unit: 'binary', maxLength: 12 });
const partial = { requiredKeys: [], noNullPrototype: true };
const anyEvent = fc
  .record(
    {
      mode: fc.nat(99),
      direction: fc.constantFrom(...DIRECTIONS),
      full: fc.boolean(),
      sourceName: text,
      replaces: fc.constant('other'),
      place: fc.record(
        {
          unlocode: text,
          location: text,
          name: text,
          latitude: fc.integer(),
          longitude: fc.integer(),
        },
        partial,
      ),
      vehicle: fc.record({ id: text, name: text, voyage: text }, partial),
      documents: fc.array(
        fc.record({ type: fc.constantFrom('booking' as const, 'order' as const), reference: text }),
        { maxLength: 2 },
      ),
      unit: fc.constantFrom(...CUSTOMS_FLAGS).map((customsFlag) => ({ ...unit, customsFlag })),
    },
    partial,
  )
  .map((change) => eventOf(change));

describe('the event', () => {
  it('has every published member in the published order, and keeps its schema', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const encoded = encodeEvent(event, {});
        expect(Object.keys(encoded)).toEqual(members);
        expect(Object.values(encoded)).not.toContain(undefined);
        expect(check(encoded)).toMatchObject({ ok: true });
      }),
    );
  });

  it('keeps every field that the dialect has', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const encoded = encodeEvent(event, {});
        const { place, vehicle } = event;
        expect(encoded.vehicleId).toBe(vehicle?.id ?? null);
        expect(encoded.vehicleName).toBe(vehicle?.name ?? null);
        expect(encoded.terminal).toBe(place?.location ?? null);
        expect(encoded.location?.unlocode).toBe(place?.unlocode);
        expect(encoded.location?.description).toBe(place?.name);
        expect(encoded.fullStatus === 'Full').toBe(event.full === true);
        expect(encoded.fullStatus === 'Empty').toBe(event.full === false);
      }),
    );
  });

  it('tells both times with milliseconds, in the offset that the event was told with', () => {
    const time = fc.record({
      epochMs: fc.integer({ min: 0, max: Date.UTC(2190, 0) }),
      offsetMinutes: fc.integer({ min: -18 * 60, max: 18 * 60 }),
    });
    fc.assert(
      fc.property(time, (given) => {
        const told = formatWithOffset({ ...given, fractionDigits: 3 });
        const encoded = encodeEvent(eventOf({ recordedAtMs: given.epochMs }, told), {});
        expect(encoded.eventOccurrenceTime8601).toBe(told);
        expect(encoded.eventSubmissionTime8601).toBe(told);
        expect(told).toMatch(/\.\d{3}[+-]\d{2}:\d{2}$/);
      }),
    );
  });

  it.each<[string, Partial<RecordedEvent>, object, string, string]>([
    ["the subscriber's own", {}, { bookingReference: 'SUB' }, 'SUB', 'UNIT-BL'],
    [
      "else the event's",
      { documents: [{ type: 'booking', reference: 'EV' }] },
      {},
      'EV',
      'UNIT-BL',
    ],
    ["else the unit's", {}, {}, 'UNIT-BK', 'UNIT-BL'],
  ])('names documents: %s', (_what, change, settings, booking, bill) => {
    const encoded = encodeEvent(eventOf(change), { ...settings });
    expect([encoded.carrierBookingNumber, encoded.billOfLadingNumber]).toEqual([booking, bill]);
  });

  it.each([
    ['import', 'Import'],
    ['export', 'Export'],
    ['transhipment', 'Transshipment'],
    ['domestic', 'Domestic'],
    ['transit', null],
  ] as const)('calls the direction %s %s', (direction, phase) => {
    expect(encodeEvent(eventOf({ direction }), {}).transportationPhase).toBe(phase);
  });

  it('takes a terminal for an SMDG code only where it looks like one', () => {
    const locationOf = (location: string) => encodeEvent(eventOf({ place: { location } }), {});
    expect(locationOf('USEWR-PNCT')).toMatchObject({
      terminal: 'USEWR-PNCT',
      location: { smdgTerminal: 'USEWR-PNCT' },
    });
    expect(locationOf('MTDF')).toMatchObject({ terminal: 'MTDF', location: null });
  });
});

describe('the push', () => {
  const subscription = { id: 's', url: 'https://x.test/', dialect: 'terminal', settings: {} };

  it('is made for what has a name, and for nothing else', () => {
    fc.assert(
      fc.property(anyEvent, fc.constantFrom('gated-out', 'sealed', 'loaded'), (event, type) => {
        const given = {
          event: { ...event, type } as RecordedEvent,
          sequence: 1,
          subscription,
          vocabulary,
        };
        if (canPush(given.event, vocabulary)) expect(push(given)).toEqual(push(given));
        else expect(() => push(given)).toThrow(`no name for ${type}`);
      }),
    );
  });
});

describe('past events', () => {
  const ids = (events: RecordedEvent[]) =>
    encodePastEvents(events, {}, vocabulary).map(
      ({ eventData }) => eventData.eventOccurrenceTime8601,
    );

  it('keep the order given, and of a correction the last version only', () => {
    const first = eventOf({ id: '1' }, '2018-03-13T11:00Z');
    const corrected = eventOf({ id: '2', replaces: '1' }, '2018-03-13T12:00Z');
    const again = eventOf({ id: '3', replaces: '2' }, '2018-03-13T13:00Z');
    const other = eventOf({ id: '4' }, '2018-03-13T14:00Z');
    expect(ids([first, corrected, again, other])).toEqual([
      '2018-03-13T13:00:00.000+00:00',
      '2018-03-13T14:00:00.000+00:00',
    ]);
    expect(ids([first, eventOf({ id: '5', retracts: '1' })])).toEqual([]);
  });
});
