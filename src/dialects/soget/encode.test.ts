// What callers and webhooks read: which events show, what decides, and SOGET's own schemas as the judge.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryOf } from '../../../test/support/arbitrary.ts';
import { readOpenApiSchemas } from '../../../test/support/openapi-schemas.ts';
import type { RecordedEvent, UnitSnapshot } from '../../events/event.ts';
import { parseInstant } from '../../events/time.ts';
import { CUSTOMS_FLAGS, DIRECTIONS, EVENT_TYPES, FREIGHT_FAMILIES } from '../../events/types.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { UnitDetails } from '../../events/unit-details.ts';
import { present } from '../../lib/present.ts';
import { encodeHandlingUnit, encodePage, encodeWebhook } from './encode.ts';
import { CUSTOMS_INDICATORS } from './schemas.ts';
import { vocabulary } from './vocabulary.ts';

const snapshot: UnitSnapshot = {
  id: 'unit',
  reference: 'CGMU2436601',
  spi: 'CNI0000063978',
  freightFamily: 'Container',
  customsFlag: 'Import',
  documents: [],
};

function unitOf(change: Partial<HandlingUnit> = {}): HandlingUnit {
  const rest = { organization: 'o', parties: [], details: {}, createdAtMs: 0, updatedAtMs: 0 };
  return { ...snapshot, ...rest, ...change };
}

function timeOf(text: string) {
  const parsed = parseInstant(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

function eventOf(id: string, text: string, change: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    id,
    type: 'gated-in',
    classifier: 'actual',
    occurredAt: timeOf(text),
    unit: snapshot,
    recordedAtMs: 0,
    source: { organization: 'o', dialect: 'hub' },
    ...change,
  };
}

const dates = (events: readonly RecordedEvent[], unit = unitOf()) =>
  encodeHandlingUnit({ unit, events }, vocabulary).events?.map((event) => event.eventDate);

describe('events shown', () => {
  it('are actual ones, oldest first, in the offset they were told with', () => {
    const events = [
      eventOf('3', '2025-08-15T23:32:00.125-05:00'),
      eventOf('2', '2025-08-15T10:00Z'),
      eventOf('1', '2025-08-15T10:00:00Z', { classifier: 'planned' }),
    ];
    expect(dates(events)).toEqual(['2025-08-15T10:00:00+00:00', '2025-08-15T23:32:00.125-05:00']);
  });

  it('are not replaced or retracted ones, but their replacements', () => {
    const events = [
      eventOf('1', '2025-08-01T00:00:00Z'),
      eventOf('2', '2025-08-02T00:00:00Z', { replaces: '1' }),
      eventOf('3', '2025-08-03T00:00:00Z'),
      eventOf('4', '2025-08-03T00:00:00Z', { retracts: '3' }),
      eventOf('5', '2025-08-05T00:00:00Z', { replaces: 'unknown' }),
    ];
    expect(dates(events)).toEqual(['2025-08-02T00:00:00+00:00', '2025-08-05T00:00:00+00:00']);
  });
});

describe('the newest event decides', () => {
  const events = [
    eventOf('1', '2025-08-01T00:00:00Z', { full: false, place: { unlocode: 'FRLEH' } }),
    eventOf('2', '2025-08-02T00:00:00Z', { full: true, place: { location: 'MTDF' } }),
    eventOf('3', '2025-08-03T00:00:00Z', { place: { name: 'somewhere' } }),
    eventOf('4', '2025-08-04T00:00:00Z', { classifier: 'estimated', full: false }),
  ];
  const unit = unitOf({
    details: { indicators: { empty: true, reefer: true }, huLocation: { place: 'NLRTM' } },
  });

  it('on place and on empty, though it was told first', () => {
    for (const order of [events, events.toReversed()]) {
      const shown = encodeHandlingUnit({ unit, events: order }, vocabulary);
      expect(shown.huLocation).toEqual({ place: null, location: 'MTDF' });
      expect(shown.indicators).toEqual({ empty: false, reefer: true });
    }
  });

  it('else the details', () => {
    const shown = encodeHandlingUnit({ unit, events: [] }, vocabulary);
    expect(shown.huLocation).toEqual({ place: 'NLRTM', location: null });
    expect(shown.indicators).toEqual({ empty: true, reefer: true });
  });
});

describe('the type of an event', () => {
  it.each<[string, Partial<RecordedEvent>]>([
    ['DIR', { codes: { soget: 'DIR', other: 'X' }, source: { organization: 'o', dialect: 'x' } }],
    ['GIR', { source: { organization: 'o', dialect: 'soget', code: 'GIR' } }],
    ['gated-in', { source: { organization: 'o', dialect: 'other', code: 'GIR' } }],
    ['other', { type: 'other', codes: {} }],
  ])('is %s for %j', (code, change) => {
    const events = [eventOf('1', '2025-08-01T00:00:00Z', change)];
    expect(encodeHandlingUnit({ unit: unitOf(), events }, vocabulary).events?.[0]?.eventType).toBe(
      code,
    );
  });
});

describe('shipments', () => {
  const documentsOf = (unit: HandlingUnit) =>
    encodeHandlingUnit({ unit, events: [] }, vocabulary).shipments?.map((shipment) => [
      shipment.documentReference,
      shipment.documentType,
    ]);

  it('are those of the details and the documents that are not among them', () => {
    const shipments = [
      { documentReference: 'BL1', documentType: 714 },
      { documentReference: 'BOTH', documentType: 705 },
      { documentReference: 'BKG1' },
    ];
    const documents = [
      { type: 'billOfLading', reference: 'BL1' },
      { type: 'booking', reference: 'BOTH' },
      { type: 'booking', reference: 'BKG1' },
      { type: 'billOfLading', reference: 'BL2' },
      { type: 'order', reference: 'EN/15022021/10' },
      { type: 'order', reference: 'e674e0a3-847c-4f75-bdff-cedaf6986c7c' },
    ] as const;
    expect(documentsOf(unitOf({ details: { shipments }, documents }))).toEqual([
      ['BL1', 714],
      ['BOTH', 705],
      ['BKG1', null],
      ['BOTH', 770],
      ['BL2', 705],
      ['EN/15022021/10', null],
    ]);
  });
});

describe('actual times of the call', () => {
  const transport = {
    meansName: 'MSC EYRA',
    meansId: [{ type: 'IMONumber' as const, name: '9360142' }],
    schedulePlace: 'FRLEH',
  };
  const place = { unlocode: 'FRLEH' };
  const arrived = (id: string, text: string, change: Partial<RecordedEvent>) =>
    eventOf(id, text, { type: 'arrived', place, ...change });
  const ataOf = (events: readonly RecordedEvent[], told: object = transport) =>
    encodeHandlingUnit({ unit: unitOf({ details: { transport: told } }), events }, vocabulary)
      .transport?.voyageDates?.ata;

  it('come from the newest arrival of the same vessel at the scheduled place', () => {
    const events = [
      arrived('1', '2020-05-19T22:00:00+00:00', { vehicle: { id: '9360142' } }),
      arrived('2', '2020-05-19T22:43:17+00:00', { vehicle: { name: 'MSC EYRA' } }),
    ];
    expect(ataOf(events)).toBe('2020-05-19T22:43:17+00:00');
    const told = { ...transport, voyageDates: { ata: '2020-05-19T21:00:00+00:00' } };
    expect(ataOf(events, told)).toBe('2020-05-19T21:00:00+00:00');
  });

  it('are not made up from any other event', () => {
    const vehicle = { id: '9360142' };
    const at = '2020-05-19T22:00:00+00:00';
    const others = [
      arrived('1', at, {}),
      arrived('2', at, { vehicle: { id: '9321483', name: 'OTHER' } }),
      arrived('3', at, { vehicle, place: { unlocode: 'NLRTM' } }),
      arrived('4', at, { vehicle, place: { location: 'MTDF' } }),
      arrived('5', at, { vehicle, type: 'departed' }),
      arrived('6', at, { vehicle, classifier: 'estimated' }),
    ];
    expect(ataOf(others)).toBeNull();
    expect(ataOf([arrived('7', at, { vehicle })], {})).toBeNull();
  });
});

const place = fc.record(
  { unlocode: fc.constantFrom('FRLEH', 'NLRTM'), location: fc.constantFrom('MTDF', 'MTNOTMS') },
  { requiredKeys: [] },
);
const anyEvent = fc
  .record({
    id: fc.constantFrom('1', '2', '3', '4'),
    text: fc.constantFrom('2025-08-15T23:32Z', '1970-01-02T00:00:00.123456+18:00'),
    type: fc.constantFrom(...EVENT_TYPES),
    full: fc.option(fc.boolean(), { nil: undefined }),
    direction: fc.option(fc.constantFrom(...DIRECTIONS), { nil: undefined }),
    way: fc.option(fc.constantFrom('in' as const, 'out' as const), { nil: undefined }),
    mode: fc.option(fc.nat(99), { nil: undefined }),
    place: fc.option(place, { nil: undefined }),
    replaces: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
    retracts: fc.option(fc.constantFrom('3', '4'), { nil: undefined }),
  })
  .map(({ id, text, ...facts }) => eventOf(id, text, present(facts)));

const anyUnit = fc
  .record({
    reference: fc.string({ maxLength: 30 }),
    spi: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
    freightFamily: fc.constantFrom(...FREIGHT_FAMILIES),
    customsFlag: fc.constantFrom(...CUSTOMS_FLAGS),
    documents: fc.array(
      fc.record({
        type: fc.constantFrom('booking' as const, 'order' as const),
        reference: fc.string({ maxLength: 40 }),
      }),
      { maxLength: 3 },
    ),
    details: arbitraryOf(UnitDetails),
  })
  .map((given) => unitOf(present(given)));

describe("SOGET's own schemas", () => {
  const tracing = readOpenApiSchemas(new URL('./published/tracing.json', import.meta.url));

  it('accept every page, whatever the hub knows', () => {
    fc.assert(
      fc.property(anyUnit, fc.array(anyEvent, { maxLength: 6 }), (unit, events) => {
        const page = encodePage({ total: 1, items: [{ unit, events }] }, 0, vocabulary);
        expect(tracing('HandlingUnitItemsResponseModel', page)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a push', () => {
  const subscription = {
    id: 's',
    url: 'https://hook.test/',
    dialect: 'soget',
    settings: { externalReference: 'EXT', agentCode: 'CCGM' },
  };

  it('has the published keys in their order and words, whatever the event', () => {
    const eventKeys = ['AlertDate', 'AlertType', 'Direction', 'Location', 'State', 'Type'];
    const unitKeys = ['Events', 'FreightFamily', 'Reference', 'Spi', 'ExternalReference'];
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { HandlingUnit } = encodeWebhook({ event, subscription, vocabulary });
        const [alert] = HandlingUnit.Events;
        expect(Object.keys(HandlingUnit)).toEqual(unitKeys);
        expect(Object.keys(alert ?? {})).toEqual(eventKeys);
        expect(alert?.AlertDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
        expect(CUSTOMS_INDICATORS).toContain(alert?.Direction);
      }),
    );
  });

  it.each<[string, Partial<RecordedEvent>]>([
    ['Export', { direction: 'export' }],
    ['Import', {}],
    ['Unknown', { direction: 'domestic' }],
    ['DomesticIn', { direction: 'domestic', way: 'in' }],
    ['DomesticOut', { direction: 'domestic', way: 'out' }],
    ['Unknown', { unit: { ...snapshot, customsFlag: 'Unknown' } }],
    ['Transit', { unit: { ...snapshot, customsFlag: 'Transit' }, way: 'in' }],
  ])('has the direction %s for %j', (direction, change) => {
    const event = eventOf('1', '2025-08-01T00:00:00Z', change);
    const { HandlingUnit } = encodeWebhook({ event, subscription, vocabulary });
    expect(HandlingUnit.Events[0]?.Direction).toBe(direction);
  });
});
