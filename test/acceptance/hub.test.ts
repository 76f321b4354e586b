/** The hub's own API: provisioning, repeats, handling units and events. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  type Api,
  adminKey,
  allScopes,
  bodyOf,
  book,
  type Client,
  type EventResult,
  type Page,
  record,
  request,
} from '../support/client.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();

interface HubEvent {
  readonly id: string;
  readonly recordedAt: string;
  readonly occurredAt: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

/** A problem of RFC 9457 with our code; `errors` only where fields are named. */
const problem = (status: number, code: string, paths?: readonly string[]) => ({
  type: 'about:blank',
  title: expect.any(String),
  status,
  detail: expect.any(String),
  instance: expect.stringMatching(/^\/hub\/v1\//),
  code,
  requestId: expect.any(String),
  ...(paths && { errors: paths.map((path) => ({ path, message: expect.any(String) })) }),
});

function expectProblem(answer: Answer<unknown>, expected: ReturnType<typeof problem>): void {
  expect(answer.body).toEqual(expected);
  expect(answer.status).toBe(expected.status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
}

/** Every item of a list, page by page. */
async function allPages<Item>(api: Api, path: string, limit: number): Promise<Item[]> {
  const items: Item[] = [];
  const glue = path.includes('?') ? '&' : '?';
  for (let cursor = ''; ; ) {
    const page = bodyOf(await api.get<Page<Item>>(`${path}${glue}limit=${limit}${cursor}`));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    expect(page.items).toHaveLength(limit);
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

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
      expect(nobody.headers.get('www-authenticate')).toBe('Bearer');
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

describe('handling units', () => {
  it('are booked once and then brought up to date', async () => {
    const party = await stand.joinAsClient('Party');
    const given = {
      reference: 'CSQU3054383',
      spi: 'CNI0000000001',
      freightFamily: 'break-bulk',
      customsFlag: 'import',
      documents: [{ type: 'booking', reference: 'BKG-1' }],
      parties: [{ organization: party.id, role: 'carrier' }],
      details: { sizeType: '22G1', measures: { quantity: 3 } },
    };
    const put = (unit: object) => owner.api.send<{ id: string }>('PUT', '/handling-units', unit);
    const created = await put(given);
    const { id } = bodyOf(created, 201);
    expect(created.body).toEqual({ id, reference: given.reference, spi: given.spi });
    expect(bodyOf(await put(given), 200)).toEqual(created.body);
    const known = { ...given, freightFamily: 'BreakBulk', customsFlag: 'Import' };
    const times = { createdAt: expect.any(String), updatedAt: expect.any(String) };
    const shown = { ...known, id, organization: owner.id, ...times };
    expect((await owner.api.get(`/handling-units/${id}`)).body).toEqual(shown);
    // What is not mentioned stays, what is given replaces.
    const documents = [{ type: 'billOfLading', reference: 'BL-1' }];
    bodyOf(await put({ reference: 'csqu 305438-3', freightFamily: 'Container', documents }), 200);
    const after = { ...shown, freightFamily: 'Container', documents };
    const { body } = await party.api.get(`/handling-units/${id.toUpperCase()}`);
    expect(body).toEqual({ ...after, reference: expect.any(String) });
  });

  it('are separate passages by their SPI, the newest first', async () => {
    const unit = { reference: 'PASSAGES-1', freightFamily: 'container' };
    const ids = [];
    for (const spi of ['PAS0000000001', 'PAS0000000002', 'PAS0000000003']) {
      ids.unshift(await book(owner.api, { ...unit, spi }));
    }
    const found = await allPages<{ id: string }>(
      owner.api,
      '/handling-units?reference=PASSAGES-1',
      2,
    );
    expect(found.map(({ id }) => id)).toEqual(ids);
    const one = await owner.api.get<Page<{ id: string }>>('/handling-units?spi=PAS0000000002');
    expect(bodyOf(one)).toMatchObject({ items: [{ id: ids[1] }], nextCursor: null });
    const taken = { ...unit, reference: 'PASSAGES-2', spi: 'PAS0000000002' };
    const conflict = await owner.api.send('PUT', '/handling-units', taken);
    expectProblem(conflict, problem(409, 'conflict', ['spi']));
  });

  it('are found by the documents that they travel under', async () => {
    const documents = [{ type: 'order', reference: 'ORD 2026/17' }];
    const unit = { freightFamily: 'Container', documents };
    const ids = [await book(owner.api, { ...unit, reference: 'DOC-1' })];
    ids.unshift(await book(owner.api, { ...unit, reference: 'DOC-2' }));
    const found = await owner.api.get<Page<{ id: string }>>(
      '/handling-units?document=ORD%202026%2F17',
    );
    expect(bodyOf(found).items.map(({ id }) => id)).toEqual(ids);
    const both = await owner.api.get<Page<unknown>>(
      '/handling-units?document=ORD%202026%2F17&reference=DOC-3',
    );
    expect(bodyOf(both).items).toEqual([]);
  });

  it('warn of a check digit that fails and refuse nothing for it', async () => {
    const unit = { reference: 'CSQU3054384', freightFamily: 'Container' };
    const answer = await owner.api.send('PUT', '/handling-units', unit);
    expect(bodyOf(answer, 201)).toMatchObject({ warnings: [{ path: 'reference' }] });
  });

  it('need an owner when the operator books, and only ever one’s own else', async () => {
    const unit = { reference: 'OWNED-1', freightFamily: 'Container' };
    const nobody = await stand.operator.send('PUT', '/handling-units', unit);
    expectProblem(nobody, problem(400, 'invalid-input', ['organization']));
    const organization = owner.id;
    const id = await book(stand.operator, { ...unit, organization });
    expect((await owner.api.get(`/handling-units/${id}`)).body).toMatchObject({ organization });
    const unknown = { ...unit, organization: randomUUID() };
    const answer = await stand.operator.send('PUT', '/handling-units', unknown);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'organization' }] } });
    const other = await stand.joinAsClient('Other');
    const forOthers = await other.api.send('PUT', '/handling-units', { ...unit, organization });
    expect(forOthers).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  const unit = { reference: 'BAD-1', freightFamily: 'Container' };
  it.each([
    ['reference', { ...unit, reference: undefined }],
    ['reference', { ...unit, reference: ' x' }],
    ['reference', { ...unit, reference: 'x'.repeat(36) }],
    ['spi', { ...unit, spi: 'cni0000000001' }],
    ['freightFamily', { ...unit, freightFamily: 'cheese' }],
    ['customsFlag', { ...unit, customsFlag: 'maybe' }],
    ['documents.0.type', { ...unit, documents: [{ type: 'novel', reference: '1' }] }],
    ['parties.0.organization', { ...unit, parties: [{ organization: 'me', role: 'x' }] }],
    ['details.colour', { ...unit, details: { colour: 'red' } }],
    ['details.measures.quantity', { ...unit, details: { measures: { quantity: 1.5 } } }],
    ['details.emptyReturn.dueDate', { ...unit, details: { emptyReturn: { dueDate: 'soon' } } }],
    ['colour', { ...unit, colour: 'red' }],
  ])('are refused with a wrong %s', async (path, body) => {
    const answer = await owner.api.send('PUT', '/handling-units', body);
    expectProblem(answer, problem(400, 'invalid-input', [path]));
    const found = await stand.operator.get<Page<unknown>>('/handling-units?reference=BAD-1');
    expect(bodyOf(found).items).toEqual([]);
  });
});

describe('one event', () => {
  const base = { unit: { reference: 'EVENT-1' }, type: 'gated-out' };
  const occurredAt = '2026-11-20T14:00:00.1234567+01:00';
  let unitId: string;

  beforeAll(async () => {
    unitId = await book(owner.api, { reference: 'EVENT-1', freightFamily: 'Container' });
  });

  it('is kept with every member, and its time as it was told', async () => {
    const told = {
      ...base,
      classifier: 'estimated',
      occurredAt,
      mode: 'truck',
      direction: 'import',
      way: 'out',
      place: { unlocode: 'FRLEH', location: 'MTDF', name: 'Quai', latitude: 49.5, longitude: 0.1 },
      vehicle: { id: 'AB-123-CD', name: 'Camion', voyage: 'T1' },
      full: true,
      documents: [{ type: 'order', reference: 'O-1' }],
      message: 'Voilà 🚚',
      additionalInfo: 'X1',
      channel: 'EDI',
      codes: { soget: 'DIR' },
    };
    const id = await record(owner.api, told);
    const { body } = await owner.api.get(`/events/${id}`);
    expect(body).toEqual({
      ...told,
      id,
      unit: { id: unitId, reference: 'EVENT-1' },
      mode: 3,
      occurredAtUtc: '2026-11-20T13:00:00.123456Z',
      recordedAt: expect.any(String),
      source: { organization: owner.id, dialect: 'hub', code: 'gated-out' },
    });
  });

  it('sent again is the same event', async () => {
    const again = { ...base, occurredAt: '2026-11-20T15:00:00Z' };
    const id = await record(owner.api, again);
    const spelled = { ...again, occurredAt: '2026-11-20T16:00:00.000+01:00' };
    const answer = await owner.api.send('POST', '/events', spelled);
    expect(bodyOf(answer, 201)).toEqual({ events: [{ id, status: 'duplicate' }] });
  });

  it('of a word that the hub does not know is kept as other, with the word', async () => {
    const strange = { ...base, type: 'painted blue', occurredAt: '2026-11-20T15:00:00Z' };
    const answer = await owner.api.send<{ events: EventResult[] }>('POST', '/events', strange);
    const [result] = bodyOf(answer, 201).events;
    expect(result).toMatchObject({ status: 'recorded', warnings: [{ path: 'type' }] });
    const { body } = await owner.api.get(`/events/${result?.id}`);
    expect(body).toMatchObject({ type: 'other', source: { code: 'painted blue' } });
  });

  it('is found by nobody who is no party, nor by an id that is none', async () => {
    const id = await record(owner.api, { ...base, occurredAt: '2026-11-20T17:00:00Z' });
    const stranger = await stand.joinAsClient('Stranger');
    expectProblem(await stranger.api.get(`/events/${id}`), problem(404, 'not-found'));
    expectProblem(await owner.api.get('/events/none'), problem(404, 'not-found'));
  });

  const good = { ...base, occurredAt: '2026-11-20T15:00:00Z' };
  it.each([
    ['unit', { ...good, unit: {} }],
    ['unit.spi', { ...good, unit: { spi: 'X' } }],
    ['unit.id', { ...good, unit: { id: '1' } }],
    ['type', { ...good, type: '' }],
    ['type', { ...good, type: undefined }],
    ['classifier', { ...good, classifier: 'rumoured' }],
    ['occurredAt', { ...good, occurredAt: '2026-11-20T15:00:00' }],
    ['occurredAt', { ...good, occurredAt: '2026-02-30T15:00:00Z' }],
    ['occurredAt', { ...good, occurredAt: 1 }],
    ['mode', { ...good, mode: 'teleport' }],
    ['mode', { ...good, mode: 100 }],
    ['direction', { ...good, direction: 'up' }],
    ['way', { ...good, way: 'through' }],
    ['place.unlocode', { ...good, place: { unlocode: 'le havre' } }],
    ['place.latitude', { ...good, place: { latitude: 91, longitude: 0 } }],
    ['place.longitude', { ...good, place: { latitude: 1 } }],
    ['full', { ...good, full: 'yes' }],
    ['message', { ...good, message: 'x'.repeat(1001) }],
    ['codes.soget', { ...good, codes: { soget: 1 } }],
    ['replaces', { ...good, replaces: 'that one' }],
    ['retracts', { ...good, replaces: randomUUID(), retracts: randomUUID() }],
    ['colour', { ...good, colour: 'red' }],
  ])('is refused with a wrong %s', async (path, body) => {
    const answer = await owner.api.send('POST', '/events', body);
    expectProblem(answer, problem(400, 'invalid-input', [path]));
  });

  it('is refused as a whole when it is no JSON, too deep, too large or of another type', async () => {
    for (const body of ['{', '', '{"a":1}}', `${'['.repeat(40)}${']'.repeat(40)}`]) {
      const answer = await owner.api.send('POST', '/events', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'malformed-body' } });
    }
    const bad = await owner.api.send(
      'POST',
      '/events',
      JSON.stringify({ ...good, message: '\u0000' }),
    );
    expect(bad).toMatchObject({ status: 400, body: { code: 'malformed-body' } });
    const large = await owner.api.send('POST', '/events', {
      ...good,
      message: 'x'.repeat(1_100_000),
    });
    expectProblem(large, problem(413, 'body-too-large'));
    const headers = { 'content-type': 'text/xml' };
    const xml = await request(`${stand.url}/hub/v1/events`, {
      ...{ headers, token: owner.token, body: '<event/>' },
    });
    expectProblem(xml, problem(415, 'unsupported-media-type'));
  });

  it('is refused for a unit that nobody knows', async () => {
    const unknown = { ...good, unit: { reference: 'NOBODYS-1' } };
    const answer = await owner.api.send('POST', '/events', unknown);
    expectProblem(answer, problem(404, 'unit-not-found', ['unit.reference']));
  });
});

describe('a batch of events', () => {
  it('of 1,000 is recorded whole and in order, and read back page by page', async () => {
    await book(owner.api, { reference: 'BATCH-1', freightFamily: 'Container' });
    const events = Array.from({ length: 1_000 }, (_, at) => ({
      unit: { reference: 'BATCH-1' },
      type: 'shifted',
      occurredAt: new Date(Date.UTC(2026, 10, 1) + at * 1_000).toISOString(),
      message: `number ${at}`,
    }));
    const answer = await owner.api.send<{ events: EventResult[] }>('POST', '/events', events);
    const results = bodyOf(answer, 201).events;
    expect(results.every(({ status }) => status === 'recorded')).toBe(true);
    const listed = await allPages<HubEvent>(owner.api, '/events?unit=BATCH-1', 200);
    expect(listed.map(({ message }) => message)).toEqual(events.map(({ message }) => message));
    expect(listed.map(({ id }) => id)).toEqual(results.map(({ id }) => id));
    const again = await owner.api.send<{ events: EventResult[] }>('POST', '/events', events);
    expect(bodyOf(again, 201).events).toEqual(
      results.map(({ id }) => ({ id, status: 'duplicate' })),
    );
  });

  it('with bad ones among it rejects these only, each in its place', async () => {
    const observer = await stand.joinAsClient('Observer');
    const parties = [{ organization: observer.id, role: 'observer' }];
    await book(owner.api, { reference: 'MIXED-1', freightFamily: 'Container', parties });
    await book(observer.api, { reference: 'MIXED-2', freightFamily: 'Container' });
    const event = { type: 'gated-in', occurredAt: '2026-11-01T10:00:00Z' };
    const batch = [
      { ...event, unit: { reference: 'MIXED-2' } },
      { ...event, unit: { reference: 'MIXED-2' } },
      { ...event, unit: { reference: 'MIXED-1' } },
      { ...event, unit: { reference: 'NOBODYS-1' } },
      { ...event, unit: { reference: 'MIXED-2' }, occurredAt: 'yesterday' },
      'no event at all',
      null,
      { ...event, unit: { reference: 'MIXED-2' }, replaces: randomUUID() },
      { ...event, unit: { reference: 'MIXED-2' }, type: 'gated-out' },
    ];
    const answer = await observer.api.send<{ events: EventResult[] }>('POST', '/events', batch);
    const { events } = bodyOf(answer, 201);
    const rejected = (code: string, path: string) => ({
      status: 'rejected',
      error: { code, path, message: expect.any(String) },
    });
    expect(events).toEqual([
      { id: expect.any(String), status: 'recorded' },
      { id: events[0]?.id, status: 'duplicate' },
      rejected('forbidden', 'unit.reference'),
      rejected('unit-not-found', 'unit.reference'),
      rejected('invalid-input', 'occurredAt'),
      rejected('invalid-input', ''),
      rejected('invalid-input', ''),
      rejected('invalid-input', 'replaces'),
      { id: expect.any(String), status: 'recorded' },
    ]);
    expect(await allPages(owner.api, '/events?unit=MIXED-1', 10)).toEqual([]);
  });

  it('of none or of too many is refused as a whole', async () => {
    const event = {
      unit: { reference: 'BATCH-1' },
      type: 'lost',
      occurredAt: '2026-11-01T10:00:00Z',
    };
    for (const batch of [[], Array.from({ length: 1_001 }, () => event)]) {
      const answer = await owner.api.send('POST', '/events', batch);
      expectProblem(answer, problem(400, 'invalid-input', ['']));
    }
    expect(await allPages(owner.api, '/events?unit=BATCH-1&type=lost', 10)).toEqual([]);
  });
});

describe('the list of events', () => {
  it('keeps the versions of an event and tells what was known when', async () => {
    await book(owner.api, { reference: 'KNOWN-1', freightFamily: 'Container' });
    const arrived = { unit: { reference: 'KNOWN-1' }, type: 'arrived' };
    const at = (hour: number) => `2026-11-01T${hour}:00:00Z`;
    const first = await record(owner.api, { ...arrived, occurredAt: at(10) });
    const corrected = { ...arrived, replaces: first, occurredAt: at(12) };
    const second = await record(owner.api, corrected);
    const third = await record(owner.api, { ...arrived, retracts: second, occurredAt: at(12) });
    const list = async (query: string) =>
      bodyOf(await owner.api.get<Page<HubEvent>>(`/events?unit=KNOWN-1${query}`)).items;
    const all = await list('');
    expect(all.map(({ id }) => id).sort()).toEqual([first, second, third].sort());
    for (const { id, recordedAt } of all) {
      const then = await list(`&asOf=${encodeURIComponent(recordedAt)}`);
      expect(then).toEqual(all.filter((event) => event.recordedAt <= recordedAt));
      expect(then.map((event) => event.id)).toContain(id);
    }
    expect(await list('&asOf=2026-01-01T00:00:00Z')).toEqual([]);
    const kept = await owner.api.get(`/events/${first}`);
    expect(kept.body).toMatchObject({ occurredAt: at(10) });
    expect(kept.body).not.toHaveProperty('replaces');
    await book(owner.api, { reference: 'KNOWN-2', freightFamily: 'Container' });
    const foreign = { ...arrived, unit: { reference: 'KNOWN-2' }, retracts: third };
    const answer = await owner.api.send('POST', '/events', { ...foreign, occurredAt: at(13) });
    expectProblem(answer, problem(400, 'invalid-input', ['retracts']));
  });

  it('is filtered by type and times, and in the order of happening', async () => {
    const spi = 'FIL0000000001';
    const id = await book(owner.api, { reference: 'FILTER-1', spi, freightFamily: 'Container' });
    const types = ['departed', 'loaded', 'arrived', 'loaded'];
    for (const [at, type] of types.entries()) {
      // Recorded last to first, to tell the order of recording from that of happening.
      const occurredAt = `2026-11-0${9 - at}T10:00:00+01:00`;
      await record(owner.api, { unit: { id }, type, occurredAt });
    }
    const list = async (query: string) =>
      (await allPages<HubEvent>(owner.api, `/events?${query}`, 3)).map(({ type, occurredAt }) =>
        [type, occurredAt.slice(9, 10)].join(' '),
      );
    const everything = ['loaded 6', 'arrived 7', 'loaded 8', 'departed 9'];
    for (const unit of [id, id.toUpperCase(), spi, 'FILTER-1', 'FILTER-1%20']) {
      expect({ unit, list: await list(`unit=${unit}`) }).toEqual({ unit, list: everything });
    }
    expect(await list(`unit=${id}&type=loaded`)).toEqual(['loaded 6', 'loaded 8']);
    expect(await list(`unit=${id}&occurredFrom=2026-11-07T09:00:00Z`)).toEqual(everything.slice(1));
    expect(await list(`unit=${id}&occurredTo=2026-11-07T10:00:00%2B01:00`)).toEqual(['loaded 6']);
    expect(await list(`unit=${id}&occurredTo=2026-11-07T10:00:00+01:00`)).toEqual(['loaded 6']);
    const [oldest] = await allPages<HubEvent>(owner.api, `/events?unit=${id}&type=departed`, 1);
    const recordedAt = oldest?.recordedAt ?? '';
    expect(await list(`unit=${id}&recordedTo=${recordedAt}`)).toEqual([]);
    expect(await list(`unit=${id}&recordedFrom=${recordedAt}`)).toEqual(everything);
    expect(await list('unit=NOBODYS-1')).toEqual([]);
  });

  it.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=201'],
    ['limit', 'limit=many'],
    ['cursor', 'cursor=nonsense'],
    ['type', 'type=painted'],
    ['occurredFrom', 'occurredFrom=2026-11-07'],
    ['asOf', 'asOf=then'],
    ['colour', 'colour=red'],
  ])('refuses a wrong %s', async (path, query) => {
    const answer = await owner.api.get(`/events?${query}`);
    expectProblem(answer, problem(400, 'invalid-input', [path]));
  });
});
