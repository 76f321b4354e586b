/** SOGET tracking as a customer meets it: tokens, both proofs, and the rules of the request. */
import { beforeAll, describe, expect, it } from 'vitest';
import { adminKey, bodyOf, type Client, request } from '../support/client.ts';
import {
  keyHeader,
  proofsOf,
  published,
  tokenPath,
  tracingPath,
  track as trackAt,
  trackingPath,
} from '../support/soget-calls.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();
const track = (client: Client, body: unknown) => trackAt(stand.url, client, body);

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

  it('gives a refused address back, whichever rule refused it', async () => {
    for (const url of ['ftp://my-webhook-endpoints.com', 'http://10.0.0.1/']) {
      const answer = await track(refused, { ...given, url });
      expect(answer.body).toMatchObject({ code: 'T002', subErrors: [{ rejectedValue: url }] });
    }
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
