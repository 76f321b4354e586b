/** The parcel event logs as a shop's engineer meets them: booked by HTTP, told by HTTP, read by HTTP. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  adminKey,
  bodyOf,
  book,
  type Member,
  record,
  request,
} from '../support/client.ts';
import {
  type Fault,
  type LogEvent,
  loginOf,
  type ParcelCalls,
  type ParcelEvent,
  parcelCalls,
  type Shipment,
} from '../support/parcel-calls.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();

let shop: Member;
let carrier: Member;
let stranger: Member;
let calls: ParcelCalls;

beforeAll(async () => {
  [shop, carrier, stranger] = await Promise.all([
    stand.join('Fjordbutikken'),
    stand.join('Postnord'),
    stand.join('Stranger'),
  ]);
  calls = await parcelCalls(stand.url, [shop, carrier, stranger]);
});

/** An SSCC that no other test has. */
let serial = 0;
const newSscc = () => `37072476${String(++serial).padStart(10, '0')}`;

const bookParcel = (reference: string, parcel: object = {}, more: object = {}) =>
  book(shop.api, {
    reference,
    freightFamily: 'parcel',
    parties: [{ organization: carrier.id, role: 'carrier' }],
    details: { parcel },
    ...more,
  });

const register = (body: Record<string, unknown>, member = carrier) => calls.register(member, body);
const logV1 = async (identifier: string, tail = 'EN/false', member = shop) =>
  bodyOf(await calls.log<LogEvent[]>(member, `v-1/fetch/${identifier}/${tail}`));
const logV2 = async (identifier: string, tail = 'EN/false', member = shop) =>
  bodyOf(await calls.log<Shipment>(member, `v-2/fetch/${identifier}/${tail}`));
const idsOf = (events: readonly ParcelEvent[]) => events.map((event) => event.eventType.apiKey);

/** A moment of these days, so that no parcel counts as old. */
const hoursAgo = (hours: number) =>
  `${new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19)}Z`;

const booked = {
  shipmentNumber: '(401)70712190172720651',
  shopId: 12345,
  shopName: 'Fjordbutikken',
  consignorReference: 'PO-77',
  consigneeReference: 'K-9',
  returnCode: 'R-1234',
  freightProductId: 9_999_999_999,
  freightProductName: 'ekspress levering hjem',
  linkedParcelNumbers: ['RR473124829NO'],
};

describe('what is booked and registered', () => {
  let sscc: string;
  const at = hoursAgo(5);

  beforeAll(async () => {
    sscc = newSscc();
    await bookParcel(`(00)${sscc}`, booked);
    await register({
      trackingReference: sscc,
      eventTime: at.replace('Z', '.250Z'),
      lat: 59.911096,
      lon: 10.752457,
      locationContext: 'Oslo',
      locationContextId: '34567',
      eventType: '057',
      additionalInfo: '002',
      comChannelType: 'SMS',
      message: 'Ring on the door',
    });
  });

  const expected = () => ({
    eventTime: new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Oslo',
      dateStyle: 'short',
      timeStyle: 'medium',
    }).format(new Date(at)),
    eventTimeUtc: at.replace('Z', '.250Z'),
    lat: 59.911096,
    lon: 10.752457,
    locationContext: 'Oslo',
    locationContextId: '34567',
    eventType: { apiKey: '057', description: 'Parcel not delivered', i18nKey: null },
    additionalInfo: {
      apiKey: '002',
      description: 'The key is missing',
      i18nKey: 'event.type.ai.pub.cannot.deliver.missing.key',
    },
    eventGroup: { id: 4, name: 'status' },
    communicationChannel: 'SMS',
    changeUserId: null,
    regSystem: { id: expect.any(Number), name: 'Postnord' },
    message: 'Ring on the door',
  });

  it('comes back in the first log, field by field and in their order', async () => {
    const log = await logV1(sscc);
    const event = {
      shipmentNumber: booked.shipmentNumber,
      trackingReference: `(00)${sscc}`,
      ...expected(),
    };
    expect(log).toEqual([event]);
    expect(Object.keys(log[0] ?? {})).toEqual(Object.keys(event));
  });

  it('comes back in the second log with what was booked', async () => {
    const { shipmentNumber, shopName, shopId, consigneeReference, consignorReference } = booked;
    const { returnCode, freightProductId, freightProductName, linkedParcelNumbers } = booked;
    const shipment = await logV2(sscc);
    expect(shipment).toEqual({
      ...{ shipmentNumber, shopName, shopId, consigneeReference, consignorReference },
      properties: null,
      items: [
        {
          trackingNumber: `(00)${sscc}`,
          ...{ returnCode, freightProductId, freightProductName, linkedParcelNumbers },
          parcelStatus: 'Not delivered',
          events: [expected()],
        },
      ],
    });
  });

  it('is found by every name and spelling, also percent-encoded', async () => {
    const names = [
      ...[sscc, `00${sscc}`, `(00)${sscc}`, `%2800%29${sscc}`, encodeURIComponent(`(00)${sscc}`)],
      ...['70712190172720651', '(401)70712190172720651', '%28401%2970712190172720651', 'R-1234'],
    ];
    for (const name of names) {
      expect([name, idsOf(await logV1(name))]).toEqual([name, ['057']]);
    }
  });

  it('shows in the hub as it was booked', async () => {
    const answer = await shop.api.get<{ items: { details: unknown }[] }>(
      `/handling-units?reference=${sscc}`,
    );
    expect(bodyOf(answer).items).toMatchObject([{ details: { parcel: booked } }]);
  });
});

it('sends null for what is not known, and no events for a parcel that has none', async () => {
  const sscc = newSscc();
  await book(shop.api, { reference: sscc, freightFamily: 'Parcel' });
  expect(await logV1(sscc)).toEqual([]);
  const nothing = { shopName: null, shopId: null, consigneeReference: null };
  expect(await logV2(sscc)).toEqual({
    ...{ shipmentNumber: null, ...nothing, consignorReference: null, properties: null },
    items: [
      {
        ...{ trackingNumber: sscc, returnCode: null, freightProductId: null },
        ...{ freightProductName: null, parcelStatus: null, linkedParcelNumbers: [], events: [] },
      },
    ],
  });
  await register({ trackingReference: sscc, eventTime: hoursAgo(1), eventType: '777' }, shop);
  expect(await logV1(sscc)).toEqual([
    {
      ...{ shipmentNumber: null, trackingReference: sscc },
      ...{ eventTime: expect.any(String), eventTimeUtc: expect.any(String), lat: null, lon: null },
      ...{ locationContext: null, locationContextId: null },
      eventType: { apiKey: '777', description: null, i18nKey: null },
      ...{ additionalInfo: null, eventGroup: { id: 4, name: 'status' } },
      ...{ communicationChannel: null, changeUserId: null },
      ...{ regSystem: { id: expect.any(Number), name: 'Fjordbutikken' }, message: null },
    },
  ]);
});

describe('a shipment of two parcels', () => {
  let first: string;
  let second: string;
  const shipmentNumber = 'S-2026-1';

  beforeAll(async () => {
    [first, second] = [newSscc(), newSscc()];
    await bookParcel(first, { shipmentNumber });
    // A consignment among the documents is the shipment's number too.
    const documents = [{ type: 'consignment', reference: shipmentNumber }];
    await bookParcel(second, {}, { documents });
    await register({ trackingReference: first, eventTime: hoursAgo(3), eventType: '013' });
    await register({ trackingReference: second, eventTime: hoursAgo(2), eventType: '004' });
    await register({ trackingReference: first, eventTime: hoursAgo(4), eventType: '062' });
    await register({ trackingReference: first, eventTime: hoursAgo(1), eventType: '011' });
  });

  it('is one answer with both, oldest event first', async () => {
    const events = await logV1(shipmentNumber);
    expect(events.map((event) => [event.trackingReference, event.eventType.apiKey])).toEqual([
      [first, '062'],
      [first, '013'],
      [second, '004'],
      [first, '011'],
    ]);
    expect(new Set(events.map((event) => event.shipmentNumber))).toEqual(new Set([shipmentNumber]));
    const shipment = await logV2(shipmentNumber);
    expect(shipment.shipmentNumber).toBe(shipmentNumber);
    expect(shipment.items.map((item) => [item.trackingNumber, idsOf(item.events)])).toEqual([
      [first, ['062', '013', '011']],
      [second, ['004']],
    ]);
  });

  it('gives the newest event of each on request, in any case', async () => {
    expect(idsOf(await logV1(shipmentNumber, 'no/TRUE'))).toEqual(['004', '011']);
    const { items } = await logV2(shipmentNumber, 'No/True');
    expect(items.map((item) => idsOf(item.events))).toEqual([['011'], ['004']]);
  });

  it.each([
    ['NO', ['Levert', 'Under transport']],
    ['en', ['Delivered', 'In transit']],
    ['Se', ['Levererad', 'Under transport']],
  ])('speaks %s', async (locale, statuses) => {
    const { items } = await logV2(shipmentNumber, `${locale}/false`);
    expect(items.map((item) => item.parcelStatus)).toEqual(statuses);
  });
});

describe('events of other sources', () => {
  it('show with the id of their word or the one told with them, or not at all', async () => {
    const sscc = newSscc();
    await bookParcel(sscc);
    const unit = { reference: sscc };
    const tell = (type: string, hours: number, more: object = {}) =>
      record(carrier.api, { unit, type, occurredAt: hoursAgo(hours), ...more });
    await tell('received', 9);
    await tell('gated-out', 8);
    await tell('delivered', 7, { classifier: 'estimated' });
    await tell('arrived-at-service-point', 6, { codes: { parcels: '104' } });
    await tell('our own word', 5);
    expect(idsOf(await logV1(sscc))).toEqual(['002', '104']);
  });

  it('are shown in their last version', async () => {
    const sscc = newSscc();
    await bookParcel(sscc);
    const unit = { reference: sscc };
    const told = (type: string, hours: number) => ({ unit, type, occurredAt: hoursAgo(hours) });
    await record(carrier.api, told('received', 9));
    const wrong = await record(carrier.api, told('delivered', 8));
    await record(carrier.api, { ...told('not-delivered', 7), replaces: wrong });
    const void_ = await record(carrier.api, told('lost', 6));
    await record(carrier.api, { ...told('lost', 6), retracts: void_ });
    expect(idsOf(await logV1(sscc))).toEqual(['002', '057']);
    expect((await logV2(sscc)).items).toMatchObject([{ parcelStatus: 'Not delivered' }]);
  });
});

it('keeps only the status of a parcel without news for six months', async () => {
  const sscc = newSscc();
  await bookParcel(sscc);
  const eventTime = '2022-08-04T12:51:00+01:00';
  await register({ trackingReference: sscc, eventTime, eventType: '013' });
  expect(await logV1(sscc)).toEqual([]);
  const { items } = await logV2(sscc, 'NO/false');
  expect(items).toMatchObject([{ parcelStatus: 'Levert', events: [] }]);
  await register({ trackingReference: sscc, eventTime: hoursAgo(1), eventType: '015' });
  expect((await logV1(sscc)).map((event) => event.eventTime)).toEqual([
    '2022-08-04 13:51:00',
    expect.any(String),
  ]);
});

describe('who may not', () => {
  it('learns nothing of a parcel, by none of its names', async () => {
    const sscc = newSscc();
    const names = { shipmentNumber: `S-${serial}`, returnCode: `R-${serial}` };
    await bookParcel(sscc, names);
    await register({ trackingReference: sscc, eventTime: hoursAgo(1), eventType: '004' });
    const textOf = ({ text, body }: Answer<Fault>, name: string) =>
      text.replaceAll(name, '…').replace(body.errorTrackingNr, '…');
    for (const version of ['v-1', 'v-2']) {
      for (const name of [sscc, names.shipmentNumber, names.returnCode]) {
        const ask = <Body>(member: Member, identifier: string) =>
          calls.log<Body>(member, `${version}/fetch/${identifier}/NO/false`);
        expect((await ask(shop, name)).status).toBe(200);
        const nobodys = `X${name.slice(1)}`;
        const hidden = await ask<Fault>(stranger, name);
        const missing = await ask<Fault>(stranger, nobodys);
        expect([hidden.status, missing.status]).toEqual([404, 404]);
        expect(hidden.body).toMatchObject({ statusCode: 404, errorKey: 'cannot.find.parcel' });
        expect(textOf(hidden, name)).toBe(textOf(missing, nobodys));
      }
    }
  });

  it('is told so: without a token, without the service, with a proof of another kind', async () => {
    const path = `${stand.url}/ws/json/parcel/tracking/v-1/fetch/370724760010119754/NO/false`;
    const anonymous = await request<Fault>(path);
    expect([anonymous.status, anonymous.body.errorKey]).toEqual([401, 'not.authenticated']);
    const username = `register-only-${process.pid}`;
    const password = 'a-very-very-long-password';
    const body = { username, password, services: ['parcel-register-event'] };
    const users = `${stand.url}/hub/v1/organizations/${shop.id}/users`;
    bodyOf(await request(users, { token: adminKey, body }), 201);
    for (const token of [await loginOf(stand.url, { username, password }), shop.token]) {
      const refused = await request<Fault>(path, { token });
      expect([refused.status, refused.body.errorKey]).toEqual([403, 'no.access.api']);
    }
  });
});

it.each([
  ['370724760010119754/DK/false', 'locale'],
  ['370724760010119754/NO/perhaps', 'onlyLastEvent'],
  [`${'3'.repeat(36)}/NO/false`, 'identifier'],
  ['%20/NO/false', 'identifier'],
])('refuses %s and names what is wrong', async (path, member) => {
  for (const version of ['v-1', 'v-2']) {
    const { status, body } = await calls.log<Fault>(shop, `${version}/fetch/${path}`);
    expect([status, Object.keys(body.errorMap)]).toEqual([400, [member]]);
  }
});

it.each([
  ['shipmentNumber', 'x'.repeat(36)],
  ['shopId', 100_000],
  ['shopId', '12345'],
  ['shopName', 'x'.repeat(51)],
  ['returnCode', 'x'.repeat(11)],
  ['freightProductId', 10_000_000_000],
  ['linkedParcelNumbers', ['']],
  ['colour', 'blue'],
])('books no parcel with %s %j', async (member, value) => {
  const answer = await shop.api.send<{ errors: { path: string }[] }>('PUT', '/handling-units', {
    reference: newSscc(),
    freightFamily: 'Parcel',
    details: { parcel: { [member]: value } },
  });
  const [fault] = bodyOf(answer, 400).errors;
  expect(fault?.path).toContain(`details.parcel.${member}`);
});

it('is described in the OpenAPI document', async () => {
  const answer = await request<{ paths: Record<string, { get?: { responses: object } }> }>(
    `${stand.url}/openapi/parcels.json`,
  );
  for (const version of [1, 2]) {
    const path = `/ws/json/parcel/tracking/v-${version}/fetch/{identifier}/{locale}/{onlyLastEvent}`;
    const { get } = bodyOf(answer).paths[path] ?? {};
    expect(Object.keys(get?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '404']),
    );
  }
});
