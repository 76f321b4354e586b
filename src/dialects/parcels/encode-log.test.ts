// What samples cannot show of the logs: that nothing sent is lost on the way back, and every rule of
// what is shown at its edges.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../events/event.ts';
import { parseInstant } from '../../events/time.ts';
import { EVENT_TYPES } from '../../events/types.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { compileCheck } from '../../lib/check.ts';
import { decodeLogParams, decodeRegistration } from './decode.ts';
import { encodeLogV1, encodeLogV2, type LogGiven, monthsBefore } from './encode-log.ts';
import { coordinate } from './encode-log-event.ts';
import { eventIdFacts } from './event-ids.ts';
import { LOCALES } from './locales.ts';
import { Log, Shipment } from './log-schemas.ts';
import type { Registration } from './schemas.ts';
import { statusText } from './statuses.ts';
import { vocabulary } from './vocabulary.ts';

const nowMs = Date.UTC(2026, 10, 20, 12);
const organization = '0190aaaa-aaaa-7aaa-8aaa-aaaaaaaaaa43';

function unitOf(given: Partial<HandlingUnit> = {}): HandlingUnit {
  const times = { createdAtMs: 0, updatedAtMs: 0 };
  const reference = '370724760010119754';
  const rest = { organization, freightFamily: 'Parcel', customsFlag: 'Unknown' } as const;
  return {
    id: 'u',
    reference,
    documents: [],
    parties: [],
    details: {},
    ...rest,
    ...times,
    ...given,
  };
}

let serial = 0;
function eventOf(given: Partial<RecordedEvent> & { at?: string } = {}): RecordedEvent {
  const parsed = parseInstant(given.at ?? '2026-11-20T10:00:00+01:00');
  if (!parsed.ok) throw new Error(parsed.message);
  serial += 1;
  return {
    id: `e-${String(serial).padStart(6, '0')}`,
    unit: unitOf(),
    type: 'in-transit',
    classifier: 'actual',
    occurredAt: parsed.value,
    recordedAtMs: nowMs,
    source: { organization, dialect: 'hub' },
    ...given,
  };
}

function logOf(events: readonly RecordedEvent[], more: Partial<LogGiven> = {}): LogGiven {
  const organizations = new Map([[organization, 'Postnord']]);
  const items = [{ unit: unitOf(), events }];
  return { items, organizations, locale: 'NO', onlyLastEvent: false, nowMs, vocabulary, ...more };
}

const idsOf = (events: readonly RecordedEvent[], more?: Partial<LogGiven>) =>
  encodeLogV1(logOf(events, more)).map((event) => event.eventType.apiKey);
const statusOf = (events: readonly RecordedEvent[], more?: Partial<LogGiven>) =>
  encodeLogV2(logOf(events, more)).items[0]?.parcelStatus;

/* ---- what was registered comes back -------------------------------------------------------- */

const text = (maxLength: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength });
const digits = fc.stringMatching(/^[0-9]{3}$/);
const degrees = (max: number) => fc.double({ min: -max, max, noNaN: true });
const times = fc
  .tuple(
    fc.date({ min: new Date('2026-06-01'), max: new Date('2026-11-20'), noInvalidDate: true }),
    fc.constantFrom('Z', '.5Z', '.123Z', '.123456Z', '.123456789Z', '+01:00', '.250-03:30'),
  )
  .map(([date, tail]) => `${date.toISOString().slice(0, 19)}${tail}`);
const optional = {
  locationContext: text(60),
  locationContextId: fc.stringMatching(/^[0-9A-Z]{1,10}$/),
  additionalInfo: digits,
  comChannelType: fc.constantFrom('SMS', 'EMAIL', 'Fax'),
  message: text(60),
};
const registrations: fc.Arbitrary<Registration> = fc
  .tuple(
    fc.record(
      { trackingReference: text(35), eventTime: times, eventType: digits, ...optional },
      { requiredKeys: ['trackingReference', 'eventTime', 'eventType'], noNullPrototype: true },
    ),
    fc.option(fc.record({ lat: degrees(90), lon: degrees(180) }, { noNullPrototype: true })),
  )
  .map(([body, place]) => ({ ...body, ...place }));

/** As it is kept, and given back by the store. */
function recorded(body: Registration): RecordedEvent {
  const draft = decodeRegistration({ body, bodyText: JSON.stringify(body), vocabulary });
  const { unit: _unit, received: _received, source, ...facts } = draft;
  return { ...eventOf(), ...facts, source: { ...source, organization } };
}

const seen = (told: string | null | undefined) =>
  told === undefined || told === null || told.trim() === '' ? null : told;
const near = (sent: number | null | undefined, shown: number | null | undefined) => {
  if (sent === undefined || sent === null) return shown === null;
  // Nine characters hold the sign, three digits, the point and four decimals at least.
  return typeof shown === 'number' && Math.abs(sent - shown) <= 0.00005;
};

it('gives back every field of every registration', () => {
  const isLog = compileCheck(Log);
  fc.assert(
    fc.property(registrations, fc.constantFrom(...LOCALES), (body, locale) => {
      const unit = unitOf({ reference: body.trackingReference });
      const items = [{ unit, events: [recorded(body)] }];
      const log = encodeLogV1(logOf([], { items, locale }));
      expect(isLog(log)).toMatchObject({ ok: true });
      const [shown] = log;
      expect(shown).toMatchObject({
        trackingReference: body.trackingReference,
        locationContext: seen(body.locationContext),
        locationContextId: seen(body.locationContextId),
        eventType: { apiKey: body.eventType },
        communicationChannel: seen(body.comChannelType),
        message: seen(body.message),
        regSystem: { name: 'Postnord' },
      });
      expect(shown?.additionalInfo?.apiKey).toBe(body.additionalInfo ?? undefined);
      expect([near(body.lat, shown?.lat), near(body.lon, shown?.lon)]).toEqual([true, true]);
      const sent = parseInstant(body.eventTime);
      const back = parseInstant(shown?.eventTimeUtc ?? '');
      expect(back.ok && back.value.iso).toBe(sent.ok && sent.value.iso);
    }),
  );
});

/* ---- one event ----------------------------------------------------------------------------- */

it('tells the two hours apart that the clock in Oslo shows twice', () => {
  const events = ['2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00'].map((at) =>
    eventOf({ at }),
  );
  const log = encodeLogV1(logOf(events.toReversed()));
  expect(log.map(({ eventTime, eventTimeUtc }) => [eventTime, eventTimeUtc])).toEqual([
    ['2026-10-25 02:30:00', '2026-10-25T00:30:00Z'],
    ['2026-10-25 02:30:00', '2026-10-25T01:30:00Z'],
  ]);
});

describe('coordinate', () => {
  it.each([
    [59.911096, 59.911096],
    [-59.911096, -59.9111],
    [-59.911092, -59.91109],
    [100.1234567, 100.12346],
    [-179.999999, -180],
    [-179.123456, -179.1235],
    [1.23456789, 1.2345679],
    [0.000001, 0.000001],
    [0.00000049, 0],
    [-1e-9, 0],
    [90, 90],
  ])('%d is printed as %d', (degreesGiven, printed) => {
    expect(JSON.stringify(coordinate(degreesGiven))).toBe(JSON.stringify(printed));
  });

  it('has at most nine characters and is as near as they allow', () => {
    fc.assert(
      fc.property(degrees(180), (given) => {
        const printed = JSON.stringify(coordinate(given));
        expect(printed).toMatch(/^-?\d+(\.\d+)?$/);
        expect(printed.length).toBeLessThanOrEqual(9);
        expect(near(given, Number(printed))).toBe(true);
      }),
    );
  });
});

describe('the id of an event', () => {
  it.each<[string, Partial<RecordedEvent>, string[]]>([
    ['its type', { type: 'delivered' }, ['013']],
    ['the code its source told', { type: 'delivered', codes: { parcels: '104' } }, ['104']],
    ['an unknown code', { type: 'other', codes: { parcels: '042' } }, ['042']],
    [
      'the code of a registration',
      { type: 'other', source: { organization, dialect: 'parcels', code: '999' } },
      ['999'],
    ],
    [
      'its type, where the code told cannot be an id',
      { type: 'lost', codes: { parcels: 'gone' } },
      ['030'],
    ],
    ['nothing, for a word without a counterpart', { type: 'gated-out' }, []],
    [
      'nothing, for another code of an unknown type',
      { type: 'other', source: { organization, dialect: 'hub', code: '013' } },
      [],
    ],
  ])('is %s', (_what, given, ids) => expect(idsOf([eventOf(given)])).toEqual(ids));

  it('is null but for its key where nothing is published of it', () => {
    const [shown] = encodeLogV1(logOf([eventOf({ type: 'other', codes: { parcels: '042' } })]));
    expect(shown?.eventType).toEqual({ apiKey: '042', description: null, i18nKey: null });
    expect(shown?.eventGroup).toEqual({ id: 4, name: 'status' });
  });
});

it.each<[string, Partial<RecordedEvent>, string | undefined]>([
  ['ours', { codes: { parcels: '057' }, additionalInfo: '002' }, '002'],
  ['ours, unknown', { codes: { parcels: '057' }, additionalInfo: '077' }, '077'],
  ['another numbering', { type: 'not-delivered', additionalInfo: '002' }, undefined],
  ['another shape', { codes: { parcels: '057' }, additionalInfo: 'key missing' }, undefined],
])('shows an addition in its own numbering only: %s', (_what, given, apiKey) => {
  const [shown] = encodeLogV1(logOf([eventOf(given)]));
  expect(shown?.additionalInfo?.apiKey).toBe(apiKey);
});

it('cuts long texts, never ids, and sends null for empty ones', () => {
  const long = '🚢'.repeat(256);
  const place = { name: long, location: 'LONG-TERMINAL', unlocode: 'NOOSL' };
  const [shown] = encodeLogV1(logOf([eventOf({ place, message: ' ', channel: '' })]));
  expect(shown?.locationContext).toBe(`${'🚢'.repeat(254)}…`);
  expect(shown).toMatchObject({ locationContextId: 'NOOSL', message: null });
  expect(shown?.communicationChannel).toBeNull();
});

/* ---- which events -------------------------------------------------------------------------- */

const delivered = () => eventOf({ type: 'delivered', at: '2026-11-20T12:00:00Z' });
const loaded = () => eventOf({ type: 'loaded', at: '2026-11-20T11:00:00Z' });
const mailed = () => eventOf({ type: 'communication-sent', at: '2026-11-20T13:00:00Z' });
const gatedOut = () => eventOf({ type: 'gated-out', at: '2026-11-20T14:00:00Z' });

it('shows the oldest first, or only the newest that it can say', () => {
  const events = [delivered(), gatedOut(), mailed(), loaded()];
  expect(idsOf(events)).toEqual(['062', '013', '152']);
  expect(idsOf(events, { onlyLastEvent: true })).toEqual(['152']);
});

it('takes the later record for the newer of two at the same moment', () => {
  const [first, second] = [delivered(), eventOf({ type: 'returned', at: '2026-11-20T12:00:00Z' })];
  expect(idsOf([second, first])).toEqual(['013', '015']);
  expect(statusOf([second, first])).toBe('I retur');
});

it('puts the events of all parcels in one order, and keeps the last of each', () => {
  const items = [
    { unit: unitOf({ id: 'a', reference: 'A' }), events: [delivered(), loaded()] },
    { unit: unitOf({ id: 'b', reference: 'B' }), events: [mailed(), eventOf()] },
  ];
  const rows = (onlyLastEvent: boolean) =>
    encodeLogV1(logOf([], { items, onlyLastEvent })).map((event) => [
      event.trackingReference,
      event.eventType.apiKey,
    ]);
  expect(rows(false)).toEqual([
    ['B', '004'],
    ['A', '062'],
    ['A', '013'],
    ['B', '152'],
  ]);
  expect(rows(true)).toEqual([
    ['A', '013'],
    ['B', '152'],
  ]);
});

describe('a parcel whose newest event is older than six months', () => {
  const edge = '2026-05-20T12:00:00Z';
  const before = '2026-05-20T11:59:59.999Z';

  it('has no events and keeps its status', () => {
    const events = [eventOf({ type: 'delivered', at: before })];
    expect(idsOf(events)).toEqual([]);
    expect(idsOf(events, { onlyLastEvent: true })).toEqual([]);
    expect(encodeLogV2(logOf(events)).items).toMatchObject([
      { parcelStatus: 'Levert', events: [] },
    ]);
  });

  it('has all of them again after a new one', () => {
    const old = eventOf({ at: '2026-01-01T00:00:00Z' });
    expect(idsOf([old, eventOf({ type: 'delivered', at: edge })])).toEqual(['004', '013']);
  });

  it.each([
    ['2026-11-20T12:00:00Z', '2026-05-20T12:00:00.000Z'],
    ['2026-08-31T23:59:59Z', '2026-02-28T23:59:59.000Z'],
    ['2028-08-30T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['2026-03-31T10:00:00Z', '2025-09-30T10:00:00.000Z'],
  ])('six months before %s is %s', (now, then) => {
    expect(new Date(monthsBefore(Date.parse(now), 6)).toISOString()).toBe(then);
  });
});

/* ---- the shipment -------------------------------------------------------------------------- */

it('says of a shipment what its parcels agree on', () => {
  const same = { shopId: 7, shopName: 'Shop', consigneeReference: 'C-1' };
  const details = [
    { parcel: { ...same, shipmentNumber: '(401)70712190172720651', consignorReference: 'X' } },
    { parcel: { ...same, shipmentNumber: '70712190172720651', consignorReference: 'Y' } },
    { parcel: { shopName: ' ', shopId: null } },
  ];
  const items = details.map((one, at) => ({
    unit: unitOf({ id: `${at}`, details: one }),
    events: [],
  }));
  const shipment = encodeLogV2(logOf([], { items }));
  expect(compileCheck(Shipment)(shipment)).toMatchObject({ ok: true });
  expect(shipment).toMatchObject({
    shipmentNumber: '(401)70712190172720651',
    shopName: 'Shop',
    shopId: 7,
    consigneeReference: 'C-1',
    consignorReference: null,
    properties: null,
  });
});

it('takes a consignment for the shipment number where none was booked', () => {
  const documents = [
    { type: 'consignment', reference: 'x'.repeat(36) },
    { type: 'order', reference: 'O-1' },
    { type: 'consignment', reference: 'C-1' },
  ] as const;
  const numberOf = (details: HandlingUnit['details']) =>
    encodeLogV1(
      logOf([], { items: [{ unit: unitOf({ documents, details }), events: [eventOf()] }] }),
    )[0]?.shipmentNumber;
  expect(numberOf({})).toBe('C-1');
  expect(numberOf({ parcel: { shipmentNumber: 'S-1' } })).toBe('S-1');
});

describe('parcelStatus', () => {
  it('comes from the newest event that tells one, in the language asked for', () => {
    const events = [loaded(), delivered(), mailed(), gatedOut()];
    expect(LOCALES.map((locale) => statusOf(events, { locale }))).toEqual([
      'Levert',
      'Delivered',
      'Levererad',
    ]);
    expect(statusOf(events, { onlyLastEvent: true })).toBe('Levert');
    expect(statusOf([mailed()])).toBeNull();
    expect(statusOf([])).toBeNull();
  });

  it('fits into 25 characters in every language', () => {
    const texts = EVENT_TYPES.flatMap((type) => Object.values(statusText(type) ?? {}));
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((one) => one.length > 25 || one.trim() === '')).toEqual([]);
  });
});

it('has a text in every language for every id whose meaning is published', () => {
  const silent = Object.keys(vocabulary.codes).filter((id) => {
    const texts = eventIdFacts(id).description;
    return texts === undefined || LOCALES.some((locale) => texts[locale].trim() === '');
  });
  expect(silent).toEqual(['028']);
});

it('knows its languages in any case, and no others', () => {
  const ask = (locale: string) =>
    decodeLogParams({ identifier: 'P', locale, onlyLastEvent: true }).locale;
  expect(['no', 'En', 'SE'].map(ask)).toEqual(['NO', 'EN', 'SE']);
  expect(() => ask('DK')).toThrow(expect.objectContaining({ code: 'invalid-input' }));
});
