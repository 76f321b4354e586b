// The routes over a hub that answers from memory, behind the real door: what goes over the wire.
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDoor } from '../../door/server.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { Problem } from '../../events/problem.ts';
import type { Subscription } from '../../events/subscription.ts';
import { parseInstant } from '../../events/time.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import type { Hub, NewSubscription, PageRequest } from '../hub-port.ts';
import { dialect } from './index.ts';
import { vocabulary } from './vocabulary.ts';

const PATH = '/event-subscriptions';
const headers = { 'x-api-key': 'good' };
const unitId = '0198b0d2-8a00-7000-8000-000000000001';
const id = '123e4567-e89b-12d3-a456-426614174000';
const foreign = '123e4567-e89b-12d3-a456-426614174001';
const unknown = '123e4567-e89b-12d3-a456-426614174009';

const unit: HandlingUnit = {
  id: unitId,
  reference: 'APZU4812090',
  freightFamily: 'Container',
  customsFlag: 'Import',
  documents: [{ type: 'billOfLading', reference: 'ABCD421911263977' }],
  organization: 'one',
  parties: [],
  details: {},
  createdAtMs: 0,
  updatedAtMs: 0,
};

const seed = {
  callbackUrl: 'https://myserver.com/send/callback/here',
  bookingReference: 'null',
  transportDocumentID: 'ABCD421911263977',
  transportDocumentType: 'BOL',
  equipmentReference: 'APZU4812090',
};
const shown = { subscriptionID: id, ...seed, bookingReference: null };

function subscriptionOf(change: Partial<Subscription> = {}): Subscription {
  return {
    id,
    organization: 'one',
    dialect: 'terminal',
    url: seed.callbackUrl,
    state: 'active',
    filter: { unit: unitId },
    settings: {
      equipmentReference: seed.equipmentReference,
      transportDocumentID: seed.transportDocumentID,
      unit: unitId,
    },
    createdAtMs: 0,
    updatedAtMs: 0,
    lastSequence: 0,
    ...change,
  };
}

let stored: Subscription[] = [];
let created: NewSubscription[] = [];
let asked: object[] = [];
let events: RecordedEvent[] = [];

function pageOf<T>(items: readonly T[], { limit, cursor = '0' }: PageRequest) {
  const from = Number(cursor);
  const next = from + limit;
  return {
    items: items.slice(from, next),
    nextCursor: next < items.length ? String(next) : null,
  };
}

/** Only what the routes call; anything else is undefined and would fail the test. */
function fakeHub(): Hub {
  const hub = {
    nowMs: () => 0,
    publicUrl: 'http://hub.test',
    identity: {
      apiKey: async (key: string) => {
        if (key !== 'good') throw new Problem('unauthenticated', 'the API key is not valid');
        return { kind: 'key', id: 'key', organization: 'one', scopes: new Set() };
      },
    },
    vocabulary: { of: () => vocabulary },
    units: {
      find: async (_principal: unknown, query: { document: string }, page: PageRequest) => {
        asked.push(query);
        const found = unit.documents.some(({ reference }) => reference === query.document);
        return pageOf(found ? [unit] : [], page);
      },
    },
    subscriptions: {
      create: async (_principal: unknown, given: NewSubscription) => {
        created.push(given);
        if (given.url.includes('10.0.0.1')) {
          const issues = [{ path: 'url', message: 'the address is not public' }];
          throw new Problem('invalid-input', 'the address is not public', { issues });
        }
        return {
          subscription: subscriptionOf({ url: given.url }),
          created: true,
          secret: 'whsec_',
        };
      },
      get: async (_principal: unknown, asked: string) => stored.find((each) => each.id === asked),
      list: async (_principal: unknown, query: object, page: PageRequest) => {
        asked.push(query);
        return pageOf(stored, page);
      },
      remove: async (_principal: unknown, gone: string) => {
        const before = stored.length;
        stored = stored.filter((each) => each.id !== gone);
        return stored.length < before;
      },
    },
    events: {
      list: async (_principal: unknown, query: object, page: PageRequest) => {
        asked.push(query);
        return pageOf(events, page);
      },
    },
  };
  return hub as unknown as Hub;
}

let app: FastifyInstance;
const logged: string[] = [];

beforeAll(async () => {
  const sink = { write: (line: string) => void logged.push(line) };
  app = await createDoor({
    dialects: new Map([['terminal', dialect]]),
    hub: fakeHub(),
    logger: pino({ level: 'trace' }, sink) as unknown as FastifyBaseLogger,
    isUnavailable: () => false,
    isReady: async () => true,
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    extraRoutes: () => undefined,
  });
  await app.ready();
});
afterAll(() => app.close());

beforeEach(() => {
  stored = [subscriptionOf(), subscriptionOf({ id: foreign, dialect: 'hub' })];
  created = [];
  asked = [];
  events = [];
});

const post = (payload: unknown, sent: object = headers, query = '') =>
  app.inject({
    method: 'POST',
    url: PATH + query,
    headers: { 'content-type': 'application/json', ...sent },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

describe('creating', () => {
  it('answers the published object with 201, JSON null for the text null', async () => {
    const answer = await post(seed);
    expect([answer.statusCode, answer.json()]).toEqual([201, shown]);
    expect(asked).toEqual([{ reference: 'APZU4812090', document: 'ABCD421911263977' }]);
    expect(created[0]).toMatchObject({
      filter: { unit: unitId },
      endsAfterLeaving: { unit: unitId, afterMs: 3 * 86_400_000 },
    });
  });

  it('ignores members that it does not know', async () => {
    expect((await post({ ...seed, remark: 'x' })).statusCode).toBe(201);
  });

  it.each<[object, string[]]>([
    [{}, ['callbackUrl', 'equipmentReference']],
    [{ ...seed, callbackUrl: undefined }, ['callbackUrl']],
    [{ ...seed, callbackUrl: null }, ['callbackUrl']],
    [{ ...seed, callbackUrl: 'x'.repeat(3_000) }, ['callbackUrl']],
    [{ ...seed, callbackUrl: 'https://x.test/#a' }, ['callbackUrl']],
    [{ ...seed, callbackUrl: 'http://10.0.0.1/' }, ['callbackUrl']],
    [{ ...seed, equipmentReference: '' }, ['equipmentReference']],
    [{ ...seed, equipmentReference: 'A'.repeat(36) }, ['equipmentReference']],
    [{ ...seed, bookingReference: 5 }, ['bookingReference']],
    [{ ...seed, transportDocumentID: null, transportDocumentType: null }, ['bookingReference']],
    [{ ...seed, transportDocumentType: 'AWB' }, ['transportDocumentType']],
    [{ ...seed, transportDocumentID: 'ANOTHER' }, ['transportDocumentID']],
    [{ ...seed, bookingReference: 'ANOTHER' }, ['bookingReference', 'transportDocumentID']],
  ])('refuses %j', async (body, fields) => {
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    const { code, errors } = answer.json<{ code: string; errors: { field: string }[] }>();
    expect([code, errors.map(({ field }) => field)]).toEqual(['invalid-input', fields]);
  });

  it('takes a since beside the key in the query', async () => {
    const answer = await post(seed, {}, '?key=good&since=2026-11-20T14:00:00%2B01:00');
    expect([answer.statusCode, answer.json()]).toEqual([201, shown]);
    expect(created[0]?.sinceMs).toBe(Date.UTC(2026, 10, 20, 13));
  });

  it.each(['', 'yesterday', '2026-11-20T14:00:00', '9'.repeat(41)])(
    'refuses the since %j',
    async (since) => {
      const answer = await post(seed, headers, `?since=${since}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'invalid-input', errors: [{ field: 'since' }] });
      expect(created).toEqual([]);
    },
  );

  it.each([
    ['a form', 'a=b', 'application/x-www-form-urlencoded', 415],
    ['no type', '{}', '', 415],
    ['no JSON', '{', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
  ])('refuses %s', async (_what, payload, type, status) => {
    const answer = await post(payload, { ...headers, 'content-type': type });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ timestamp: '1970-01-01T00:00:00.000Z' });
  });
});

describe('reading and deleting', () => {
  const get = (path: string) => app.inject({ url: PATH + path, headers });

  it('lists active ones, of all pages up to a thousand', async () => {
    stored = Array.from({ length: 1_201 }, () => subscriptionOf());
    const answer = await get('');
    expect(answer.json()).toHaveLength(1_000);
    expect(answer.json<object[]>()[0]).toEqual(shown);
    expect(asked).toHaveLength(5);
    expect(asked[0]).toEqual({ dialect: 'terminal', state: 'active' });
  });

  it('retrieves one, also expired, in any case of its id', async () => {
    expect((await get(`/${id.toUpperCase()}`)).json()).toEqual(shown);
    stored = [subscriptionOf({ state: 'expired' })];
    expect((await get(`/${id}`)).json()).toEqual({ ...shown, state: 'expired' });
  });

  it('deletes once, with an empty answer', async () => {
    const remove = () => app.inject({ method: 'DELETE', url: `${PATH}/${id}`, headers });
    const answer = await remove();
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect((await remove()).statusCode).toBe(404);
  });

  it.each([unknown, foreign, 'no-id', '%00', 'x'.repeat(200)])('knows no %s', async (gone) => {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['DELETE', ''],
    ] as const) {
      const answer = await app.inject({ method, url: `${PATH}/${gone}${path}`, headers });
      expect([answer.statusCode, answer.json()]).toEqual([
        404,
        { code: 'not-found', message: 'no such subscription', timestamp: expect.any(String) },
      ]);
    }
    expect(stored).toHaveLength(2);
  });

  it('lists past events in wrappers, of the passage, in the order of the hub', async () => {
    const parsed = parseInstant('2018-03-13T11:30:00.000-05:00');
    if (!parsed.ok) throw new Error(parsed.message);
    const event: RecordedEvent = {
      id: 'e',
      type: 'gated-in',
      classifier: 'actual',
      occurredAt: parsed.value,
      unit,
      recordedAtMs: 0,
      sourceName: 'A Container Moving Enterprise',
      source: { organization: 'ACME', dialect: 'hub' },
      place: { unlocode: 'NLRTM' },
    };
    events = [event, { ...event, type: 'sealed' }, { ...event, type: 'gated-out' }];
    const answer = await get(`/${id}/events`);
    expect(asked).toEqual([{ unit: unitId }]);
    expect(answer.json<{ eventType: string }[]>().map(({ eventType }) => eventType)).toEqual([
      'actualGateIn',
      'actualGateOut',
    ]);
    expect(answer.json<object[]>()[0]).toEqual({
      eventType: 'actualGateIn',
      eventData: {
        originatorName: 'A Container Moving Enterprise',
        originatorId: 'ACME',
        eventSubmissionTime8601: '1969-12-31T19:00:00.000-05:00',
        transportEquipmentId: unitId,
        transportEquipmentRef: null,
        equipmentNumber: 'APZU4812090',
        carrierBookingNumber: null,
        billOfLadingNumber: 'ABCD421911263977',
        eventOccurrenceTime8601: '2018-03-13T11:30:00.000-05:00',
        transportationPhase: 'Import',
        location: { unlocode: 'NLRTM' },
        vehicleId: null,
        vehicleName: null,
        fullStatus: null,
        terminal: null,
      },
    });
  });
});

describe('the key', () => {
  it.each([
    ['in the query', `${PATH}?key=good`, {}, 200],
    ['twice, equal', `${PATH}?key=good`, headers, 200],
    ['missing', PATH, {}, 401],
    ['wrong', PATH, { 'x-api-key': 'bad-secret' }, 401],
    ['twice, differing', `${PATH}?key=bad-secret`, headers, 401],
    ['of an unknown path', `${PATH}/${unknown}?key=good`, {}, 404],
  ])('%s', async (_what, url, sent, status) => {
    const answer = await app.inject({ url, headers: sent });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401);
    expect(answer.body).not.toContain('bad-secret');
  });

  it('is asked for before the body is read', async () => {
    expect((await post('{', {})).statusCode).toBe(401);
  });

  it('is never logged', async () => {
    await app.inject({ url: `${PATH}/nowhere/at/all?key=sesame` });
    await app.inject({ url: `${PATH}?key=sesame` });
    await app.inject({ method: 'PATCH', url: `${PATH}?key=sesame` });
    expect(logged.join('')).toContain('answered');
    expect(logged.join('')).not.toContain('sesame');
  });
});

it('describes every operation', async () => {
  const document = (await app.inject({ url: '/openapi/terminal.json' })).json<{
    paths: Record<string, Record<string, { security: object[] }>>;
  }>();
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(operations.sort()).toEqual([
    'delete /event-subscriptions/{id}',
    'get /event-subscriptions',
    'get /event-subscriptions/{id}',
    'get /event-subscriptions/{id}/events',
    'post /event-subscriptions',
  ]);
});
