/** SOGET tracing as a customer meets it: the whole handling unit, its events, pages and errors. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, bodyOf, book, type Client, record, request } from '../support/client.ts';
import { proofsOf, published, publishedFile, tracingPath } from '../support/soget-calls.ts';
import { details } from '../support/soget-unit.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();

interface Traced {
  readonly reference: string | null;
  readonly pswId: string | null;
  readonly events: readonly Record<string, unknown>[] | null;
  readonly [member: string]: unknown;
}

interface TracedPage {
  readonly total: number;
  readonly returned: number;
  readonly first: number;
  readonly items: readonly Traced[];
}

let carrier: Client;
let customer: Client;

beforeAll(async () => {
  [carrier, customer] = await Promise.all([
    stand.joinAsClient('Carrier'),
    stand.joinAsClient('Customer'),
  ]);
});

/** Asks as the customer; whatever comes back must satisfy the published schemas. */
async function trace(query: string, member = customer): Promise<Answer<TracedPage>> {
  const headers = proofsOf(member);
  const answer = await request<TracedPage>(`${stand.url}${tracingPath}${query}`, { headers });
  const schema = answer.status === 200 ? 'HandlingUnitItemsResponseModel' : 'HttpBusinessError';
  expect({ query, faults: published.tracing(schema, answer.body) }).toEqual({ query, faults: [] });
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  return answer;
}

const sharedUnit = (unit: Record<string, unknown>) =>
  book(carrier.api, {
    freightFamily: 'Container',
    ...unit,
    parties: [{ organization: customer.id, role: 'forwarder' }],
  });

async function traceOne(query: string): Promise<Traced> {
  const { items, total } = bodyOf(await trace(query));
  const [item] = items;
  if (item === undefined) throw new Error('nothing was found');
  expect([total, items.length]).toEqual([1, 1]);
  return item;
}

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** The path of every member that the published schema knows below `HandlingUnit`. */
function publishedMembers(): string[] {
  const { schemas } = JSON.parse(readFileSync(publishedFile('tracing'), 'utf8')) as {
    schemas: Readonly<Record<string, Schema>>;
  };
  const below = (given: Schema | undefined, path: string): string[] => {
    const schema = given?.$ref === undefined ? given : schemas[given.$ref.split('/').at(-1) ?? ''];
    if (schema?.items !== undefined) return below(schema.items, `${path}.0`);
    if (schema?.properties === undefined) return [path];
    return Object.entries(schema.properties).flatMap(([name, member]) =>
      below(member, path === '' ? name : `${path}.${name}`),
    );
  };
  return below(schemas['HandlingUnit'], '');
}

describe('a handling unit of which all is known', () => {
  const reference = 'CGMU2436601';
  const spi = 'CNI0000063978';

  beforeAll(async () => {
    await sharedUnit({
      ...{ reference, spi, customsFlag: 'Import', details },
      documents: [
        { type: 'billOfLading', reference: 'HLCUEUR2002APIK9' },
        { type: 'booking', reference: 'BKG-1' },
      ],
    });
    await record(carrier.api, {
      unit: { spi },
      type: 'gated-in',
      codes: { soget: 'GIR' },
      occurredAt: '2019-11-12T07:41:00+08:30',
      place: { unlocode: 'FRLEH', location: 'MTNOTMS' },
      way: 'in',
      mode: 'vessel',
      full: true,
    });
  });

  it('is told with every member that is published, and with what was booked', async () => {
    const item = await traceOne(`?reference=${reference}`);
    for (const path of publishedMembers()) expect(item).toHaveProperty(path, expect.anything());
    expect(item).toEqual({
      ...details,
      reference,
      pswId: spi,
      freightFamily: 'Container',
      customsFlag: 'Import',
      indicators: { ...details.indicators, empty: false },
      huLocation: { place: 'FRLEH', location: 'MTNOTMS' },
      shipments: [
        ...details.shipments,
        {
          documentReference: 'BKG-1',
          documentId: null,
          documentType: 770,
          documentDate: null,
          originLocation: null,
          destinationLocation: null,
          processingIndicator: 'Unknown',
        },
      ],
      events: [
        {
          eventType: 'GIR',
          eventDate: '2019-11-12T07:41:00+08:30',
          eventPlace: 'FRLEH',
          eventLocation: 'MTNOTMS',
          eventWay: 'In',
          eventTransportMode: 1,
        },
      ],
    });
  });

  it('is found by its reference in any spelling, by its SPI, by both when both hold', async () => {
    const queries = [
      `?reference=${reference}`,
      '?reference=cgmu%20243660-1',
      `?spi=${spi}`,
      `?reference=&spi=${spi}`,
      `?reference=${reference}&spi=${spi}&limit=5&offset=0&desc=true`,
    ];
    for (const query of queries) expect((await traceOne(query)).pswId).toBe(spi);
    const mismatch = await trace(`?reference=${reference}&spi=CNI0000000009`);
    expect(mismatch.status).toBe(404);
  });

  it('does not exist for those who are no party of it', async () => {
    const stranger = await stand.joinAsClient('Stranger');
    const untimed = async (query: string) => ({
      ...(await trace(query, stranger)).body,
      timestamp: undefined,
    });
    const known = await untimed(`?spi=${spi}`);
    const unknown = await untimed('?spi=XYZ0000063978');
    expect(known).toEqual(unknown);
    expect(known).toMatchObject({ code: 'R001', message: 'No handling unit was found' });
  });
});

describe('a handling unit of which little is known', () => {
  it('has nulls where the schema allows them and leaves the rest out', async () => {
    await sharedUnit({ reference: 'MSKU0000019', freightFamily: 'break-bulk' });
    const item = await traceOne('?reference=MSKU0000019');
    const noMeasure = { value: null, unit: null };
    expect(item).toEqual({
      reference: 'MSKU0000019',
      pswId: null,
      freightFamily: 'BreakBulk',
      sizeType: null,
      packagingCode: null,
      measures: {
        quantity: null,
        weight: { tare: noMeasure, grossWeight: noMeasure, netWeight: noMeasure },
        volume: noMeasure,
        remainingQuantity: null,
        availableQuantity: null,
        reportedQuantity: null,
        remainingWeight: noMeasure,
      },
      indicators: {},
      references: null,
      customsFlag: 'Unknown',
      huLocation: { place: null, location: null },
      actors: { freightAgent: null, freightForwarder: null },
      temperatures: { setPoint: null, rangeMin: null, rangeMax: null },
      shipments: null,
      transport: {
        meansName: null,
        voyageId: null,
        meansNationality: null,
        voyageDates: { eta: null, etd: null, ata: null, atd: null },
        schedulePlace: null,
        voyageAgentId: null,
        voyageAgentReference: null,
        meansType: null,
        meansId: null,
        arrivalScheduleReference: null,
        departureScheduleReference: null,
      },
      events: [],
      hazardousItems: null,
      emptyReturn: {},
    });
  });

  it('is never a parcel', async () => {
    await sharedUnit({ reference: '370724760010119754', freightFamily: 'Parcel' });
    expect((await trace('?reference=(00)37072476001')).status).toBe(404);
    expect((await trace('?reference=0037072476001')).status).toBe(404);
    await sharedUnit({ reference: 'PARCEL-1', freightFamily: 'parcel' });
    expect((await trace('?reference=PARCEL-1')).body).toMatchObject({ code: 'R001' });
  });
});

describe('the events of a handling unit', () => {
  it('are the actual ones that still hold, in the order in which they happened', async () => {
    const reference = 'TEMU0000012';
    await sharedUnit({ reference });
    const tell = (type: string, hour: number, more: object = {}) =>
      record(carrier.api, {
        unit: { reference },
        type,
        occurredAt: `2026-11-01T${hour}:00:00+01:00`,
        ...more,
      });
    await tell('departed', 20, { way: 'out', mode: 'road' });
    await tell('arrived', 10, { classifier: 'planned' });
    await tell('arrived', 11, { classifier: 'estimated' });
    const wrong = await tell('arrived', 12, { place: { unlocode: 'NLRTM' } });
    await tell('arrived', 13, { replaces: wrong, place: { unlocode: 'FRLEH' } });
    const withdrawn = await tell('customs-held', 14);
    await tell('customs-held', 14, { retracts: withdrawn });
    const { events, huLocation } = await traceOne(`?reference=${reference}`);
    expect(events).toEqual([
      {
        eventType: 'arrived',
        eventDate: '2026-11-01T13:00:00+01:00',
        eventPlace: 'FRLEH',
        eventLocation: null,
        eventWay: 'Undefined',
      },
      {
        eventType: 'departed',
        eventDate: '2026-11-01T20:00:00+01:00',
        eventPlace: null,
        eventLocation: null,
        eventWay: 'Out',
        eventTransportMode: 3,
      },
    ]);
    expect(huLocation).toEqual({ place: 'FRLEH', location: null });
  });

  it('show a parcel network or any other source by the word of the hub', async () => {
    const reference = 'TEMU0000028';
    await sharedUnit({ reference });
    await record(carrier.api, {
      unit: { reference },
      type: 'weighed-by-the-harbour-master',
      occurredAt: '2026-11-01T10:00:00.123Z',
    });
    const { events } = await traceOne(`?reference=${reference}`);
    expect(events).toMatchObject([
      { eventType: 'other', eventDate: '2026-11-01T10:00:00.123+00:00' },
    ]);
  });
});

describe('pages of passages', () => {
  const reference = 'CMAU0000018';
  const spiOf = (at: number) => `CNI00000002${String(at).padStart(2, '0')}`;
  const all = Array.from({ length: 12 }, (_, at) => spiOf(at));
  const spisOf = async (query: string) =>
    bodyOf(await trace(`?reference=${reference}${query}`)).items.map((item) => item.pswId);

  beforeAll(async () => {
    for (const spi of all) await sharedUnit({ reference, spi });
    // A passage that is not open to the customer must not count either.
    await book(carrier.api, { reference, spi: spiOf(99), freightFamily: 'Container' });
  });

  it('hold 5 unless asked otherwise, and 10 at most', async () => {
    const page = bodyOf(await trace(`?reference=${reference}`));
    expect(page).toMatchObject({ total: 12, returned: 5, first: 0 });
    expect(page.items.map((item) => item.pswId)).toEqual(all.slice(0, 5));
    expect(await spisOf('&limit=10')).toEqual(all.slice(0, 10));
    expect(await spisOf('&limit=1')).toEqual(all.slice(0, 1));
  });

  it('go on at the offset, up to an empty one behind the last', async () => {
    const page = bodyOf(await trace(`?reference=${reference}&limit=10&offset=10`));
    expect(page).toMatchObject({ total: 12, returned: 2, first: 10 });
    expect(page.items.map((item) => item.pswId)).toEqual(all.slice(10));
    const behind = bodyOf(await trace(`?reference=${reference}&offset=12`));
    expect(behind).toEqual({ total: 12, returned: 0, first: 12, items: [] });
  });

  it('begin with the newest passage when asked', async () => {
    const newestFirst = all.toReversed();
    expect(await spisOf('&desc=true')).toEqual(newestFirst.slice(0, 5));
    expect(await spisOf('&desc=true&offset=5&limit=10')).toEqual(newestFirst.slice(5));
    expect(await spisOf('&desc=false&limit=2')).toEqual(all.slice(0, 2));
  });
});

describe('errors', () => {
  const cases: readonly (readonly [string, number, string, string])[] = [
    ['?reference=ZZZU0000000', 404, 'NotFound', 'R001'],
    ['?spi=ZZZ0000000000', 404, 'NotFound', 'R001'],
    ['', 400, 'BadRequest', 'R002'],
    ['?reference=&spi=', 400, 'BadRequest', 'R002'],
    ['?desc=true&limit=3', 400, 'BadRequest', 'R002'],
    [`?reference=${'A'.repeat(18)}`, 400, 'BadRequest', 'R003'],
    ['?reference=%00', 400, 'BadRequest', 'R003'],
    ['?spi=CNI000006397', 400, 'BadRequest', 'R003'],
    ['?spi=cni0000063978', 400, 'BadRequest', 'R003'],
    ['?reference=CGMU2436601&limit=0', 400, 'BadRequest', 'G001'],
    ['?reference=CGMU2436601&limit=11', 400, 'BadRequest', 'G001'],
    ['?reference=CGMU2436601&limit=five', 400, 'BadRequest', 'G001'],
    ['?reference=CGMU2436601&limit=1.5', 400, 'BadRequest', 'G001'],
    ['?reference=CGMU2436601&offset=-1', 400, 'BadRequest', 'G001'],
    ['?reference=CGMU2436601&offset=99999999999', 400, 'BadRequest', 'G001'],
    ['?reference=CGMU2436601&desc=yes', 400, 'BadRequest', 'G001'],
    ['?reference=CGMU2436601&reference=CGMU2436602', 400, 'BadRequest', 'R003'],
    ['?reference=CGMU2436601&limit=1&limit=2', 400, 'BadRequest', 'G001'],
  ];

  it.each(cases)('answers %s with %i %s %s', async (query, status, word, code) => {
    const answer = await trace(query);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: word, code });
  });

  it('prints the published messages as they are', async () => {
    expect((await trace('?reference=ZZZU0000000')).body).toEqual({
      status: 'NotFound',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      code: 'R001',
      message: 'No handling unit was found',
    });
    expect((await trace('')).body).toMatchObject({ message: 'The handling unit is null' });
    expect((await trace('?spi=1')).body).toMatchObject({
      message: expect.stringContaining('The handling unit is not correctly formated'),
    });
  });

  it('ignores parameters that it does not know', async () => {
    const answer = await trace('?reference=ZZZU0000000&colour=red');
    expect(answer.status).toBe(404);
  });
});
