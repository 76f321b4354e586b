/** The routes behind the real door, over a hub that keeps in memory: what goes over the wire. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutantsOf } from '../../../test/support/order-mutants.ts';
import { isOrder } from '../../../test/support/order-oracle.ts';
import { createDoor } from '../../door/server.ts';
import type { HubDocument } from '../../events/document.ts';
import { Problem } from '../../events/problem.ts';
import { findBadTextDeep } from '../../lib/text.ts';
import type { Principal } from '../dialect.ts';
import type { Hub, NewDocument } from '../hub-port.ts';
import { dialect } from './index.ts';
import { CREATE_SCOPE, HAL, READ_SCOPE } from './names.ts';

const organization = '01930000-0000-7000-8000-000000000001';
const unknown = '01930000-0000-7000-8000-00000000000f';
const prefix = '/api/rest/v1';
const good = { authorization: `Bearer ${READ_SCOPE} ${CREATE_SCOPE}`, accept: HAL };
const json = { ...good, 'content-type': 'application/json' };
const read = (file: string) => readFileSync(new URL(`published/${file}`, import.meta.url), 'utf8');
const seedText = read('shipping-order.txt');
const seed = JSON.parse(seedText) as Record<string, unknown>;
/** The published answer as a request, with all that stands in samples only. */
const { id: _id, _links, ...whole } = JSON.parse(read('order.txt')) as Record<string, unknown>;

const kept = new Map<string, HubDocument>();
let app: FastifyInstance;

/** Only what the routes call; anything else is undefined and would fail the test. */
function fakeHub(): Hub {
  const hub = {
    nowMs: () => 0,
    publicUrl: 'http://hub.test',
    identity: {
      bearer: async (header: string | undefined) => {
        if (header === undefined) {
          throw new Problem('unauthenticated', 'an access token is needed', { reason: 'missing' });
        }
        const scopes = new Set(header.split(' ').slice(1));
        return { kind: 'application', id: 'app', organization, scopes };
      },
    },
    documents: {
      create: async (_principal: Principal, given: NewDocument) => {
        if (given.number === 'taken') throw new Problem('conflict', 'number: is taken');
        const issues = given.parties.flatMap(({ organization: party }, at) =>
          party === unknown ? [{ path: `parties.${at}.organization`, message: 'unknown' }] : [],
        );
        if (issues.length > 0) throw new Problem('invalid-input', 'parties: unknown', { issues });
        const number = (kept.size + 1).toString(16).padStart(12, '0');
        const id = `01930000-0000-7000-8000-${number}`;
        const own = { id, organization, organizationName: 'Own', createdAtMs: 0 };
        const document: HubDocument = { ...given, ...own };
        kept.set(id, document);
        return document;
      },
      get: async (_principal: Principal, id: string) => kept.get(id),
    },
  };
  return hub as unknown as Hub;
}

beforeAll(async () => {
  app = await createDoor({
    dialects: new Map([['orders', dialect]]),
    hub: fakeHub(),
    logger: pino({ level: 'silent' }) as FastifyBaseLogger,
    isUnavailable: () => false,
    isReady: async () => true,
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    extraRoutes: () => undefined,
  });
});
afterAll(() => app.close());

interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send({ method = 'POST', path = '/shipping-orders', headers = json, body }: Sent) {
  const payload = body === undefined ? {} : { payload: body };
  return app.inject({ method, url: `${prefix}${path}`, headers, ...payload });
}

describe('adding an order', () => {
  it('answers the published request with the order, as it is then read', async () => {
    const made = await send({ body: seedText });
    expect(made.statusCode).toBe(201);
    expect(made.headers['content-type']).toBe(HAL);
    const order = made.json<{ id: string; _links: { self: { href: string } } }>();
    expect(order).toMatchObject(seed);
    expect(made.headers.location).toBe(`http://hub.test${prefix}/orders/${order.id}`);
    expect(order._links.self.href).toBe(made.headers.location);
    const readAgain = await send({ method: 'GET', path: `/orders/${order.id.toUpperCase()}` });
    expect(readAgain.statusCode).toBe(200);
    expect(readAgain.headers['content-type']).toBe(HAL);
    expect(readAgain.body).toBe(made.body);
  });

  it('starts with a byte-order mark where there is one', async () => {
    expect((await send({ body: `\ufeff${seedText}` })).statusCode).toBe(201);
  });
});

describe('requests that are refused', () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(json).filter(([header]) => header !== name));
  const deep = `{"number":"1","deep":${'['.repeat(40)}${']'.repeat(40)}}`;
  const cases: readonly [string, number, Sent][] = [
    ['no token', 401, { headers: without('authorization'), body: seedText }],
    ['a token for reading', 403, { headers: { ...json, authorization: `Bearer ${READ_SCOPE}` } }],
    ['no Accept', 415, { headers: without('accept'), body: seedText }],
    ['another Accept', 415, { headers: { ...json, accept: 'application/json' }, body: seedText }],
    ['no Content-Type', 415, { headers: without('content-type') }],
    ['a form', 415, { headers: { ...json, 'content-type': 'application/x-www-form-urlencoded' } }],
    ['another Content-Type', 415, { headers: { ...json, 'content-type': HAL }, body: seedText }],
    ['no body', 400, {}],
    ['half a body', 400, { body: seedText.slice(0, -1) }],
    ['deep nesting', 400, { body: deep }],
    ['half a surrogate pair', 400, { body: '{"number":"\\ud83d"}' }],
    ['a control character', 400, { body: '{"number":"\\u0000"}' }],
    ['a number without end', 400, { body: '{"number":1e999}' }],
    ['a poisoned member', 400, { body: '{"__proto__":{}}' }],
    ['a body over 1 MiB', 413, { body: `"${'x'.repeat(1_048_576)}"` }],
    ['a list', 422, { body: '[]' }],
    ['null', 422, { body: 'null' }],
    ['a number that is taken', 409, { body: JSON.stringify({ ...seed, number: 'taken' }) }],
    ['another method', 405, { method: 'GET' }],
    ['another path', 404, { path: '/orders' }],
    ['an unknown order', 404, { method: 'GET', path: `/orders/${unknown}` }],
    ['an id that is none', 404, { method: 'GET', path: '/orders/%00' }],
    ['an order to be deleted', 405, { method: 'DELETE', path: `/orders/${organization}` }],
  ];

  it.each(cases)('%s: %i', async (_about, status, sent) => {
    const { statusCode, headers, json: parsed } = await send(sent);
    expect(headers['content-type']).toBe('application/problem+json');
    const body = parsed<{ status: number; title: string; detail: string; type: string }>();
    expect({ statusCode, told: body.status }).toEqual({ statusCode: status, told: status });
    expect([body.title, body.detail, body.type].every((text) => /\S/.test(text))).toBe(true);
  });

  it('say what is needed', async () => {
    const reading = { ...json, authorization: `Bearer ${READ_SCOPE}` };
    const refused = await send({ headers: reading, body: seedText });
    expect(refused.json<{ detail: string }>().detail).toContain(CREATE_SCOPE);
    expect(refused.headers['www-authenticate']).toContain(`scope="${CREATE_SCOPE}"`);
    expect((await send({ method: 'GET' })).headers.allow).toBe('POST');
    const { headers } = await send({ headers: { accept: HAL }, body: seedText });
    expect(headers['www-authenticate']).toBe('Bearer realm="portolan"');
    const unreadable = await send({ body: '{"driver":{"telephone":"\\u0007"}}' });
    expect(unreadable.json<{ detail: string }>().detail).toMatch(/^driver\.telephone: /);
  });

  it('learn all faults at once, by path and rule', async () => {
    const body = JSON.stringify({ ...seed, number: null, payment: { price: { value: 0 } } });
    expect((await send({ body })).json()).toEqual({
      type: 'about:blank',
      title: 'Unprocessable Entity',
      status: 422,
      detail: "number is required and can't be empty and 3 more",
      validation_messages: {
        number: { isEmpty: "is required and can't be empty" },
        'payment.price.value': { notGreaterThan: 'must be > 0' },
        'payment.price.currency': { isEmpty: "is required and can't be empty" },
        'payment.interval_of_days': { isEmpty: "is required and can't be empty" },
      },
    });
  });

  it('learn by their own names which organizations there are not', async () => {
    const nobody = { name: 'Nobody', organization_id: unknown };
    const body = JSON.stringify({ ...seed, carrier: nobody, payer: nobody });
    const fault = { noRecordFound: 'is no organization of this hub' };
    expect((await send({ body })).json()).toMatchObject({
      status: 422,
      detail: 'carrier.organization_id is no organization of this hub and 1 more',
      validation_messages: { 'carrier.organization_id': fault, 'payer.organization_id': fault },
    });
  });
});

/** Whether all that was sent is in the answer; order of the route and types of ADR classes apart. */
function holds(answer: unknown, sent: unknown, path = ''): boolean {
  if (sent === null) return true;
  if (path === '.requirements.required_adr_classes.*') return answer === String(sent);
  if (Array.isArray(sent)) {
    if (!Array.isArray(answer) || answer.length !== sent.length) return false;
    if (path !== '.route.events')
      return sent.every((one, at) => holds(answer[at], one, `${path}.*`));
    return sent.every((one) => answer.some((other) => holds(other, one, `${path}.*`)));
  }
  if (typeof sent !== 'object') return Object.is(answer, sent);
  if (typeof answer !== 'object' || answer === null) return false;
  return Object.entries(sent).every(([name, value]) =>
    holds((answer as Record<string, unknown>)[name], value, `${path}.${name}`),
  );
}

describe('mutants of the published samples', () => {
  it('are taken where they are orders and refused where not, and told what is wrong', async () => {
    const counts = new Map<number, number>();
    const sendable = mutantsOf([seed, whole]).filter(
      ({ order }) => findBadTextDeep(order) === undefined,
    );
    await fc.assert(
      fc.asyncProperty(sendable, async ({ order, changed }) => {
        const answer = await send({ body: JSON.stringify(order) });
        const status = isOrder(order, organization) ? 201 : 422;
        counts.set(status, (counts.get(status) ?? 0) + 1);
        expect({ status: answer.statusCode, text: answer.body }).toEqual({
          status,
          text: answer.body,
        });
        if (status === 422) return expectBlame(answer.json(), changed);
        expect(holds(answer.json(), JSON.parse(JSON.stringify(order)))).toBe(true);
        const { id } = answer.json<{ id: string }>();
        expect((await send({ method: 'GET', path: `/orders/${id}` })).body).toBe(answer.body);
        kept.clear();
      }),
      { numRuns: 4_000 },
    );
    for (const status of [201, 422]) expect(counts.get(status)).toBeGreaterThan(400);
  }, 600_000);

  /** Every fault lies where something was changed, above it or below it. */
  function expectBlame(
    body: { validation_messages: Record<string, Record<string, string>> },
    changed: readonly string[],
  ): void {
    const paths = Object.keys(body.validation_messages);
    expect(paths).not.toEqual([]);
    // What is taken out of a list or put into it moves its neighbours.
    const places = changed.map((path) => path.replace(/(\.\d+)+$/, ''));
    const strange = paths.filter((path) => !places.some((place) => isAbout(path, place)));
    expect({ strange, changed }).toEqual({ strange: [], changed });
  }

  const isAbout = (path: string, place: string) =>
    `${path}.`.startsWith(`${place}.`) || `${place}.`.startsWith(`${path}.`);
});
