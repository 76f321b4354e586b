/** The operator's calls, who may make them, and calls that are repeated. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { adminKey, allScopes, bodyOf, type Client, type Page, request } from '../support/client.ts';
import { allPages, expectProblem, problem } from '../support/hub-answers.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();

let owner: Client;

beforeAll(async () => {
  owner = await stand.joinAsClient('Owner');
});

describe('provisioning', () => {
  it('makes an organization with all that belongs to it', async () => {
    const { operator } = stand;
    const named = await operator.send<{ id: string }>('POST', '/organizations', { name: 'Havre' });
    expect(bodyOf(named, 201)).toEqual({ id: expect.any(String), name: 'Havre' });
    const base = `/organizations/${named.body.id}`;
    const application = await operator.send('POST', `${base}/applications`, {
      name: 'app',
      scopes: allScopes,
    });
    expect(bodyOf(application, 201)).toEqual({
      clientId: expect.any(String),
      clientSecret: expect.any(String),
      scopes: allScopes,
    });
    expect(application.headers.get('cache-control')).toBe('no-store');
    const key = await operator.send('POST', `${base}/api-keys`, { name: 'key' });
    expect(bodyOf(key, 201)).toEqual({
      id: expect.any(String),
      apiKey: expect.any(String),
      offer: 'standard',
    });
    const user = { username: 'wsfoobar', password: 'a-very-very-long-password' };
    expect(bodyOf(await operator.send('POST', `${base}/users`, user), 201)).toMatchObject({
      id: expect.any(String),
      username: 'wsfoobar',
    });
    const taken = await operator.send('POST', `${base}/users`, user);
    expectProblem(taken, problem(409, 'conflict'));
  });

  it('lists organizations page by page, each once', async () => {
    const names = Array.from({ length: 5 }, (_, at) => `Listed ${at}`);
    for (const name of names)
      bodyOf(await stand.operator.send('POST', '/organizations', { name }), 201);
    const listed = await allPages<{ id: string; name: string }>(
      stand.operator,
      '/organizations',
      2,
    );
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
  });

  it('refuses what is unknown or wrong and names it', async () => {
    const { operator } = stand;
    const base = `/organizations/${owner.id}`;
    const refused: readonly (readonly [string, unknown, number, string, string[]?])[] = [
      ['/organizations', {}, 400, 'invalid-input', ['name']],
      ['/organizations', { name: '' }, 400, 'invalid-input', ['name']],
      ['/organizations', { name: 'x'.repeat(256) }, 400, 'invalid-input', ['name']],
      ['/organizations', { name: 'A', colour: 'red' }, 400, 'invalid-input', ['colour']],
      [`${base}/applications`, { name: 'A', scopes: ['x'] }, 400, 'invalid-input', ['scopes.0']],
      [`${base}/applications`, { name: 'A', scopes: 'x' }, 400, 'invalid-input', ['scopes']],
      [`${base}/api-keys`, { name: 'A', offer: 'no' }, 400, 'invalid-input', ['offer']],
      [`${base}/users`, { username: 'A', password: 'short' }, 400, 'invalid-input', ['password']],
      [`/organizations/${randomUUID()}/api-keys`, { name: 'A' }, 404, 'not-found'],
      ['/organizations/no-id/api-keys', { name: 'A' }, 404, 'not-found'],
      ['/nothing', { name: 'A' }, 404, 'not-found'],
    ];
    for (const [path, body, status, code, paths] of refused) {
      expectProblem(await operator.send('POST', path, body), problem(status, code, paths));
    }
    const put = await operator.send('PUT', '/organizations', {});
    expectProblem(put, problem(405, 'method-not-allowed'));
    expect(put.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
  });

  it('is the operator’s alone', async () => {
    const calls = [
      ['POST', '/organizations', { name: 'A' }],
      ['GET', '/organizations', undefined],
      ['POST', `/organizations/${owner.id}/api-keys`, { name: 'A' }],
      ['POST', '/offers', { name: 'A' }],
      ['GET', '/offers', undefined],
      ['POST', '/signing-keys/rotate', undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      expectProblem(await owner.api.send(method, path, body), problem(403, 'forbidden'));
      const nobody = await request(`${stand.url}/hub/v1${path}`, { method, body });
      expectProblem(nobody, problem(401, 'unauthenticated'));
      expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="portolan"');
      const wrong = await request(`${stand.url}/hub/v1${path}`, { method, body, token: 'wrong' });
      expect(wrong.headers.get('www-authenticate')).toContain('invalid_token');
    }
  });

  it('gives applications their scopes and no more', async () => {
    const { clientId, clientSecret } = await stand.joinAsClient('Narrow');
    const form = { client_id: clientId, client_secret: clientSecret, scope: 'hub.read' };
    const { body } = await request<{ access_token: string }>(
      `${stand.url}/soget-connect/v1/openid-connect/token`,
      { form },
    );
    const call = { token: body.access_token, body: {} };
    for (const [method, path, scope] of [
      ['PUT', '/handling-units', 'hub.units.write'],
      ['POST', '/events', 'hub.events.write'],
      ['POST', '/subscriptions', 'hub.subscriptions'],
    ] as const) {
      const answer = await request(`${stand.url}/hub/v1${path}`, { ...call, method });
      expectProblem(answer, problem(403, 'forbidden'));
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    }
    const read = await request(`${stand.url}/hub/v1/events`, { token: body.access_token });
    expect(read.status).toBe(200);
  });
});

describe('an Idempotency-Key', () => {
  const send = (method: string, path: string, key: string, body: unknown, token = adminKey) =>
    request(`${stand.url}/hub/v1${path}`, {
      ...{ method, body, token },
      headers: { 'idempotency-key': key },
    });

  it('gets the first answer again, secrets included, and creates once', async () => {
    const base = `/organizations/${owner.id}`;
    const calls = [
      ['POST', '/organizations', { name: 'Once' }],
      ['POST', `${base}/applications`, { name: 'once', scopes: ['hub.read'] }],
      ['POST', `${base}/api-keys`, { name: 'once' }],
      ['POST', `${base}/users`, { username: 'once', password: 'a-very-very-long-password' }],
      ['POST', '/offers', { name: 'once', requestsPerMinute: 7 }],
    ] as const;
    for (const [method, path, body] of calls) {
      const key = randomUUID();
      const first = await send(method, path, key, body);
      const second = await send(method, path, key, body);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body).toEqual(first.body);
    }
    const listed = await allPages<{ name: string }>(stand.operator, '/organizations', 200);
    expect(listed.filter(({ name }) => name === 'Once')).toHaveLength(1);
  });

  it('creates once when the same request comes ten times at once', async () => {
    const url = 'https://receiver.example/';
    const key = 'k'.repeat(255);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send('POST', '/subscriptions', key, { url }, owner.token)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { items } = bodyOf(await owner.api.get<Page<unknown>>('/subscriptions'));
    expect(items).toHaveLength(1);
  });

  it('belongs to whoever sent it, and to one request', async () => {
    const unit = { reference: 'ONCE-1', freightFamily: 'container' };
    const first = await send('PUT', '/handling-units', 'mine', unit, owner.token);
    expect(first.status).toBe(201);
    const repeat = await send('PUT', '/handling-units', 'mine', unit, owner.token);
    expect([repeat.status, repeat.text]).toEqual([201, first.text]);
    const other = await stand.joinAsClient('Other');
    const others = await send('PUT', '/handling-units', 'mine', unit, other.token);
    expect(others.status).toBe(201);
    expect(others.body).not.toEqual(first.body);
    const changed = { ...unit, reference: 'ONCE-2' };
    expectProblem(
      await send('PUT', '/handling-units', 'mine', changed, owner.token),
      problem(422, 'idempotency-mismatch'),
    );
    const long = await send('PUT', '/handling-units', 'k'.repeat(256), unit, owner.token);
    expectProblem(long, problem(400, 'invalid-input', ['idempotency-key']));
  });
});
