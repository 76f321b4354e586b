/** The parcel network's calls as its users meet them: logins, and registering an event. */
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type Member, request } from '../support/client.ts';
import {
  type ErrorBody,
  errorOf,
  eventsOf,
  registerPath,
  useRegistering,
} from '../support/parcel-registering.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();
const given = useRegistering(stand);

const login = <Body = { token: string }>(path: string, member: Member, password?: string) =>
  request<Body>(`${stand.url}/ws/json/auth/${path}`, {
    body: { username: member.username, password: password ?? member.password },
  });

describe('logins', () => {
  const lifeSec = (jwt: string) => {
    const { exp = 0, iat = 0 } = decodeJwt(jwt);
    return exp - iat;
  };

  it('give a bare token by v-1 and one in JSON by v-2, both good for 30 minutes', async () => {
    const bare = await login('v-1/login', given.network);
    expect(bare.status).toBe(200);
    expect(bare.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(bare.text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const json = await login('v-2/login', given.network);
    expect(json.headers.get('cache-control')).toBe('no-store');
    expect(json.body).toEqual({ token: expect.any(String) });
    expect([lifeSec(bare.text), lifeSec(json.body.token)]).toEqual([1800, 1800]);
  });

  it('give a token for the minutes asked for by v-3, from 1 to 1440', async () => {
    for (const minutes of [1, 90, 1440]) {
      const { token: timed } = bodyOf(await login(`v-3/login/${minutes}`, given.network));
      expect(lifeSec(timed)).toBe(minutes * 60);
    }
    for (const minutes of ['0', '-1', '1441', '1.5', 'ten', '1e3', '%20', '99999999999999999999']) {
      const answer = await login<ErrorBody>(`v-3/login/${minutes}`, given.network);
      expect({ minutes, status: answer.status }).toEqual({ minutes, status: 400 });
      expect(answer.body).toEqual(errorOf(400, 'validation.error'));
      expect(answer.body.errorMap).toHaveProperty('minutesValid');
    }
  });

  it.each(['v-1/login', 'v-2/login', 'v-3/login/5'])('refuse by %s what is wrong', async (path) => {
    const wrong = await login<ErrorBody>(path, given.network, 'another-long-password');
    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual(errorOf(401, 'not.authenticated'));
    expect(Object.keys(wrong.body.errorMap)).toEqual(['username', 'password']);
    const nobody = await login<ErrorBody>(path, { ...given.network, username: 'nobody' });
    const untraced = { errorTrackingNr: undefined };
    expect({ ...nobody.body, ...untraced }).toEqual({ ...wrong.body, ...untraced });
    const incomplete = await request<ErrorBody>(`${stand.url}/ws/json/auth/${path}`, {
      body: { username: given.network.username },
    });
    expect(incomplete.body).toEqual(errorOf(400, 'validation.error'));
    expect(incomplete.body.errorMap).toHaveProperty('password');
    const malformed = await request(`${stand.url}/ws/json/auth/${path}`, { body: '{"username":' });
    expect(malformed.body).toEqual(errorOf(400, 'failed.to.parse.request'));
    const get = await request(`${stand.url}/ws/json/auth/${path}`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect(get.body).toEqual(errorOf(405, 'method.not.allowed'));
  });
});

describe('registering', () => {
  const trackingReference = '(00)370724760010119754';
  const all = {
    trackingReference,
    eventTime: '2020-01-31T00:01:00.000+01:00',
    lat: 59.911096,
    lon: 10.752457,
    locationContext: 'Oslo',
    locationContextId: '34567',
    eventType: '008',
    additionalInfo: '001',
    comChannelType: 'SMS',
    message: 'Form returned',
  };

  beforeAll(async () => {
    await given.parcel('370724760010119754');
  });

  it('takes all ten fields and loses none', async () => {
    const answer = await given.register(given.token, all);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      eventId: expect.any(String),
      trackingReference,
      duplicate: false,
    });
    const event = await given.shop.api.get(`/events/${answer.body.eventId}`);
    expect(event.body).toEqual({
      id: answer.body.eventId,
      unit: { id: expect.any(String), reference: '370724760010119754' },
      type: 'communication-received',
      classifier: 'actual',
      occurredAt: all.eventTime,
      occurredAtUtc: '2020-01-30T23:01:00.000000Z',
      recordedAt: expect.any(String),
      place: { location: '34567', name: 'Oslo', latitude: 59.911096, longitude: 10.752457 },
      additionalInfo: '001',
      channel: 'SMS',
      message: 'Form returned',
      codes: { parcels: '008' },
      source: { organization: given.network.id, dialect: 'parcels', code: '008' },
    });
  });

  it('takes the published sample request, byte for byte', async () => {
    await given.parcel('370724762112345678');
    const sample = `{
"trackingReference": "370724762112345678",
"eventTime": "2022-08-04T12:51:00+01:00",
"locationContext": "my postalname",
"eventType": "013",
"message": "Delivered"
}`;
    expect((await given.register(given.token, sample)).status).toBe(200);
    const again = bodyOf(await given.register(given.token, sample));
    expect(again.duplicate).toBe(true);
    const events = await eventsOf(given.shop, '370724762112345678');
    expect(events).toMatchObject([{ id: again.eventId, type: 'delivered', message: 'Delivered' }]);
  });

  it('takes every limit at its end, null and empty, unknown ids and members', async () => {
    const reference = `LOT-${'9'.repeat(31)}`;
    await given.parcel(reference);
    const least = { trackingReference: reference, eventType: '001' };
    const at = (minute: number) => `2026-11-01T10:0${minute}:00Z`;
    const accepted: object[] = [
      { ...least, eventTime: at(0) },
      { ...least, eventTime: at(1), lat: -90, lon: 180 },
      { ...least, eventTime: at(2), locationContext: 'å'.repeat(255), message: '🚚'.repeat(255) },
      { ...least, eventTime: at(3), locationContextId: 'x'.repeat(10) },
      { ...least, eventTime: at(4), comChannelType: 'x'.repeat(20), additionalInfo: '999' },
      { ...least, eventTime: at(5), lat: null, lon: null, message: null, additionalInfo: '' },
      { ...least, eventTime: at(6), eventType: '042', carrierRoute: 'B7' },
    ];
    for (const body of accepted) expect((await given.register(given.token, body)).status).toBe(200);
    const events = await eventsOf(given.shop, reference);
    expect(events).toHaveLength(accepted.length);
    expect(events[0]).toMatchObject({ type: 'announced', codes: { parcels: '001' } });
    expect(events[6]).toMatchObject({ type: 'other', codes: { parcels: '042' } });
  });

  const without = (name: string) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
  const broken: readonly (readonly [field: string, why: string, body: unknown])[] = [
    ['trackingReference', 'missing', without('trackingReference')],
    ['trackingReference', 'null', { ...all, trackingReference: null }],
    ['trackingReference', 'empty', { ...all, trackingReference: '' }],
    ['trackingReference', 'blank', { ...all, trackingReference: '  ' }],
    ['trackingReference', '36 characters', { ...all, trackingReference: '1'.repeat(36) }],
    ['trackingReference', 'a number', { ...all, trackingReference: 370724760010119 }],
    ['eventTime', 'missing', without('eventTime')],
    ['eventTime', 'no offset', { ...all, eventTime: '2020-01-31T00:01:00' }],
    ['eventTime', 'an impossible date', { ...all, eventTime: '2021-02-29T00:01:00Z' }],
    ['eventTime', 'an impossible hour', { ...all, eventTime: '2021-02-28T25:01:00Z' }],
    ['eventTime', 'no time', { ...all, eventTime: '2020-01-31' }],
    ['eventTime', 'a number', { ...all, eventTime: 1580425260 }],
    ['lat', 'beyond the pole', { ...all, lat: 90.000001 }],
    ['lat', 'a text', { ...all, lat: '59.9' }],
    ['lat', 'missing beside lon', without('lat')],
    ['lon', 'beyond the date line', { ...all, lon: -180.1 }],
    ['lon', 'missing beside lat', without('lon')],
    ['locationContext', '256 characters', { ...all, locationContext: 'x'.repeat(256) }],
    ['locationContextId', '11 characters', { ...all, locationContextId: 'x'.repeat(11) }],
    ['locationContextId', 'a number', { ...all, locationContextId: 34567 }],
    ['eventType', 'missing', without('eventType')],
    ['eventType', 'no leading zeros', { ...all, eventType: '8' }],
    ['eventType', 'a number', { ...all, eventType: 8 }],
    ['eventType', 'four digits', { ...all, eventType: '0008' }],
    ['eventType', 'letters', { ...all, eventType: 'abc' }],
    ['additionalInfo', 'no leading zeros', { ...all, additionalInfo: '1' }],
    ['additionalInfo', 'letters', { ...all, additionalInfo: 'abc' }],
    ['comChannelType', '21 characters', { ...all, comChannelType: 'x'.repeat(21) }],
    ['message', '256 characters', { ...all, message: 'x'.repeat(256) }],
    ['message', 'an object', { ...all, message: {} }],
  ];

  it.each(broken)('refuses %s: %s', async (field, _why, body) => {
    const before = await eventsOf(given.shop, '370724760010119754');
    const answer = await given.register<ErrorBody>(given.token, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(errorOf(400, 'validation.error'));
    expect(Object.keys(answer.body.errorMap)).toEqual([field]);
    expect(answer.body.errorMessage).not.toBe('');
    expect(await eventsOf(given.shop, '370724760010119754')).toEqual(before);
  });

  it('refuses what is no JSON object, too large, or of another type', async () => {
    for (const body of ['', '{', 'null', '[]', '"x"', `{"message":"\u0000"}`]) {
      const answer = await given.register<ErrorBody>(given.token, body);
      expect({ body, status: answer.status }).toEqual({ body, status: 400 });
      expect(answer.body).toEqual(errorOf(400, answer.body.errorKey));
    }
    const surrogate = JSON.stringify({ ...all, message: '\ud800' });
    expect((await given.register(given.token, surrogate)).status).toBe(400);
    const large = await given.register<ErrorBody>(given.token, {
      ...all,
      message: 'x'.repeat(1_100_000),
    });
    expect(large.body).toEqual(errorOf(413, 'request.too.large'));
    const headers = { 'content-type': 'application/xml' };
    const xml = await request(`${stand.url}${registerPath}`, {
      token: given.token,
      headers,
      body: '<event/>',
    });
    expect(xml.body).toEqual(errorOf(415, 'unsupported.media.type'));
  });

  it('brings the three spellings of an SSCC to one parcel and keeps its zeros', async () => {
    const sscc = '003707247600101197';
    const id = await given.parcel(sscc);
    const spellings = [sscc, `00${sscc}`, `(00)${sscc}`, `(00) ${sscc}`];
    for (const [at, spelling] of spellings.entries()) {
      const answer = await given.register(given.token, {
        trackingReference: spelling,
        eventTime: `2026-11-01T10:0${at}:00Z`,
        eventType: '004',
      });
      expect(bodyOf(answer).trackingReference).toBe(spelling);
    }
    const events = await eventsOf(given.shop, sscc);
    expect(events.map((event) => event.unit)).toEqual(
      spellings.map(() => ({ id, reference: sscc })),
    );
    for (const spelling of [...spellings, id])
      expect(await eventsOf(given.shop, spelling)).toEqual(events);
    const shorter = await eventsOf(given.shop, sscc.slice(2));
    expect(shorter).toEqual([]);
  });
});
