/** Offers: which dialects a key opens, how often it may ask; and what everyone must keep to. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { bodyOf, type Client, request } from '../support/client.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();
const tracing = '/api-tracing-code/v1/handling-units?reference=CGMU2436601';

/** An API key of the member under an offer of its own. */
async function keyUnder(member: Client, offer: { name: string; [member: string]: unknown }) {
  bodyOf(await stand.operator.send('POST', '/offers', offer), 201);
  const path = `/organizations/${member.id}/api-keys`;
  const given = { name: offer.name, offer: offer.name };
  const key = await stand.operator.send<{ apiKey: string; offer: string }>('POST', path, given);
  expect(bodyOf(key, 201).offer).toBe(offer.name);
  return key.body.apiKey;
}

const trace = (member: Client, apiKey: string) =>
  request(`${stand.url}${tracing}`, {
    token: member.token,
    headers: { 'Ocp-Apim-Subscription-Key': apiKey },
  });

describe('an offer with a rate', () => {
  it('counts each answer in RateLimit headers and then says when to come again', async () => {
    const member = await stand.joinAsClient('Limited');
    const apiKey = await keyUnder(member, { name: 'small', requestsPerMinute: 3 });
    const remaining: (string | null)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const answer = await trace(member, apiKey);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('ratelimit-limit')).toBe('3');
      expect(Number(answer.headers.get('ratelimit-reset'))).toBeGreaterThan(0);
      remaining.push(answer.headers.get('ratelimit-remaining'));
    }
    expect(remaining).toEqual(['2', '1', '0']);
    const refused = await trace(member, apiKey);
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({
      status: 'TooManyRequests',
      timestamp: expect.any(String),
      code: 'G012',
      message: expect.any(String),
    });
    const retryAfterSec = Number(refused.headers.get('retry-after'));
    expect(retryAfterSec).toBeGreaterThan(0);
    expect(retryAfterSec).toBeLessThanOrEqual(60);
  });

  it('counts each key for itself, and only those with a limit', async () => {
    const member = await stand.joinAsClient('Twice');
    const offer = { name: 'single', requestsPerMinute: 1 };
    const first = await keyUnder(member, offer);
    const path = `/organizations/${member.id}/api-keys`;
    const given = { name: 'second', offer: offer.name };
    const second = bodyOf(await stand.operator.send<{ apiKey: string }>('POST', path, given), 201);
    const statuses = [];
    for (const key of [first, first, second.apiKey, member.apiKey, member.apiKey]) {
      statuses.push((await trace(member, key)).status);
    }
    expect(statuses).toEqual([404, 429, 404, 404, 404]);
    const free = await trace(member, member.apiKey);
    expect(free.headers.get('ratelimit-limit')).toBeNull();
  });

  it('does not count what was refused before the key was known', async () => {
    const member = await stand.joinAsClient('Guessed');
    const apiKey = await keyUnder(member, { name: 'guessed', requestsPerMinute: 1 });
    const stranger = await stand.joinAsClient('Stranger');
    const guess = await trace({ ...member, token: stranger.token }, apiKey);
    expect(guess.status).toBe(401);
    expect((await trace(member, apiKey)).status).toBe(404);
  });
});

describe('an offer without a dialect', () => {
  it('does not open it, in the dialect’s own words', async () => {
    const member = await stand.joinAsClient('Elsewhere');
    const apiKey = await keyUnder(member, { name: 'parcels only', dialects: ['parcels'] });
    const answer = await trace(member, apiKey);
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ status: 'Forbidden', code: 'G008' });
    const tracking = await request(`${stand.url}/api-tracking-code/v1/track-handling-unit`, {
      token: member.token,
      headers: { 'Ocp-Apim-Subscription-Key': apiKey },
      body: { reference: 'CGMU0000001', url: 'https://receiver.example' },
    });
    expect(tracking.status).toBe(403);
    expect((await member.api.get('/subscriptions')).body).toMatchObject({ items: [] });
    const both = await keyUnder(member, { name: 'both', dialects: ['parcels', 'soget'] });
    expect((await trace(member, both)).status).toBe(404);
  });

  it('names only dialects that there are', async () => {
    const refused = await stand.operator.send('POST', '/offers', {
      name: 'x',
      dialects: ['klingon'],
    });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'dialects.0' }] } });
    const offers = await stand.operator.get('/offers');
    expect(offers.body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ name: 'standard', dialects: null, requestsPerMinute: null }),
      ]),
    });
  });
});

/** Sends raw bytes and gives the first line of the answer. */
function statusLineOf(bytes: string): Promise<string> {
  const { hostname, port } = new URL(stand.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('latin1').once('data', (text) => {
      resolve(String(text).split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.once('error', reject).once('close', () => reject(new Error('no answer')));
  });
}

describe('what nobody may send', () => {
  const head = 'Host: hub\r\nContent-Type: application/json\r\n';

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['headers without an end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a wrong length', `POST /hub/v1/events HTTP/1.1\r\n${head}Content-Length: x\r\n\r\n`, 400],
    [
      'two lengths',
      `POST /hub/v1/events HTTP/1.1\r\n${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
      400,
    ],
    ['a path that cannot be decoded', `GET /hub/v1/events/%ff HTTP/1.1\r\n${head}\r\n`, 404],
  ])('is answered, not obeyed: %s', async (_what, bytes, status) => {
    expect(await statusLineOf(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await request(`${stand.url}/healthz`)).status).toBe(200);
  });
});
