/** The token endpoint as a partner's client meets it: three grants, errors by RFC 6749. */
import { beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type Member, request } from '../support/client.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();
let member: Member;
let other: Member;
beforeAll(async () => {
  [member, other] = await Promise.all([stand.join('Shipper'), stand.join('Another')]);
});

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

type Form = Readonly<Record<string, string>>;
const inForm = (of: Member) => ({ client_id: of.clientId, client_secret: of.clientSecret });
const ask = (form: Form, headers: Form = {}) =>
  request<Tokens>(`${stand.url}/oauth2/token`, { form, headers });
const logIn = (form: Form = {}, as = member) =>
  ask({
    ...{ grant_type: 'password', username: as.username, password: as.password },
    ...{ ...inForm(as), ...form },
  });
const refresh = (token: string, form: Form = {}) =>
  ask({ grant_type: 'refresh_token', refresh_token: token, ...inForm(member), ...form });

async function expectError(answer: ReturnType<typeof ask>, error: string, status = 400) {
  const { body, headers, status: actual } = await answer;
  expect({ actual, body }).toEqual({
    actual: status,
    body: { error, error_description: expect.any(String) },
  });
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  const challenge = headers.get('www-authenticate');
  if (status === 401) expect(challenge).toMatch(/^Basic /);
  else expect(challenge).toBeNull();
}

describe('client credentials', () => {
  it('are taken from the form and from a Basic header, and give no refresh token', async () => {
    const pair = Buffer.from(`${member.clientId}:${member.clientSecret}`).toString('base64');
    const grant = { grant_type: 'client_credentials', scope: 'hub.read' };
    const answers = [
      await ask({ ...grant, ...inForm(member) }),
      await ask(grant, { authorization: `Basic ${pair}` }),
    ];
    for (const answer of answers) {
      expect(bodyOf(answer)).toEqual({
        ...{ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 },
        scope: 'hub.read',
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const token = answer.body.access_token;
      expect((await request(`${stand.url}/hub/v1/events`, { token })).status).toBe(200);
    }
  });
});

describe('the password grant', () => {
  it('gives tokens that act for the user’s organization within the scope', async () => {
    const answer = await logIn({ scope: 'hub.read' });
    expect(bodyOf(answer)).toEqual({
      ...{ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 },
      ...{ scope: 'hub.read', refresh_token: expect.stringMatching(/^refresh_/) },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const token = answer.body.access_token;
    const unit = { reference: 'CSQU3054383', freightFamily: 'Container' };
    await member.api.send('PUT', '/handling-units', unit);
    const units = `${stand.url}/hub/v1/handling-units`;
    const listed = await request<{ items: unknown[] }>(`${units}?reference=CSQU3054383`, { token });
    expect(bodyOf(listed).items).toHaveLength(1);
    const written = await request(units, { method: 'PUT', token, body: unit });
    expect(written.status).toBe(403);
  });

  it('answers faults by RFC 6749', async () => {
    await expectError(logIn({ password: 'wrong password' }), 'invalid_grant');
    await expectError(logIn({ username: 'nobody' }), 'invalid_grant');
    await expectError(logIn(inForm(other)), 'invalid_grant');
    await expectError(logIn({ username: '' }), 'invalid_request');
    await expectError(logIn({ scope: 'hub.read everything' }), 'invalid_scope');
    await expectError(logIn({ client_secret: 'secret_wrong' }), 'invalid_client', 401);
    await expectError(logIn({ client_id: '', client_secret: '' }), 'invalid_client', 401);
    await expectError(logIn({ grant_type: 'authorization_code' }), 'unsupported_grant_type');
    await expectError(logIn({ grant_type: '' }), 'invalid_request');
  });

  it('is no way into a partner’s services: those have their own login', async () => {
    const { access_token: token } = bodyOf(await logIn());
    const body = { trackingReference: 'X', eventTypeId: '1' };
    const answer = await request(`${stand.url}/ws/json/parcel/tracking/v-2/register`, {
      token,
      body,
    });
    expect([401, 403]).toContain(answer.status);
  });
});

describe('a refresh token', () => {
  it('gives new tokens once; used again, none of its family is good', async () => {
    const first = bodyOf(await logIn());
    const second = bodyOf(await refresh(first.refresh_token, { scope: 'hub.read' }));
    expect(second.scope).toBe('hub.read');
    const third = bodyOf(await refresh(second.refresh_token));
    expect(third.scope).toBe(first.scope);
    const asked = await request(`${stand.url}/hub/v1/events`, { token: third.access_token });
    expect(asked.status).toBe(200);
    await expectError(refresh(first.refresh_token), 'invalid_grant');
    await expectError(refresh(third.refresh_token), 'invalid_grant');
  });

  it('sent twice at once is good for exactly one', async () => {
    const { refresh_token: token } = bodyOf(await logIn());
    const answers = await Promise.all([refresh(token), refresh(token), refresh(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  it('answers faults by RFC 6749', async () => {
    const { refresh_token: token } = bodyOf(await logIn({ scope: 'hub.read' }));
    await expectError(refresh(token, { scope: 'hub.events.write' }), 'invalid_scope');
    await expectError(refresh(token, inForm(other)), 'invalid_grant');
    await expectError(refresh(token, { client_secret: 'x' }), 'invalid_client', 401);
    await expectError(refresh(''), 'invalid_request');
    await expectError(refresh('refresh_nothing'), 'invalid_grant');
    expect((await refresh(token)).status).toBe(200);
  });
});

it('answers POST alone', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await request(`${stand.url}/oauth2/token`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  }
});

it('is described for discovery', async () => {
  const { body } = await request(`${stand.url}/.well-known/openid-configuration`);
  expect(body['grant_types_supported']).toEqual([
    ...['client_credentials', 'password', 'refresh_token'],
  ]);
});
