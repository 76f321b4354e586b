/** SOGET tracking as a customer meets it: tokens, both proofs, the request's rules, the pushes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { adminKey, bodyOf, book, type Client, record, request } from '../support/client.ts';
import { readOpenApiSchemas } from '../support/openapi-schemas.ts';
import { arrivalsUntil, useStand, verified } from '../support/stand.ts';

const stand = useStand();
const tokenPath = '/soget-connect/v1/openid-connect/token';
const trackingPath = '/api-tracking-code/v1/track-handling-unit';
const tracingPath = '/api-tracing-code/v1/handling-units';
const keyHeader = 'ocp-apim-subscription-key';

const published = {
  tracking: readOpenApiSchemas(
    new URL('../../src/dialects/soget/published/tracking.json', import.meta.url),
  ),
  tracing: readOpenApiSchemas(
    new URL('../../src/dialects/soget/published/tracing.json', import.meta.url),
  ),
};

/** The sample request of the published document, byte for byte. */
const sample = `{
                "spi": "CNI0000000001",
                "reference": "CGMU0000001",
                "way": "Import",
                "place": "MTDF",
                "agentCode": "CCGM",
                "url": "https://my-webhook-endpoints.com",
                "externalReference": "EXT-REF-001"
              }`;

const proofsOf = (member: Pick<Client, 'token' | 'apiKey'>) => ({
  authorization: `Bearer ${member.token}`,
  [keyHeader]: member.apiKey,
});

const track = (member: Client, body: unknown) =>
  request<unknown>(`${stand.url}${trackingPath}`, { body, headers: proofsOf(member) });

/** A tracking to a path of the receiver, with the secret that its pushes are signed with. */
async function trackTo(member: Client, path: string, wish: object): Promise<string> {
  const url = `${stand.receiver.url}${path}`;
  const externalId = bodyOf(await track(member, { url, ...wish }), 201);
  const page = await member.api.get<{ items: { id: string; externalId: string }[] }>(
    '/subscriptions?dialect=soget&limit=200',
  );
  const found = page.body.items.find((item) => item.externalId === externalId);
  expect(found).toBeDefined();
  const rotated = await member.api.send<{ secret: string }>(
    'POST',
    `/subscriptions/${found?.id}/rotate-secret`,
  );
  return bodyOf(rotated).secret;
}

interface Push {
  readonly HandlingUnit: { readonly Events: readonly { readonly [key: string]: string }[] };
}

/** What `key` says in each push that came to the path, up to the one whose `Type` is `last`. */
async function told(path: string, key: string, last: string): Promise<(string | undefined)[]> {
  const pushes = await arrivalsUntil(stand.receiver, path, (text) =>
    text.includes(`"Type":"${last}"`),
  );
  return pushes.map((push) => {
    const { HandlingUnit } = JSON.parse(push.body.toString()) as Push;
    return HandlingUnit.Events[0]?.[key];
  });
}

describe('the token endpoint', () => {
  const ask = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    request(`${stand.url}${tokenPath}`, { form, headers });
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  });

  it('gives a token as RFC 6749 says, with and without a grant_type', async () => {
    const { clientId, clientSecret } = await stand.joinAsClient('Forwarder');
    const form = { client_id: clientId, client_secret: clientSecret };
    for (const asked of [form, { ...form, grant_type: 'client_credentials' }]) {
      const answer = await ask(asked);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.body).toEqual({
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        token_type: 'Bearer',
        expires_in: 3600,
        scope: expect.stringContaining('soget.tracking'),
      });
    }
  });

  it('takes the credentials in a Basic header, and narrows the scope', async () => {
    const { clientId, clientSecret } = await stand.joinAsClient('Forwarder');
    const answer = await ask({ scope: 'soget.tracing' }, basic(clientId, clientSecret));
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'soget.tracing' });
  });

  it('refuses what is wrong in the words of RFC 6749', async () => {
    const { clientId: id, clientSecret: secret } = await stand.joinAsClient('Forwarder');
    const form = { client_id: id, client_secret: secret };
    const refused: readonly (readonly [
      number,
      string,
      Promise<{ status: number; body: object }>,
    ])[] = [
      [401, 'invalid_client', ask({ ...form, client_secret: `${secret}x` })],
      [401, 'invalid_client', ask({ ...form, client_id: 'nobody' })],
      [401, 'invalid_client', ask({}, basic(id, 'wrong'))],
      [400, 'invalid_request', ask({})],
      [400, 'invalid_request', ask(form, basic(id, secret))],
      [400, 'invalid_scope', ask({ ...form, scope: 'soget.everything' })],
      [400, 'unsupported_grant_type', ask({ ...form, grant_type: 'password' })],
      [400, 'invalid_request', request(`${stand.url}${tokenPath}`, { body: form })],
    ];
    for (const [status, error, answer] of refused) {
      const { body, status: given } = await answer;
      expect({ status: given, body }).toMatchObject({ status, body: { error } });
    }
  });

  it('does not tell a wrong secret from an unknown client', async () => {
    const { clientId } = await stand.joinAsClient('Forwarder');
    const wrong = await ask({ client_id: clientId, client_secret: 'wrong' });
    const unknown = await ask({ client_id: `${clientId}x`, client_secret: 'wrong' });
    expect(wrong.text).toBe(unknown.text);
  });
});

describe('the two proofs', () => {
  const apis = [
    ['tracking', trackingPath, { body: sample }],
    ['tracing', `${tracingPath}?reference=CGMU0000001`, {}],
  ] as const;

  it.each(apis)('are both needed for %s', async (name, path, call) => {
    const [one, other] = await Promise.all([stand.join('One'), stand.joinAsClient('Other')]);
    const user = await request<{ token: string }>(`${stand.url}/ws/json/auth/v-2/login`, {
      body: { username: one.username, password: one.password },
    });
    const good = proofsOf(one);
    const cases: Readonly<Record<string, Record<string, string>>> = {
      'no proof': {},
      'no token': { [keyHeader]: one.apiKey },
      'no key': { authorization: good.authorization },
      'empty key': { ...good, [keyHeader]: '' },
      'wrong token': { ...good, authorization: 'Bearer nonsense' },
      'token with a broken signature': { ...good, authorization: `${good.authorization}x` },
      'another scheme': { ...good, authorization: `Basic ${one.token}` },
      "a user's token": { ...good, authorization: `Bearer ${user.body.token}` },
      "the operator's key": { ...good, authorization: `Bearer ${adminKey}` },
      'wrong key': { ...good, [keyHeader]: `${one.apiKey}x` },
      'secret for key': { ...good, [keyHeader]: one.clientSecret },
      "another organization's key": { ...good, [keyHeader]: other.apiKey },
      "another organization's token": { ...good, authorization: `Bearer ${other.token}` },
    };
    for (const [proof, headers] of Object.entries(cases)) {
      const answer = await request(`${stand.url}${path}`, { ...call, headers });
      expect({ proof, status: answer.status }).toEqual({ proof, status: 401 });
      expect(answer.body).toMatchObject({ status: 'Unauthorized', code: 'G007' });
      expect(published[name]('HttpBusinessError', answer.body)).toEqual([]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^(Bearer|AzureApiManagementKey) /);
    }
  });

  it.each(apis)('do not open %s without its scope', async (name, path, call) => {
    const member = await stand.joinAsClient('Half');
    const scope = name === 'tracking' ? 'soget.tracing' : 'soget.tracking';
    const narrow = await request<{ access_token: string }>(`${stand.url}${tokenPath}`, {
      form: { client_id: member.clientId, client_secret: member.clientSecret, scope },
    });
    const headers = proofsOf({ apiKey: member.apiKey, token: narrow.body.access_token });
    const answer = await request(`${stand.url}${path}`, { ...call, headers });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ status: 'Forbidden', code: 'G008' });
    expect(published[name]('HttpBusinessError', answer.body)).toEqual([]);
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  });
});

describe('a tracking request', () => {
  it('gives the tracking id as a JSON string, the same for the same request', async () => {
    const member = await stand.joinAsClient('Customer');
    const first = await track(member, sample);
    expect(first.status).toBe(201);
    expect(first.headers.get('content-type')).toMatch(/^application\/json/);
    expect(first.text).toMatch(/^"TRK\d{10}"$/);
    const again = await track(member, sample);
    expect([again.status, again.text]).toEqual([201, first.text]);
    const reordered = await track(
      member,
      Object.fromEntries(Object.entries(JSON.parse(sample)).reverse()),
    );
    expect(reordered.text).toBe(first.text);
    const others = await track(await stand.joinAsClient('Customer'), sample);
    expect(others.text).not.toBe(first.text);
    const another = await track(member, {
      ...JSON.parse(sample),
      externalReference: 'EXT-REF-002',
    });
    expect(another.text).not.toBe(first.text);
  });

  const given = JSON.parse(sample) as Record<string, unknown>;
  const without = (name: string) =>
    Object.fromEntries(Object.entries(given).filter(([key]) => key !== name));
  const broken: readonly (readonly [field: string, why: string, body: unknown])[] = [
    ['reference', 'missing', without('reference')],
    ['reference', 'null', { ...given, reference: null }],
    ['reference', 'a number', { ...given, reference: 12345678901 }],
    ['reference', 'empty', { ...given, reference: '' }],
    ['reference', '10 characters', { ...given, reference: 'CGMU000001' }],
    ['reference', '12 characters', { ...given, reference: 'CGMU00000001' }],
    ['spi', '12 characters', { ...given, spi: 'CNI000000001' }],
    ['spi', '14 characters', { ...given, spi: 'CNI00000000001' }],
    ['spi', 'a number', { ...given, spi: 1 }],
    ['way', 'another word', { ...given, way: 'Sideways' }],
    ['way', 'another case', { ...given, way: 'import' }],
    ['way', 'null', { ...given, way: null }],
    ['place', '21 characters', { ...given, place: 'x'.repeat(21) }],
    ['place', 'a list', { ...given, place: ['MTDF'] }],
    ['agentCode', '65 characters', { ...given, agentCode: 'x'.repeat(65) }],
    ['agentCode', 'a number', { ...given, agentCode: 1 }],
    ['url', 'missing', without('url')],
    ['url', 'null', { ...given, url: null }],
    ['url', 'empty', { ...given, url: '' }],
    ['url', 'another scheme', { ...given, url: 'ftp://my-webhook-endpoints.com' }],
    ['url', 'no host', { ...given, url: 'https://' }],
    ['url', 'a user name', { ...given, url: 'https://me@my-webhook-endpoints.com' }],
    ['url', 'too long', { ...given, url: `https://my-webhook.com/${'x'.repeat(2048)}` }],
    ['url', 'hostile to the published pattern', { ...given, url: `a.bb${'/a'.repeat(1000)}\n` }],
    ['url', 'a private address not allowed', { ...given, url: 'http://10.0.0.1/' }],
    ['url', 'the metadata address', { ...given, url: 'http://169.254.169.254/latest' }],
    ['externalReference', '51 characters', { ...given, externalReference: 'x'.repeat(51) }],
    ['externalReference', 'an object', { ...given, externalReference: {} }],
    ['colour', 'unknown', { ...given, colour: 'red' }],
  ];

  let refused: Client;
  beforeAll(async () => {
    refused = await stand.joinAsClient('Refused');
  });

  it.each(broken)('is refused for %s: %s', async (field, _why, body) => {
    const answer = await track(refused, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      status: 'BadRequest',
      code: expect.stringMatching(/^T00[12]$/),
      subErrors: [expect.objectContaining({ section: 'TrackingSinglePost', field })],
    });
    expect(published.tracking('HttpBusinessError', answer.body)).toEqual([]);
    const kept = await refused.api.get<{ items: unknown[] }>('/subscriptions');
    expect(kept.body.items).toEqual([]);
  });

  it('names every rule that is broken, not only the first', async () => {
    const answer = await track(refused, { reference: 'short', way: 'No', place: 'x'.repeat(21) });
    const { subErrors } = answer.body as { subErrors: { field: string }[] };
    const fields = subErrors.map(({ field }) => field).sort();
    expect(fields).toEqual(['place', 'reference', 'url', 'way']);
  });

  it('is refused when it is no JSON object at all', async () => {
    const member = refused;
    for (const body of ['{"reference":', 'null', '[]', '"text"', '']) {
      const answer = await track(member, body);
      expect({ body, status: answer.status }).toEqual({ body, status: 400 });
      expect(published.tracking('HttpBusinessError', answer.body)).toEqual([]);
    }
    const headers = { ...proofsOf(member), 'content-type': 'text/plain' };
    const plain = await request(`${stand.url}${trackingPath}`, { body: sample, headers });
    expect(plain.status).toBe(415);
    expect(published.tracking('HttpBusinessError', plain.body)).toEqual([]);
    const large = await track(member, { ...given, place: 'x'.repeat(1_100_000) });
    expect(large.status).toBe(413);
    expect(published.tracking('HttpBusinessError', large.body)).toEqual([]);
    const wrongMethod = await request(`${stand.url}${trackingPath}`, { headers: proofsOf(member) });
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
    expect(published.tracking('HttpBusinessError', wrongMethod.body)).toEqual([]);
  });

  it('takes every limit at its end, null and missing members, and any usable address', async () => {
    const member = await stand.joinAsClient('Customer');
    const least = { reference: 'CGMU0000001', url: 'my-webhook-endpoints.com' };
    const accepted = [
      least,
      { ...given, place: 'x'.repeat(20) },
      { ...given, agentCode: 'x'.repeat(64) },
      { ...given, externalReference: 'é'.repeat(50) },
      { ...given, url: 'http://my-webhook.com:8443/a/b?c=d&e=%C3%A9' },
      { ...given, url: `${stand.receiver.url}/allowed` },
      ...['Unknown', 'Export', 'Transit', 'Transhipment', 'DomesticIn', 'DomesticOut'].map(
        (way) => ({ ...given, way }),
      ),
      { ...given, way: 'DomesticTranshipment' },
    ];
    const ids = new Set<unknown>();
    for (const body of accepted) {
      expect(published.tracking('TrackingSinglePost', { ...body, url: 'https://a.com' })).toEqual(
        [],
      );
      ids.add(bodyOf(await track(member, body), 201));
    }
    expect(ids.size).toBe(accepted.length);
    const nulls = { ...least, spi: null, place: null, agentCode: null, externalReference: null };
    expect(ids.has(bodyOf(await track(member, nulls), 201))).toBe(true);
  });
});

describe('the pushes of a tracking', () => {
  /** A carrier that owns a unit of which the customer is a party. */
  async function chain(unit: Record<string, unknown>, role = 'forwarder') {
    const [carrier, customer] = await Promise.all([
      stand.joinAsClient('Carrier'),
      stand.joinAsClient('Customer'),
    ]);
    const parties = [{ organization: customer.id, role }];
    await book(carrier.api, { freightFamily: 'Container', ...unit, parties });
    return { carrier, customer };
  }

  it('tell a gated-out that another organization registered, exactly as published', async () => {
    const reference = 'CSQU3054383';
    const spi = 'CNI0000063978';
    const { carrier, customer } = await chain({ reference, spi, customsFlag: 'Import' });
    const secret = await trackTo(customer, '/gated-out', {
      reference,
      spi,
      way: 'Import',
      place: 'MTDF',
      externalReference: 'EXT_REF',
    });
    await record(carrier.api, {
      unit: { spi },
      type: 'gated-out',
      occurredAt: '2025-08-16T01:32:00.250+02:00',
      place: { unlocode: 'FRLEH', location: 'MTDF' },
    });
    const [push] = await arrivalsUntil(stand.receiver, '/gated-out', () => true);
    expect(push?.method).toBe('POST');
    expect(push?.headers['content-type']).toMatch(/^application\/json/);
    expect(push?.body.toString()).toBe(
      JSON.stringify({
        HandlingUnit: {
          Events: [
            {
              AlertDate: '2025-08-16T01:32:00+02:00',
              AlertType: 'Creation',
              Direction: 'Import',
              Location: 'MTDF',
              State: 'Active',
              Type: 'gated-out',
            },
          ],
          FreightFamily: 'Container',
          Reference: reference,
          Spi: spi,
          ExternalReference: 'EXT_REF',
        },
      }),
    );
    if (push === undefined) throw new Error('unreachable');
    expect(verified(push, secret)).toHaveProperty('HandlingUnit.Reference', reference);
    expect(() => verified(push, `whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow();
    expect(() => verified({ ...push, body: Buffer.from('{}') }, secret)).toThrow();
  });

  it('say UTC as +00:00, null for what is unknown, and leave an absent reference out', async () => {
    const { carrier, customer } = await chain({ reference: 'MSCU0000011' });
    await trackTo(customer, '/least', { reference: 'MSCU0000011' });
    const unit = { reference: 'mscu 000001 1' };
    await record(carrier.api, { unit, type: 'loaded', occurredAt: '2025-08-15T23:32:00Z' });
    const [push] = await arrivalsUntil(stand.receiver, '/least', () => true);
    expect(push?.body.toString()).toBe(
      '{"HandlingUnit":{"Events":[{"AlertDate":"2025-08-15T23:32:00+00:00","AlertType":"Creation",' +
        '"Direction":"Unknown","Location":null,"State":"Active","Type":"loaded"}],' +
        '"FreightFamily":"Container","Reference":"MSCU0000011","Spi":null}}',
    );
  });

  it('are held back and let through by way', async () => {
    const reference = 'TGHU1234567';
    const { carrier, customer } = await chain({ reference, freightFamily: 'container' });
    const events = [
      { direction: 'import' },
      { direction: 'export' },
      { direction: 'transit' },
      { direction: 'transhipment' },
      { direction: 'domestic', way: 'in' },
      { direction: 'domestic', way: 'out' },
      { direction: 'domestic' },
      { way: 'in' },
    ];
    /** By the position of the events above; every tracking gets at least one of a round. */
    const expected: Readonly<Record<string, readonly number[]>> = {
      Import: [0],
      Export: [1],
      Transit: [2],
      Transhipment: [3],
      DomesticIn: [4],
      DomesticOut: [5],
      DomesticTranshipment: [4, 5, 6],
      Unknown: [0, 1, 2, 3, 4, 5, 6, 7],
    };
    for (const way of Object.keys(expected)) {
      await trackTo(customer, `/way-${way}`, { reference, way });
    }
    // Two rounds: within a subscription and a unit nothing overtakes, so what is to come of the
    // second round proves that nothing more is to come of the first.
    for (const round of [1, 2]) {
      for (const [at, event] of events.entries()) {
        await record(carrier.api, {
          ...event,
          unit: { reference },
          type: 'shifted',
          codes: { soget: `${round}.${at}` },
          occurredAt: `2026-11-0${round}T10:0${at}:00+01:00`,
        });
      }
    }
    for (const [way, positions] of Object.entries(expected)) {
      const types = [1, 2].flatMap((round) => positions.map((at) => `${round}.${at}`));
      expect({ way, types: await told(`/way-${way}`, 'Type', `2.${positions.at(-1)}`) }).toEqual({
        way,
        types,
      });
    }
    const words = await told('/way-Unknown', 'Direction', '2.7');
    expect(words.slice(0, 8)).toEqual([
      ...['Import', 'Export', 'Transit', 'Transhipment', 'DomesticIn', 'DomesticOut'],
      ...['Unknown', 'Unknown'],
    ]);
  });

  it('follow the customs flag of the unit where the event says no direction', async () => {
    const reference = 'TGHU7654321';
    const { carrier, customer } = await chain({ reference, customsFlag: 'Export' });
    await trackTo(customer, '/flag-export', { reference, way: 'Export' });
    await trackTo(customer, '/flag-import', { reference, way: 'Import' });
    const event = { unit: { reference }, type: 'loaded' };
    await record(carrier.api, { ...event, occurredAt: '2026-11-01T10:00:00Z' });
    const last = { direction: 'import', codes: { soget: 'LAST' } };
    await record(carrier.api, { ...event, ...last, occurredAt: '2026-11-01T11:00:00Z' });
    expect(await told('/flag-import', 'Type', 'LAST')).toEqual(['LAST']);
    expect(await told('/flag-export', 'Type', 'loaded')).toEqual(['loaded']);
  });

  it('are held back and let through by place, whatever its case', async () => {
    const reference = 'HLXU1234567';
    const { carrier, customer } = await chain({ reference });
    await trackTo(customer, '/place-terminal', { reference, place: 'mtdf' });
    await trackTo(customer, '/place-port', { reference, place: 'FRLEH' });
    const places: readonly [string, object | undefined][] = [
      ['A', { unlocode: 'FRLEH', location: 'MTDF' }],
      ['B', { location: 'MTDF' }],
      ['C', { unlocode: 'FRLEH', location: 'MTNOTMS' }],
      ['D', { unlocode: 'NLRTM' }],
      ['E', undefined],
      ['F', { unlocode: 'FRLEH', location: 'MTDF' }],
    ];
    for (const [at, [soget, place]] of places.entries()) {
      await record(carrier.api, {
        unit: { reference },
        type: 'shifted',
        codes: { soget },
        ...(place && { place }),
        occurredAt: `2026-11-01T10:0${at}:00+01:00`,
      });
    }
    expect(await told('/place-terminal', 'Type', 'F')).toEqual(['A', 'B', 'F']);
    expect(await told('/place-port', 'Type', 'F')).toEqual(['A', 'C', 'F']);
    expect(await told('/place-port', 'Location', 'F')).toEqual(['MTDF', 'MTNOTMS', 'MTDF']);
  });

  it('tell what happened, not what is planned; corrections and withdrawals by their words', async () => {
    const reference = 'CAXU1234567';
    const { carrier, customer } = await chain({ reference });
    await trackTo(customer, '/lives', { reference });
    const event = { unit: { reference }, type: 'arrived' };
    const at = (hour: number) => `2026-11-01T${hour}:00:00+01:00`;
    await record(carrier.api, { ...event, classifier: 'planned', occurredAt: at(10) });
    await record(carrier.api, { ...event, classifier: 'estimated', occurredAt: at(11) });
    const first = await record(carrier.api, { ...event, occurredAt: at(12) });
    const second = await record(carrier.api, { ...event, replaces: first, occurredAt: at(13) });
    const last = { retracts: second, codes: { soget: 'LAST' } };
    await record(carrier.api, { ...event, ...last, occurredAt: at(13) });
    expect(await told('/lives', 'AlertType', 'LAST')).toEqual([
      ...['Creation', 'Modification', 'Deletion'],
    ]);
    expect(await told('/lives', 'State', 'LAST')).toEqual(['Active', 'Active', 'Inactive']);
    expect(await told('/lives', 'AlertDate', 'LAST')).toEqual([at(12), at(13), at(13)]);
  });

  it('begin when the customer becomes a party, and never tell of what went before', async () => {
    const reference = 'FSCU1234567';
    const [carrier, customer] = await Promise.all([
      stand.joinAsClient('Carrier'),
      stand.joinAsClient('Customer'),
    ]);
    const unit = { reference, freightFamily: 'Container' };
    await book(carrier.api, unit);
    await trackTo(customer, '/party', { reference });
    const event = { unit: { reference }, type: 'gated-in', occurredAt: '2026-11-01T10:00:00Z' };
    await record(carrier.api, { ...event, codes: { soget: 'HIDDEN' } });
    const parties = [{ organization: customer.id, role: 'consignee' }];
    bodyOf(await carrier.api.send('PUT', '/handling-units', { ...unit, parties }));
    await record(carrier.api, { ...event, type: 'gated-out', codes: { soget: 'LAST' } });
    expect(await told('/party', 'Type', 'LAST')).toEqual(['LAST']);
  });

  it('come for every passage of a container, or for the one that the SPI names', async () => {
    const reference = 'TCLU1234567';
    const first = 'CNI0000000101';
    const { carrier, customer } = await chain({ reference, spi: first });
    await trackTo(customer, '/every-passage', { reference });
    await trackTo(customer, '/one-passage', { reference, spi: first });
    const second = { reference, spi: 'CNI0000000102', freightFamily: 'Container' };
    const parties = [{ organization: customer.id, role: 'forwarder' }];
    await book(carrier.api, { ...second, parties });
    const event = { type: 'gated-in', occurredAt: '2026-11-01T10:00:00Z' };
    await record(carrier.api, { ...event, unit: { spi: first }, codes: { soget: 'ONE' } });
    await told('/every-passage', 'Type', 'ONE');
    await record(carrier.api, { ...event, unit: { spi: second.spi }, codes: { soget: 'TWO' } });
    expect(await told('/every-passage', 'Type', 'TWO')).toEqual(['ONE', 'TWO']);
    const later = { ...event, type: 'gated-out', codes: { soget: 'LAST' } };
    await record(carrier.api, { ...later, unit: { spi: first } });
    expect(await told('/one-passage', 'Type', 'LAST')).toEqual(['ONE', 'LAST']);
  });
});
