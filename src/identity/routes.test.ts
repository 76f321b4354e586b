// The identity routes behind a real fastify: RFC 6749 answers, and a stranger's client at work.
import Fastify, { type FastifyInstance } from 'fastify';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdentityStand, type IdentityStand, ISSUER } from '../../test/support/identity.ts';
import { Problem } from '../events/problem.ts';
import { registerIdentityRoutes } from './routes.ts';

let stand: IdentityStand;
let app: FastifyInstance;
let client: { clientId: string; clientSecret: string };
beforeAll(async () => {
  stand = await createIdentityStand();
  const { id } = await stand.provisioning.createOrganization({ name: 'Port' });
  const scopes = ['units.read', 'units.write'];
  client = await stand.provisioning.createApplication(id, { name: 'app', scopes });
  app = Fastify({ bodyLimit: 10_000 });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      const fields = [...new URLSearchParams(String(body))];
      const isRepeated = new Set(fields.map(([name]) => name)).size < fields.length;
      if (isRepeated) done(new Problem('malformed-body', 'a parameter is sent more than once'));
      else done(null, Object.fromEntries(fields));
    },
  );
  registerIdentityRoutes(app, stand.identity, {
    'urn:test:broken': () => Promise.reject(new Error('inner text')),
  });
});
afterAll(async () => {
  await app.close();
  await stand.close();
});

function ask(form: Record<string, string>, headers: Record<string, string> = {}) {
  return app.inject({
    method: 'POST',
    url: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(form).toString(),
  });
}

const grant = { grant_type: 'client_credentials' };
const user = { grant_type: 'password' };
const refresh = { grant_type: 'refresh_token' };
const inForm = () => ({ client_id: client.clientId, client_secret: client.clientSecret });
const inHeader = () => ({
  authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
});

describe('POST /oauth2/token', () => {
  it('gives a token by form and by Basic, never to be stored', async () => {
    for (const answer of [await ask({ ...grant, ...inForm() }), await ask(grant, inHeader())]) {
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
      expect(answer.json()).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 3600,
        scope: 'units.read units.write',
      });
      const { id } = await stand.identity.bearer(`Bearer ${answer.json().access_token}`);
      expect(id).toBe(client.clientId);
    }
  });

  it('narrows the scope on request', async () => {
    const answer = await ask({ ...grant, ...inForm(), scope: 'units.write' });
    expect(answer.json()).toMatchObject({ scope: 'units.write' });
  });

  it.each<[string, () => ReturnType<typeof ask>, number, string]>([
    ['no grant_type', () => ask(inForm()), 400, 'invalid_request'],
    ['an unknown one', () => ask({ grant_type: 'magic' }), 400, 'unsupported_grant_type'],
    ['an inherited one', () => ask({ grant_type: 'toString' }), 400, 'unsupported_grant_type'],
    ['no client', () => ask(grant), 401, 'invalid_client'],
    [
      'a user without a client',
      () => ask({ ...user, username: 'u', password: 'p' }),
      401,
      'invalid_client',
    ],
    ['no password', () => ask({ ...user, ...inForm(), username: 'u' }), 400, 'invalid_request'],
    [
      'an empty name',
      () => ask({ ...user, ...inForm(), username: '', password: 'p' }),
      400,
      'invalid_request',
    ],
    [
      'a wrong user',
      () => ask({ ...user, ...inForm(), username: 'u', password: 'p' }),
      400,
      'invalid_grant',
    ],
    ['no refresh token', () => ask({ ...refresh, ...inForm() }), 400, 'invalid_request'],
    [
      'an unknown one',
      () => ask({ ...refresh, ...inForm(), refresh_token: 'x' }),
      400,
      'invalid_grant',
    ],
    [
      'a refresh without a client',
      () => ask({ ...refresh, refresh_token: 'x' }),
      401,
      'invalid_client',
    ],
    [
      'a wrong secret',
      () => ask({ ...grant, ...inForm(), client_secret: 'x' }),
      401,
      'invalid_client',
    ],
    ['both proofs', () => ask({ ...grant, ...inForm() }, inHeader()), 400, 'invalid_request'],
    ['a foreign scope', () => ask({ ...grant, ...inForm(), scope: 'all' }), 400, 'invalid_scope'],
    ['a body too large', () => ask({ ...grant, pad: 'x'.repeat(20_000) }), 413, 'invalid_request'],
    [
      'a repeated parameter',
      () =>
        app.inject({
          method: 'POST',
          url: '/oauth2/token',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: 'grant_type=client_credentials&grant_type=client_credentials',
        }),
      400,
      'invalid_request',
    ],
    [
      'JSON',
      () =>
        app.inject({ method: 'POST', url: '/oauth2/token', payload: { ...grant, ...inForm() } }),
      400,
      'invalid_request',
    ],
    ['XML', () => ask(grant, { 'content-type': 'text/xml' }), 400, 'invalid_request'],
    ['no body', () => app.inject({ method: 'POST', url: '/oauth2/token' }), 400, 'invalid_request'],
  ])('answers %s by the RFC', async (_what, send, status, error) => {
    const answer = await send();
    expect([answer.statusCode, answer.json().error]).toEqual([status, error]);
    expect(Object.keys(answer.json())).toEqual(['error', 'error_description']);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    const challenge = answer.headers['www-authenticate'];
    if (status === 401) expect(challenge).toMatch(/^Basic /);
    else expect(challenge).toBeUndefined();
  });

  it('hands what is not the caller’s fault on to the door', async () => {
    const answer = await ask({ grant_type: 'urn:test:broken' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json().error).not.toBe('server_error');
  });
});

it('a client that knows nothing but the issuer gets and verifies a token', async () => {
  const known = await app.inject('/.well-known/openid-configuration');
  expect(known.headers['cache-control']).toMatch(/max-age=\d+/);
  const configuration = known.json();
  expect(configuration.issuer).toBe(ISSUER);
  expect(configuration.grant_types_supported).toEqual(
    expect.arrayContaining(['client_credentials', 'password', 'refresh_token']),
  );
  const pathOf = (url: string) => url.slice(ISSUER.length);
  const keys = await app.inject(pathOf(configuration.jwks_uri));
  expect(keys.headers['cache-control']).toMatch(/max-age=\d+/);
  const token = await app.inject({
    method: 'POST',
    url: pathOf(configuration.token_endpoint),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ ...grant, ...inForm() }).toString(),
  });
  const { payload } = await jwtVerify(token.json().access_token, createLocalJWKSet(keys.json()), {
    issuer: configuration.issuer,
    currentDate: new Date(stand.clock.ms),
  });
  expect(payload.sub).toBe(client.clientId);
});
