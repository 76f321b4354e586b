/** The hub's own API: handling units, and events told one by one. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bodyOf,
  book,
  type Client,
  type EventResult,
  type Page,
  record,
  request,
} from '../support/client.ts';
import { allPages, expectProblem, problem } from '../support/hub-answers.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();

let owner: Client;

beforeAll(async () => {
  owner = await stand.joinAsClient('Owner');
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

  it('are found as if a parameter without a value had not been sent', async () => {
    const id = await book(owner.api, { reference: 'EMPTY-1', freightFamily: 'Container' });
    const found = await owner.api.get<Page<{ id: string }>>(
      '/handling-units?reference=EMPTY-1&spi=&document=&asOf=&cursor=&limit=',
    );
    expect(bodyOf(found).items).toMatchObject([{ id }]);
    const all = await owner.api.get<Page<unknown>>('/handling-units?reference=&spi=&document=');
    expect(bodyOf(all).items.length).toBeGreaterThan(1);
    expectProblem(
      await owner.api.get('/handling-units?asOf=x'),
      problem(400, 'invalid-input', ['asOf']),
    );
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
    expectProblem(bad, problem(400, 'invalid-input', ['message']));
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
