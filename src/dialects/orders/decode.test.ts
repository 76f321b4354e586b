/** What is sent → what is kept: every list of the tables, every fault at once, the planned stops. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../events/problem.ts';
import { decodeOrder } from './decode.ts';
import { readOptions } from './options.ts';
import { sortRoute } from './route.ts';
import { ADR_CLASSES, CURRENCIES, TRUCK_BODIES, TYPES_OF_LOAD, WAYS_OF_LOADING } from './words.ts';

const own = '01930000-0000-7000-8000-000000000001';
const other = '01930000-0000-7000-8000-000000000002';
const third = '01930000-0000-7000-8000-000000000003';

const seedText = readFileSync(new URL('published/shipping-order.txt', import.meta.url), 'utf8');
const readText = readFileSync(new URL('published/order.txt', import.meta.url), 'utf8');

/** The partner's sample request with one member, named by its path, set to another value. */
function seedWith(path?: string, value?: unknown): Record<string, unknown> {
  const body = JSON.parse(seedText) as Record<string, unknown>;
  if (path === undefined) return body;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: Record<string, unknown> = body;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return body;
}

function decode(body: unknown, options: unknown = {}) {
  return decodeOrder({
    body,
    bodyText: JSON.stringify(body),
    organization: own,
    options: readOptions(options),
  });
}

/** Rules by field path. */
function faultsOf(body: unknown): Record<string, string | undefined> {
  try {
    decode(body);
    return {};
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.code).toBe('invalid-input');
    const issues = error.details.issues ?? [];
    return Object.fromEntries(issues.map(({ path, rule }) => [path, rule]));
  }
}

const address = { locality: 'X', postal_code: '1', country: 'PL' };
const quantity = (value: number, unit: string) => ({ value, unit_code: unit });

describe('the published samples', () => {
  it('are taken, request and answer alike', () => {
    expect(faultsOf(JSON.parse(seedText))).toEqual({});
    expect(faultsOf(JSON.parse(readText))).toEqual({});
  });

  it('plan their stops in order, with place, window and offset as told', () => {
    const [loading, unloading, ...more] = decode(seedWith()).stops;
    expect(more).toEqual([]);
    expect(loading).toMatchObject({
      kind: 'loaded',
      place: { name: 'Some Avenue 12, 3456 Berlin, DE', latitude: 23.256789, longitude: 90 },
      window: {
        day: '2017-02-20',
        fromText: '09:09:09+00:00',
        toText: '16:59:59+00:00',
        from: { text: '2017-02-20T09:09:09+00:00', offsetMinutes: 0 },
        to: { text: '2017-02-20T16:59:59+00:00' },
      },
    });
    expect(unloading).toMatchObject({ kind: 'unloaded', window: { day: '2017-02-22' } });
  });
});

describe('closed lists', () => {
  const load = (type: unknown) =>
    seedWith('loads', [{ weight: quantity(1, 'TNE'), type_of_load: type }]);
  const price = (currency: unknown) =>
    seedWith('payment', { price: { value: 12.5, currency }, interval_of_days: 'P10D' });
  const required = (member: string) => (word: unknown) =>
    seedWith(`requirements.required_${member}`, [word]);
  const lists: readonly [string, readonly unknown[], number, (word: unknown) => unknown, string][] =
    [
      ['types of load', TYPES_OF_LOAD, 9, load, 'loads.0.type_of_load'],
      ['currencies', CURRENCIES, 23, price, 'payment.price.currency'],
      [
        'ways of loading',
        WAYS_OF_LOADING,
        3,
        required('ways_of_loading'),
        'requirements.required_ways_of_loading.0',
      ],
      [
        'truck bodies',
        TRUCK_BODIES,
        30,
        required('truck_bodies'),
        'requirements.required_truck_bodies.0',
      ],
      [
        'ADR classes',
        ADR_CLASSES,
        13,
        required('adr_classes'),
        'requirements.required_adr_classes.0',
      ],
    ];

  it.each(lists)('of %s take every word and no other', (_name, words, count, bodyOf, path) => {
    expect(new Set(words).size).toBe(count);
    for (const word of words) expect(faultsOf(bodyOf(word))).toEqual({});
    for (const word of ['', 'BYN', 'Tent', 'tent ', '4.4', '10', 'ADR', 4.4, 10, true, {}]) {
      expect(Object.keys(faultsOf(bodyOf(word)))).toEqual([path]);
    }
  });

  it('of ADR classes take numbers for texts', () => {
    for (const word of ADR_CLASSES) {
      expect(faultsOf(required('adr_classes')(Number(word)))).toEqual({});
    }
  });

  it.each([
    ['loads.0.weight.unit_code', 'TNE', ['KGM', 'tne', 'M3', '', null]],
    ['loads.0.volume.unit_code', 'M3', ['MTQ', 'M', 'm3', null]],
    ['loads.0.length.unit_code', 'M', ['MTR', 'CM', 'm', null]],
    ['route.events.0.type', 'unloading', ['loaded', 'LOADING', '', null]],
    ['route.events.0.place.address.country', 'XK', ['pl', 'POL', 'ZZ', 'UK', '', null]],
  ])('%s takes %s', (path, good, bad) => {
    expect(faultsOf(seedWith(path, good))).toEqual({});
    for (const word of bad) expect(Object.keys(faultsOf(seedWith(path, word)))).toEqual([path]);
  });
});

describe('single members', () => {
  const payment = (interval: unknown) => ({
    price: { value: 1, currency: 'EUR' },
    interval_of_days: interval,
  });

  it.each([
    [
      'route.events.0.time_frame.day',
      ['2024-02-29'],
      ['2023-02-29', '2017-2-20', '20-02-2017', ''],
    ],
    [
      'route.events.0.time_frame.time_from',
      ['00:00:00Z', '23:59:59-11:30', '09:09:09+14:00'],
      ['09:09+00:00', '09:09:09', '24:00:00+00:00', '09:60:00+00:00', '09:09:09+19:00', 9],
    ],
    ['route.events.0.place.coordinates.latitude', [-90, 90, 0.5], [90.1, -91, '1', null]],
    ['route.events.0.place.coordinates.longitude', [-180, 180], [180.000001, '1', null]],
    ['loads.0.weight.value', [0, 0.001, 1e9], [-1, '1', null]],
    ['loads.0.amount', [0, 2.5, null], [-1, '2', true]],
    ['payer.contact_person.contact_id', [1, '1', null, 'A-1'], [1.5, true, {}]],
    ['payer.contact_person.email', ['a@b'], ['a', 'a b@c', '@', '', null]],
    ['payer.contact_person.telephone', ['', null, '+48 1'], [48]],
    ['driver.employee_id', ['x', 7, null], [7.5, false]],
    ['requirements.is_ftl', [true, false, null], ['true', 1, 0]],
    ['payment', [payment('P10D'), payment('P0D'), null], []],
    ['number', ['1', 'x'.repeat(64), 'Zażółć/1'], ['', ' ', ' x', 'x '.repeat(40), 5, null]],
    ['payer', [null], [[], 'x', 5]],
    ['loads', [null, []], [{}, 'x', 5]],
  ])('%s', (path, good, bad) => {
    for (const value of good)
      expect({ value, faults: faultsOf(seedWith(path, value)) }).toEqual({ value, faults: {} });
    for (const value of bad) {
      expect({ value, paths: Object.keys(faultsOf(seedWith(path, value))) }).toEqual({
        value,
        paths: [path],
      });
    }
  });

  it.each(['P10', '10D', 'P1W', 'P1M', 'P-1D', 'P1.5D', 'PT24H', 'p10d', 'P', '', null, 10])(
    'an interval of %s is no interval of days',
    (interval) => {
      expect(Object.keys(faultsOf(seedWith('payment', payment(interval))))).toEqual([
        'payment.interval_of_days',
      ]);
    },
  );

  it.each([0, -1, -0.5, '34', null, true])('a price of %s is no price', (value) => {
    const paid = { price: { value, currency: 'PLN' }, interval_of_days: 'P10D' };
    expect(Object.keys(faultsOf(seedWith('payment', paid)))).toEqual(['payment.price.value']);
  });
});

describe('faults', () => {
  it('come all at once, by path and rule', () => {
    const faults = faultsOf({
      route: {
        events: [
          { type: 'flying', place: { address: { ...address, country: 'Poland' } } },
          { type: 'loading', time_frame: { day: '2017-02-30' } },
        ],
      },
      loads: [{ weight: quantity(1, 'KG') }, { type_of_load: 'adr' }, 7],
      carrier: { vat_id: 5, contact_person: { email: 'nobody' } },
      payment: { price: { value: 0, currency: 'BTC' } },
      requirements: { is_ftl: 'yes', required_truck_bodies: ['tent', 'carpet'] },
    });
    expect(faults).toEqual({
      number: 'isEmpty',
      'route.events.0.type': 'notInArray',
      'route.events.0.time_frame': 'isEmpty',
      'route.events.0.place.address.country': 'notInArray',
      'route.events.1.place': 'isEmpty',
      'route.events.1.time_frame.day': 'dateInvalidDate',
      'loads.0.weight.unit_code': 'notInArray',
      'loads.1.weight': 'isEmpty',
      'loads.2': 'typeInvalid',
      'carrier.name': 'isEmpty',
      'carrier.vat_id': 'typeInvalid',
      'carrier.contact_person.given_name': 'isEmpty',
      'carrier.contact_person.family_name': 'isEmpty',
      'carrier.contact_person.email': 'regexNotMatch',
      'payment.price.value': 'notGreaterThan',
      'payment.price.currency': 'notInArray',
      'payment.interval_of_days': 'isEmpty',
      'requirements.is_ftl': 'typeInvalid',
      'requirements.required_truck_bodies.1': 'notInArray',
    });
  });

  it.each([undefined, null, [], 'x', 5, true])('%s is no order', (body) => {
    expect(faultsOf(body)).toEqual({ '': 'typeInvalid' });
  });

  it.each([
    ['number', ' EN/1', 'number must not begin or end with a space'],
    ['payer.contact_person.email', 'a@', 'payer.contact_person.email is not an e-mail address'],
    [
      'payment',
      { price: { value: 1, currency: 'PLN' }, interval_of_days: 'P1M' },
      'payment.interval_of_days is not an interval of days like P10D',
    ],
  ])('say what the form of %s is', (path, value, message) => {
    expect(() => decode(seedWith(path, value))).toThrow(message);
  });

  it('name what is required of every object', () => {
    expect(faultsOf({})).toEqual({ number: 'isEmpty', route: 'isEmpty' });
    expect(faultsOf(seedWith('route', {}))).toEqual({ 'route.events': 'isEmpty' });
    expect(faultsOf(seedWith('route.events', []))).toEqual({ 'route.events': 'isEmpty' });
    expect(faultsOf(seedWith('payer', { contact_person: {}, address: {} }))).toEqual({
      'payer.name': 'isEmpty',
      'payer.contact_person.given_name': 'isEmpty',
      'payer.contact_person.family_name': 'isEmpty',
      'payer.contact_person.email': 'isEmpty',
      'payer.address.locality': 'isEmpty',
      'payer.address.postal_code': 'isEmpty',
      'payer.address.country': 'isEmpty',
    });
  });
});

describe('parties', () => {
  const person = { given_name: 'A', family_name: 'B', email: 'a@b' };
  const options = {
    companies: [
      { organization: other.toUpperCase(), companyId: 1008547 },
      { organization: third, vatIds: ['PL 647-009-46.16'] },
    ],
  };
  const carrierOf = (more: object) =>
    decode(seedWith('carrier', { name: 'C', ...more }), options).parties;

  it('are found by the id of the hub, then by TransID, then by VAT id', () => {
    expect(carrierOf({})).toEqual([]);
    expect(carrierOf({ vat_id: 'pl6470094616' })).toEqual([
      { organization: third, role: 'carrier' },
    ]);
    const byTransId = {
      vat_id: 'PL6470094616',
      contact_person: { ...person, trans_id: '1008547-1' },
    };
    expect(carrierOf(byTransId)).toEqual([{ organization: other, role: 'carrier' }]);
    expect(carrierOf({ ...byTransId, organization_id: own.toUpperCase() })).toEqual([
      { organization: own, role: 'carrier' },
    ]);
    expect(carrierOf({ contact_person: { ...person, trans_id: '1008547' } })).toEqual([]);
  });

  it('are the carrier and the payer; the shipper is who sends the order', () => {
    const body = seedWith('payer', { name: 'P', organization_id: other });
    expect(decode(body).parties).toEqual([{ organization: other, role: 'payer' }]);
    const shipper = (id: string) => seedWith('shipper', { name: 'S', organization_id: id });
    expect(decode(shipper(own.toUpperCase())).parties).toEqual([]);
    expect(faultsOf(shipper(other))).toEqual({ 'shipper.organization_id': 'notSame' });
    expect(faultsOf(shipper('me'))).toEqual({ 'shipper.organization_id': 'regexNotMatch' });
  });
});

describe('options', () => {
  it.each([
    { companies: [{}] },
    { companies: [{ organization: 'x' }] },
    { companiesUrl: 'ftp://x' },
    { companiesUrl: 'https://x/' },
    { other: 1 },
    [],
  ])('%j are refused', (given) => {
    expect(() => readOptions(given)).toThrow(Problem);
  });
});

describe('the route', () => {
  const stop = (
    day: string | null = null,
    from: string | null = null,
    to: string | null = null,
  ) => ({
    time_frame: { day, time_from: from, time_to: to },
  });

  it('is sorted by instants, not by texts', () => {
    const early = stop('2017-02-21', '01:00:00+05:00');
    const late = stop('2017-02-20', '23:30:00+00:00');
    expect(sortRoute([late, early])).toEqual([early, late]);
  });

  it('keeps the place of what has no time behind the one before it', () => {
    const first = stop('2017-02-20', '09:00:00Z');
    const unknown = stop();
    const sameDay = stop('2017-02-22');
    const last = stop('2017-02-22', null, '08:00:00Z');
    expect(sortRoute([last, sameDay, unknown, first])).toEqual([first, last, sameDay, unknown]);
    expect(sortRoute([unknown, first])).toEqual([unknown, first]);
    expect(sortRoute([first, unknown, stop('2017-02-20')])).toEqual([
      first,
      unknown,
      stop('2017-02-20'),
    ]);
  });

  it('ends on the next day what ends before it begins', () => {
    const frame = { day: '2016-02-29', time_from: '22:00:00+01:00', time_to: '06:00:00+01:00' };
    const [plan] = decode(seedWith('route.events.0.time_frame', frame)).stops;
    expect(plan?.window.to?.text).toBe('2016-03-01T06:00:00+01:00');
    expect(plan?.window.toText).toBe('06:00:00+01:00');
  });

  it('guesses neither day nor zone', () => {
    const windowOf = (frame: object) =>
      decode(seedWith('route.events.0.time_frame', frame)).stops[0]?.window;
    expect(windowOf({})).toEqual({});
    expect(windowOf({ day: '2017-02-20' })).toEqual({ day: '2017-02-20' });
    expect(windowOf({ time_to: '06:00:00Z' })).toEqual({ toText: '06:00:00Z' });
  });
});
