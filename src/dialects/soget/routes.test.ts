// The routes over a hub that answers from memory: what goes over the wire, judged by SOGET's schemas.
import Fastify, { type FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { beforeEach, describe, expect, it } from 'vitest';
import { readOpenApiSchemas } from '../../../test/support/openapi-schemas.ts';
import { Problem } from '../../events/problem.ts';
import type { Principal } from '../dialect.ts';
import type { Hub, TraceQuery, TraceResult } from '../hub-port.ts';
import { renderProblem } from './errors.ts';
import { routes } from './routes.ts';
import { vocabulary } from './vocabulary.ts';

const tracking = readOpenApiSchemas(new URL('./published/tracking.json', import.meta.url));
const tracing = readOpenApiSchemas(new URL('./published/tracing.json', import.meta.url));
const TOKEN = '/soget-connect/v1/openid-connect/token';
const TRACK = '/api-tracking-code/v1/track-handling-unit';
const TRACE = '/api-tracing-code/v1/handling-units';
const proofs = { authorization: 'Bearer good', 'ocp-apim-subscription-key': 'good' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { ...proofs, 'content-type': 'application/json; charset=UTF-8' };
const request = { reference: 'CGMU0000001', url: 'https://hook.test/x' };

let app: FastifyInstance;
let asked: { principal: Principal; query: TraceQuery } | undefined;
let found: TraceResult;

/** Only what the routes call; anything else is undefined and would fail the test. */
function fakeHub(): Hub {
  const principal = { organization: 'one', scopes: new Set(['soget.tracking', 'soget.tracing']) };
  const checked = (given: string | undefined, good: string, kind: 'application' | 'key') => {
    if (given !== good) throw new Problem('unauthenticated', 'not valid', { reason: 'invalid' });
    return Promise.resolve({ ...principal, kind, id: kind });
  };
  const hub = {
    identity: {
      bearer: async (header: string | undefined) => checked(header, 'Bearer good', 'application'),
      apiKey: async (key: string | undefined) => checked(key, 'good', 'key'),
      clientCredentials: async (given: { clientSecret: string }) => {
        if (given.clientSecret !== 'b') throw new Problem('invalid-client', 'wrong');
        return { accessToken: 'jwt', expiresInSec: 3600, scope: 'soget.tracking' };
      },
    },
    subscriptions: {
      create: async () => ({ subscription: { id: 'x', externalId: 'TRK0000000001' } }),
    },
    units: {
      trace: async (principal: Principal, query: TraceQuery) => {
        asked = { principal, query };
        return found;
      },
    },
    vocabulary: { of: () => vocabulary },
  };
  return hub as unknown as Hub;
}

const unit = {
  id: 'u',
  reference: 'CGMU2436601',
  freightFamily: 'Container',
  customsFlag: 'Import',
  documents: [],
  organization: 'one',
  parties: [],
  details: { indicators: { reefer: true }, measures: { quantity: 10 } },
  createdAtMs: 0,
  updatedAtMs: 0,
} as const;

beforeEach(async () => {
  asked = undefined;
  found = { total: 3, items: [{ unit, events: [] }] };
  app = Fastify();
  app.decorateRequest('principal', undefined);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.setValidatorCompiler<TSchema>(({ schema }) => {
    const validator = Compile(schema);
    return (value: unknown) =>
      validator.Check(value) || { error: new Problem('invalid-input', 'wrong', { issues: [] }) };
  });
  app.setErrorHandler((error, { id, url }, reply) => {
    if (!(error instanceof Problem)) throw error;
    const context = { nowMs: 0, requestId: id, path: url.split('?')[0] ?? '' };
    const answer = renderProblem(error, context);
    return reply
      .code(answer.status)
      .headers({ ...answer.headers })
      .send(answer.body);
  });
  routes(app, fakeHub());
  await app.ready();
});

describe('the token endpoint', () => {
  it('answers as RFC 6749 says, and forbids keeping it', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: TOKEN,
      headers: form,
      payload: 'client_id=a&client_secret=b',
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      access_token: 'jwt',
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'soget.tracking',
    });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  });

  it('takes a Basic header without any body', async () => {
    const authorization = `Basic ${Buffer.from('a:b').toString('base64')}`;
    const answer = await app.inject({ method: 'POST', url: TOKEN, headers: { authorization } });
    expect(answer.statusCode).toBe(200);
  });

  it.each([
    ['client_id=a&client_secret=c', form, 401, 'invalid_client'],
    ['client_id=a', form, 400, 'invalid_request'],
    ['client_id=a&client_secret=b&grant_type=password', form, 400, 'unsupported_grant_type'],
    ['{"client_id":"a","client_secret":"b"}', json, 400, 'invalid_request'],
  ])('refuses %s', async (payload, headers, status, error) => {
    const { authorization: _, ...sent } = { authorization: '', ...headers };
    const answer = await app.inject({ method: 'POST', url: TOKEN, headers: sent, payload });
    expect([answer.statusCode, answer.json().error]).toEqual([status, error]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('tracking', () => {
  it('answers 201 with the id as a JSON string', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: TRACK,
      headers: json,
      payload: request,
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.body).toBe('"TRK0000000001"');
  });

  const wrong: object[] = [
    {},
    { ...request, reference: 'CGMU000001' },
    { ...request, reference: 'CGMU00000011' },
    { ...request, reference: null },
    { ...request, spi: 'CNI000000000' },
    { ...request, way: 'import' },
    { ...request, way: null },
    { ...request, place: 'x'.repeat(21) },
    { ...request, agentCode: 'x'.repeat(65) },
    { ...request, externalReference: 'x'.repeat(51) },
    { ...request, url: '' },
    { ...request, url: null },
    { ...request, extra: 1 },
  ];

  it.each(wrong)('refuses %j, as the published schema does', async (payload) => {
    const answer = await app.inject({ method: 'POST', url: TRACK, headers: json, payload });
    expect(tracking('TrackingSinglePost', payload)).not.toEqual([]);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ status: 'BadRequest', code: 'T001' });
    expect(tracking('HttpBusinessError', answer.json())).toEqual([]);
  });

  const right: object[] = [
    request,
    { ...request, reference: '🚢'.repeat(11), place: '🚢'.repeat(20) },
    { ...request, spi: null, place: null, agentCode: null, externalReference: null },
    { ...request, agentCode: 'x'.repeat(64), externalReference: 'x'.repeat(50) },
  ];

  it.each(right)('takes %j, as the published schema does', async (payload) => {
    const answer = await app.inject({ method: 'POST', url: TRACK, headers: json, payload });
    expect(tracking('TrackingSinglePost', payload)).toEqual([]);
    expect(answer.statusCode).toBe(201);
  });

  it('takes a since in the query, and names a wrong one', async () => {
    const ask = (since: string) =>
      app.inject({
        method: 'POST',
        url: `${TRACK}?since=${since}`,
        headers: json,
        payload: request,
      });
    expect((await ask('2026-11-20T14:00:00+01:00')).body).toBe('"TRK0000000001"');
    const refused = await ask('yesterday');
    expect(refused.statusCode).toBe(400);
    expect(tracking('HttpBusinessError', refused.json())).toEqual([]);
    expect(refused.json()).toMatchObject({
      code: 'T001',
      subErrors: [{ section: null, field: 'since', rejectedValue: 'yesterday' }],
    });
  });

  it.each([
    ['no token', { authorization: '' }, 401],
    ['a wrong token', { authorization: 'Bearer bad' }, 401],
    ['no key', { 'ocp-apim-subscription-key': '' }, 401],
    ['a wrong key', { 'ocp-apim-subscription-key': 'bad' }, 401],
    ['a form', form, 415],
    ['no content type', { 'content-type': '' }, 415],
  ])('refuses %s', async (_what, headers, status) => {
    const answer = await app.inject({
      method: 'POST',
      url: TRACK,
      headers: { ...json, ...headers },
      payload: JSON.stringify(request),
    });
    expect(answer.statusCode).toBe(status);
    expect(tracking('HttpBusinessError', answer.json())).toEqual([]);
    expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401);
  });
});

describe('tracing', () => {
  it('answers a page that the published schema accepts, nulls and all', async () => {
    const url = `${TRACE}?reference=CGMU2436601&unknown=1`;
    const answer = await app.inject({ url, headers: proofs });
    expect(answer.statusCode).toBe(200);
    const page = answer.json();
    expect(tracing('HandlingUnitItemsResponseModel', page)).toEqual([]);
    expect(page).toMatchObject({
      total: 3,
      returned: 1,
      first: 0,
      items: [{ pswId: null, shipments: null, events: [], indicators: { reefer: true } }],
    });
    expect(asked).toMatchObject({
      principal: { kind: 'key', organization: 'one' },
      query: { reference: 'CGMU2436601', limit: 5, offset: 0 },
    });
  });

  it.each([
    ['', 400, 'R002'],
    ['?spi=CNI1', 400, 'R003'],
    [`?reference=${'x'.repeat(18)}`, 400, 'R003'],
    ['?reference=CGMU2436601', 404, 'R001'],
  ])('answers %j with %i %s', async (query, status, code) => {
    found = { total: 0, items: [] };
    const answer = await app.inject({ url: TRACE + query, headers: proofs });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(tracing('HttpBusinessError', answer.json())).toEqual([]);
  });

  it('answers an empty page beyond the last unit', async () => {
    found = { total: 3, items: [] };
    const answer = await app.inject({ url: `${TRACE}?reference=CGMU2436601`, headers: proofs });
    expect(answer.json()).toEqual({ total: 3, returned: 0, first: 0, items: [] });
  });

  it('refuses a stranger in its own shape', async () => {
    const answer = await app.inject({ url: TRACE });
    expect(answer.statusCode).toBe(401);
    expect(tracing('HttpBusinessError', answer.json())).toEqual([]);
  });
});
