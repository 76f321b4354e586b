/** What a newcomer and a standard client find: documents, health, metrics, discovery, keys. */
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { bodyOf, request, tokenOf } from '../support/client.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

const get = (path: string) => request(`${stand.url}${path}`);
const openApi = async (dialect: string) =>
  bodyOf(await request<OpenApi>(`${stand.url}/openapi/${dialect}.json`));

/** The promised paths, as `METHOD /path`. */
const promised: Readonly<Record<string, readonly string[]>> = {
  soget: [
    'POST /soget-connect/v1/openid-connect/token',
    'POST /api-tracking-code/v1/track-handling-unit',
    'GET /api-tracing-code/v1/handling-units',
  ],
  parcels: [
    'POST /ws/json/auth/v-1/login',
    'POST /ws/json/auth/v-2/login',
    'POST /ws/json/auth/v-3/login/{minutesValid}',
    'POST /ws/json/parcel/tracking/v-2/register',
  ],
  hub: [
    'POST /hub/v1/organizations',
    'POST /hub/v1/organizations/{id}/applications',
    'POST /hub/v1/organizations/{id}/api-keys',
    'POST /hub/v1/organizations/{id}/users',
    'PUT /hub/v1/handling-units',
    'GET /hub/v1/handling-units',
    'POST /hub/v1/events',
    'GET /hub/v1/events',
    'GET /hub/v1/orders/{id}',
    'GET /hub/v1/orders/{id}/progress',
    'POST /hub/v1/subscriptions',
    'GET /hub/v1/subscriptions/{id}',
    'PATCH /hub/v1/subscriptions/{id}',
    'DELETE /hub/v1/subscriptions/{id}',
    'POST /hub/v1/subscriptions/{id}/rotate-secret',
    'POST /hub/v1/subscriptions/{id}/ping',
    'POST /hub/v1/subscriptions/{id}/replay',
    'GET /hub/v1/deliveries',
    'GET /hub/v1/deliveries/{id}',
    'POST /hub/v1/deliveries/{id}/replay',
  ],
};

describe('the OpenAPI document', () => {
  it.each(Object.keys(promised))('of %s holds every path that is promised', async (dialect) => {
    const { openapi, info, servers, paths } = await openApi(dialect);
    expect(openapi).toMatch(/^3\.1\./);
    expect(info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(servers).toEqual([{ url: '/' }]);
    const found = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(found).toEqual(expect.arrayContaining([...(promised[dialect] ?? [])]));
  });

  it.each(Object.keys(promised))('of %s says how each call can fail', async (dialect) => {
    const { paths } = await openApi(dialect);
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        const statuses = Object.keys(responses);
        expect({ path, method, statuses }).toMatchObject({
          statuses: expect.arrayContaining([
            expect.stringMatching(/^2/),
            expect.stringMatching(/^4/),
          ]),
        });
      }
    }
  });

  it('of SOGET names both proofs together, that of the hub its scopes', async () => {
    const soget = await openApi('soget');
    const tracking = soget.paths['/api-tracking-code/v1/track-handling-unit']?.['post'];
    expect(tracking?.security).toEqual([{ bearer_token: [], api_key: [] }]);
    const hub = await openApi('hub');
    const events = hub.paths['/hub/v1/events']?.['post'];
    expect(events?.security).toEqual([{ adminKey: [] }, { token: ['hub.events.write'] }]);
  });

  it('of a dialect that is not there does not exist', async () => {
    expect((await get('/openapi/nobody.json')).status).toBe(404);
  });
});

describe('pages for people', () => {
  it('lead from the root to the documents', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const links = [...page.text.matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? '');
    for (const dialect of Object.keys(promised))
      expect(links).toContain(`/openapi/${dialect}.json`);
    expect(links).toContain('/docs');
    for (const link of links) {
      const { status } = await get(link);
      expect({ link, status: status < 400 }).toEqual({ link, status: true });
    }
  });

  it('let one try the calls out', async () => {
    const moved = await get('/docs');
    const page = moved.status < 300 ? moved : await get(moved.headers.get('location') ?? '');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.text).toContain('swagger');
    // Over plain HTTP on a private network a browser must not be told to ask for HTTPS.
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
  });
});

describe('health and figures', () => {
  it('are told to whoever runs the hub', async () => {
    expect((await get('/healthz')).body).toEqual({ status: 'alive' });
    expect((await get('/readyz')).body).toEqual({ status: 'ready' });
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    // The exposition format of Prometheus: comments and `name{labels} value` lines only.
    for (const line of metrics.text.split('\n')) {
      expect(line).toMatch(/^(#.*|[a-zA-Z_:][\w:]*(\{.*\})? ([-+\d.eE]+|[-+]?Inf|NaN|Nan)|)$/);
    }
    expect(metrics.text).toMatch(/^portolan_\w+/m);
  });

  it('are told by GET and HEAD alone; unknown paths are problems', async () => {
    const head = await request(`${stand.url}/healthz`, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    const nothing = await get('/nothing/at/all');
    expect(nothing.status).toBe(404);
    expect(nothing.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});

describe('identity for standard clients', () => {
  interface Discovery {
    readonly issuer: string;
    readonly token_endpoint: string;
    readonly jwks_uri: string;
  }
  const discover = async () =>
    bodyOf(await request<Discovery>(`${stand.url}/.well-known/openid-configuration`));

  it('names itself as the issuer and where its tokens and keys are', async () => {
    expect(await discover()).toMatchObject({
      issuer: stand.url,
      token_endpoint: `${stand.url}/oauth2/token`,
      jwks_uri: `${stand.url}/.well-known/jwks.json`,
      grant_types_supported: expect.arrayContaining(['client_credentials']),
      id_token_signing_alg_values_supported: ['RS256'],
    });
  });

  it('gives tokens at the endpoint named, which anyone can verify', async () => {
    const member = await stand.joinAsClient('Client');
    const { issuer, token_endpoint, jwks_uri } = await discover();
    const given = await request<{ access_token: string }>(token_endpoint, {
      form: {
        ...{ grant_type: 'client_credentials', scope: 'hub.read' },
        ...{ client_id: member.clientId, client_secret: member.clientSecret },
      },
    });
    const keys = createRemoteJWKSet(new URL(jwks_uri));
    const { payload } = await jwtVerify(bodyOf(given).access_token, keys, { issuer });
    expect(payload).toMatchObject({ org: member.id, scope: 'hub.read' });
    const listed = await request(`${stand.url}/hub/v1/events`, { token: given.body.access_token });
    expect(listed.status).toBe(200);
  });

  it('publishes no private part of a key', async () => {
    const { keys } = bodyOf(
      await request<{ keys: Record<string, unknown>[] }>(`${stand.url}/.well-known/jwks.json`),
    );
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', kid: expect.any(String) });
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'])
        expect(key).not.toHaveProperty(secret);
    }
  });

  it('keeps old tokens good when the signing key is changed', async () => {
    const member = await stand.joinAsClient('Before');
    const rotated = await stand.operator.send<{ kid: string }>('POST', '/signing-keys/rotate');
    const { kid } = bodyOf(rotated);
    const fresh = await tokenOf(stand.url, member);
    expect(decodeProtectedHeader(fresh).kid).toBe(kid);
    expect(decodeProtectedHeader(member.token).kid).not.toBe(kid);
    const { issuer, jwks_uri } = await discover();
    const keys = createRemoteJWKSet(new URL(jwks_uri));
    for (const token of [member.token, fresh]) {
      expect((await jwtVerify(token, keys, { issuer })).payload['org']).toBe(member.id);
      expect((await request(`${stand.url}/hub/v1/events`, { token })).status).toBe(200);
    }
  });
});
