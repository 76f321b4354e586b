/** The door with a small dialect of its own: what every dialect may rely on. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { pino } from 'pino';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dialect, Hub } from '../src/dialects/dialect.ts';
import { createDoor } from '../src/door/server.ts';
import { EVENT_TYPES } from '../src/events/types.ts';

const types = Object.fromEntries(EVENT_TYPES.map((type) => [type, { none: 'test' }]));
const item = Type.Object(
  { count: Type.Integer({ minimum: 1 }), name: Type.Optional(Type.String({ maxLength: 5 })) },
  { additionalProperties: false },
);

const statuses: Readonly<Record<string, number>> = {
  'not-found': 404,
  'method-not-allowed': 405,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'rate-limited': 429,
  internal: 500,
  overloaded: 503,
};

const dialect: Dialect = {
  name: 'probe',
  openapi: { title: 'Probe', version: '1', description: 'A probe', securitySchemes: {} },
  prefixes: ['/probe'],
  vocabulary: { codes: {}, types: types as Dialect['vocabulary']['types'] },
  renderings: [],
  replay: {},
  renderProblem: (problem) => ({
    status: statuses[problem.code] ?? 400,
    contentType: 'application/json',
    body: { probe: problem.code, issues: problem.details.issues ?? [] },
  }),
  routes: (app) => {
    app.post('/probe/items', { schema: { body: item } }, async (request) => ({
      body: request.body,
      text: request.bodyText,
    }));
    const query = Type.Object({
      limit: Type.Integer({ minimum: 1, maximum: 10, default: 5 }),
      desc: Type.Boolean({ default: false }),
    });
    app.get('/probe/items', { schema: { querystring: query } }, async (request) => request.query);
    const consumes = ['application/x-www-form-urlencoded'];
    app.post('/probe/form', { schema: { consumes } }, async (request) => request.body);
    app.get('/probe/broken', async () => {
      throw new Error('secret detail: select * from users');
    });
    app.get('/probe/away', async () => {
      throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    });
    app.get(
      '/probe/limited',
      {
        onRequest: async (request) => {
          request.principal = {
            kind: 'key',
            id: 'k1',
            scopes: new Set(),
            requestsPerMinute: 2,
          };
        },
      },
      async () => ({ ok: true }),
    );
  },
};

let app: FastifyInstance;
const logged: string[] = [];

function openDoor(options: { healthOnly?: boolean; publicUrl?: string }): Promise<FastifyInstance> {
  const sink = { write: (line: string) => void logged.push(line) };
  return createDoor({
    ...options,
    dialects: new Map([['probe', dialect]]),
    hub: { nowMs: () => 0, publicUrl: 'http://hub.test' } as unknown as Hub,
    logger: pino({ level: 'error' }, sink) as unknown as FastifyBaseLogger,
    isUnavailable: (error) => (error as { code?: string }).code === 'ECONNREFUSED',
    isReady: async () => false,
    metrics: async () => ({ contentType: 'text/plain', text: 'up 1\n' }),
    extraRoutes: (scope) => {
      scope.get('/extra', async (request) => ({ id: request.id }));
    },
  });
}

beforeAll(async () => {
  app = await openDoor({ publicUrl: 'https://hub.test/base' });
  await app.ready();
});
afterAll(() => app.close());

const post = (payload: string | Buffer, type = 'application/json', url = '/probe/items') =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });

describe('bodies', () => {
  it('arrive parsed, with the text as received', async () => {
    const text = '{ "count": 1.0, "name": "é" }';
    expect((await post(text)).json()).toEqual({ body: { count: 1, name: 'é' }, text });
  });

  it.each([
    ['{', 'malformed-body'],
    ['', 'malformed-body'],
    ['{"count":"1"}', 'invalid-input'],
    ['{"count":1.5}', 'invalid-input'],
    ['null', 'invalid-input'],
    ['[]', 'invalid-input'],
    ['{"count":1,"name":"\\u0000"}', 'malformed-body'],
    ['{"count":1,"name":"\\ud800"}', 'malformed-body'],
    ['{"count":1,"__proto__":{"x":1}}', 'malformed-body'],
    ['{"count":1e400}', 'malformed-body'],
    [`${'['.repeat(40)}${']'.repeat(40)}`, 'malformed-body'],
  ])('refuse %s as %s', async (text, code) => {
    const answer = await post(text);
    expect([answer.statusCode, answer.json().probe]).toEqual([400, code]);
  });

  it('refuse text that is not UTF-8', async () => {
    const answer = await post(Buffer.from([0x7b, 0xff, 0x7d]));
    expect(answer.json().probe).toBe('malformed-body');
    expect(answer.json().issues).toEqual([
      { path: '', message: 'the body is not UTF-8', rule: 'utf-8' },
    ]);
  });

  it('refuse more than 1 MiB, and other content types', async () => {
    expect((await post(`"${'x'.repeat(1_048_576)}"`)).statusCode).toBe(413);
    expect((await post('{}', 'text/plain')).statusCode).toBe(415);
    expect((await post('{}', 'application/xml')).statusCode).toBe(415);
  });

  it.each([
    ['gzip', 'application/json', 415],
    ['Identity', 'application/json', 200],
    [undefined, 'application/json; charset=utf-16', 415],
    [undefined, 'application/json;charset="latin1"', 415],
    [undefined, 'application/json; charset="UTF-8"', 200],
    [undefined, 'application/json; profile=x; charset=utf8', 200],
  ])('packed as %s, of type %s, are answered %d', async (packing, type, status) => {
    const headers = {
      'content-type': type,
      ...(packing === undefined ? {} : { 'content-encoding': packing }),
    };
    const given = { method: 'POST', url: '/probe/items', headers, payload: '{"count":1}' } as const;
    const answer = await app.inject(given);
    expect(answer.statusCode).toBe(status);
    if (status === 415) expect(answer.json().probe).toBe('unsupported-media-type');
    const isPacked = status === 415 && packing !== undefined;
    expect(answer.headers['accept-encoding']).toBe(isPacked ? 'identity' : undefined);
  });

  it('name every fault by its path', async () => {
    const answer = await post('{"name":"too long","other":1}');
    expect(answer.json().issues).toEqual([
      { path: 'count', message: 'is required', rule: 'required' },
      { path: 'other', message: 'is not a known member', rule: 'additionalProperties' },
      expect.objectContaining({ path: 'name', rule: 'maxLength', value: 'too long' }),
    ]);
  });

  it('read forms where they are wanted, and refuse a parameter sent twice', async () => {
    const type = 'application/x-www-form-urlencoded';
    expect((await post('a=1&b=x+y%2F', type, '/probe/form')).json()).toEqual({ a: '1', b: 'x y/' });
    expect((await post('a=1&a=2', type, '/probe/form')).statusCode).toBe(400);
    expect((await post('count=1', type, '/probe/items')).statusCode).toBe(415);
    expect((await post('', type, '/probe/items')).statusCode).toBe(415);
  });
});

describe('queries', () => {
  it('are read by their schema, with defaults', async () => {
    const answer = await app.inject('/probe/items?limit=7&desc=TRUE');
    expect(answer.json()).toEqual({ limit: 7, desc: true });
    expect((await app.inject('/probe/items')).json()).toEqual({ limit: 5, desc: false });
  });

  it.each([
    'limit=0',
    'limit=11',
    'limit=abc',
    'limit=1.5',
    'limit=1&limit=2',
    'desc=yes',
    'limit=',
  ])('refuse %s', async (query) => {
    expect((await app.inject(`/probe/items?${query}`)).json().probe).toBe('invalid-input');
  });
});

describe('faults', () => {
  it('have the shape of their dialect below its prefix, a plain one elsewhere', async () => {
    expect((await app.inject('/probe/nothing')).json().probe).toBe('not-found');
    expect((await app.inject('/probe/%zz')).json().probe).toBe('not-found');
    const elsewhere = await app.inject('/nothing');
    expect(elsewhere.headers['content-type']).toBe('application/problem+json');
    expect(elsewhere.json()).toEqual({
      ...{ type: 'about:blank', title: 'Not Found', status: 404, code: 'not-found' },
      detail: 'there is nothing at this path',
    });
  });

  it('are about the path where there is nothing, whatever body comes', async () => {
    const answer = await post('{', 'text/odd', '/probe/nothing');
    expect([answer.statusCode, answer.json().probe]).toEqual([404, 'not-found']);
    expect((await post('{', 'text/odd', '/nothing')).json()).toMatchObject({ code: 'not-found' });
  });

  it('tell which methods a path has', async () => {
    const answer = await app.inject({ method: 'DELETE', url: '/probe/items' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
  });

  it('never reveal an unexpected error, which goes to the log', async () => {
    const answer = await app.inject('/probe/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(logged.join('')).toContain('secret detail');
  });

  it('ask to try again when the database is away', async () => {
    const answer = await app.inject('/probe/away');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  });
});

describe('requests', () => {
  it('have ids that tell nothing and never come again', async () => {
    const ids = await Promise.all([1, 2].map(async () => (await app.inject('/extra')).json().id));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe('limits', () => {
  it('of a key are told in headers and end in 429', async () => {
    const first = await app.inject('/probe/limited');
    expect(first.headers['ratelimit-limit']).toBe('2');
    await app.inject('/probe/limited');
    const third = await app.inject('/probe/limited');
    expect([third.statusCode, third.json().probe]).toEqual([429, 'rate-limited']);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.inject('/probe/items')).headers['ratelimit-limit']).toBeUndefined();
  });
});

describe('pages', () => {
  it('serve documents, health and metrics', async () => {
    const document = (await app.inject('/openapi/probe.json')).json();
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Probe' } });
    expect(Object.keys(document.paths)).toContain('/probe/items');
    expect(Object.keys(document.paths['/probe/items']).sort()).toEqual(['get', 'post']);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    expect((await app.inject('/readyz')).statusCode).toBe(503);
    expect((await app.inject('/metrics')).body).toBe('up 1\n');
    expect((await app.inject('/')).body).toContain('/openapi/probe.json');
    expect((await app.inject('/docs')).statusCode).toBeLessThan(400);
  });

  it('can be tried from whatever address they were read from, over plain HTTP too', async () => {
    const { servers } = (await app.inject('/openapi/probe.json')).json();
    expect(servers).toEqual([{ url: '/' }, { url: 'https://hub.test/base' }]);
    const page = await app.inject('/docs/');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    // No page of ours may tell a public checker where the document is.
    const script = await app.inject('/docs/static/swagger-initializer.js');
    expect(script.body).toMatch(/"validatorUrl":\s*null/);
  });

  it('are health and metrics alone where nobody is served', async () => {
    const quiet = await openDoor({ healthOnly: true });
    const status = async (url: string) => (await quiet.inject(url)).statusCode;
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(503);
    expect(await status('/metrics')).toBe(200);
    for (const url of ['/', '/docs', '/docs/', '/openapi/probe.json', '/extra', '/probe/items']) {
      expect({ url, status: await status(url) }).toEqual({ url, status: 404 });
    }
    await quiet.close();
  });
});
