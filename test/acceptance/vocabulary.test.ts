/**
 * Codes that nobody told the hub of flow all the same; the operator says at run time what they mean
 * and how types are said, and the next event is said so in every dialect.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, bodyOf, book, type Member, record, subscribe } from '../support/client.ts';
import { problem } from '../support/hub-answers.ts';
import { type LogEvent, type ParcelCalls, parcelCalls } from '../support/parcel-calls.ts';
import { track } from '../support/soget-calls.ts';
import { arrivalsUntil, useStand, verified } from '../support/stand.ts';
import { subscribed, terminalOf } from '../support/terminal-client.ts';

interface Vocabulary {
  readonly entries: readonly { readonly code: string; readonly type: string }[];
  readonly types: readonly { readonly type: string; readonly code?: string }[];
  readonly unknown: readonly { readonly code: string; readonly count: number }[];
}

interface Note {
  readonly field: string;
  readonly why: string;
}

interface Rendered {
  readonly dialect: string;
  readonly form: string;
  readonly body: unknown;
  readonly reason?: string;
  readonly dropped: readonly Note[];
  readonly defaulted: readonly Note[];
  readonly approximated: readonly Note[];
}

interface CanonicalEvent {
  readonly id: string;
  readonly type: string;
  readonly source: { readonly code?: string };
}

const stand = useStand();
let member: Member;

beforeAll(async () => {
  member = await stand.join('Forwarder');
});

const put = (code: string, body: unknown): Promise<Answer> =>
  stand.operator.send('PUT', `/vocabulary/${code}`, body);
const vocabularyOf = async (dialect: string) =>
  bodyOf(await stand.operator.get<Vocabulary>(`/vocabulary/${dialect}`));

async function renderingsOf(event: string): Promise<ReadonlyMap<string, Rendered>> {
  const answer = await member.api.get<{ event: CanonicalEvent; renderings: Rendered[] }>(
    `/events/${event}/renderings`,
  );
  const body = bodyOf(answer);
  expect(body.event).toEqual(bodyOf(await member.api.get(`/events/${event}`)));
  return new Map(body.renderings.map((one) => [`${one.dialect} ${one.form}`, one]));
}

async function eventsOf(unit: string): Promise<readonly CanonicalEvent[]> {
  const answer = await member.api.get<{ items: CanonicalEvent[] }>(`/events?unit=${unit}`);
  return bodyOf(answer).items;
}

describe('a parcel code that nobody told of', () => {
  const trackingReference = '370724760010119754';
  let unit: string;
  let parcels: ParcelCalls;
  const register = (eventType: string, eventTime: string) =>
    parcels.register(member, { trackingReference, eventType, eventTime });
  const logged = async () =>
    bodyOf(await parcels.log<LogEvent[]>(member, `v-1/fetch/${trackingReference}/EN/false`));

  beforeAll(async () => {
    unit = await book(member.api, { reference: trackingReference, freightFamily: 'Parcel' });
    parcels = await parcelCalls(stand.url, [member]);
  });

  it('flows as other with its own code, and is shown to the operator', async () => {
    await register('099', '2026-11-20T08:00:00+01:00');
    expect(await eventsOf(unit)).toMatchObject([{ type: 'other', source: { code: '099' } }]);
    expect(await logged()).toMatchObject([{ eventType: { apiKey: '099', description: null } }]);
    const { unknown } = await vocabularyOf('parcels');
    expect(unknown).toEqual([{ code: '099', count: 1, lastRecordedAt: expect.any(String) }]);
  });

  it('has a type from the next event on, once the operator says which', async () => {
    const entry = { type: 'picked-up', classifier: 'actual', label: 'Hentet', send: true };
    const added = await put('parcels/099', entry);
    expect([added.status, added.body]).toEqual([
      201,
      { ...entry, code: '099', origin: 'operator', updatedAt: expect.any(String) },
    ]);
    expect((await put('parcels/099', entry)).status).toBe(200);
    await register('099', '2026-11-20T09:00:00+01:00');
    expect((await eventsOf(unit)).map(({ type }) => type)).toEqual(['other', 'picked-up']);
    // The label is looked up by the code, so what was recorded before has it too.
    const texts = (await logged()).map(({ eventType }) => eventType.description);
    expect(texts).toEqual(['Hentet', 'Hentet']);
    expect((await vocabularyOf('parcels')).unknown).toEqual([]);
  });

  it('is read and said in the other dialects from then on, and theirs in it', async () => {
    const [, newest] = await eventsOf(unit);
    const renderings = await renderingsOf(newest?.id ?? '');
    expect(renderings.get('hub push')?.body).toMatchObject({ event: { type: 'picked-up' } });
    expect(renderings.get('soget webhook')?.body).toMatchObject({
      HandlingUnit: { Reference: trackingReference, Events: [{ Type: 'picked-up' }] },
    });
    // Told in the hub's own words: said with the code that the operator chose.
    await record(member.api, {
      unit: { id: unit },
      type: 'picked-up',
      occurredAt: '2026-11-20T10:00:00Z',
    });
    const apiKeys = (await logged()).map(({ eventType }) => eventType.apiKey);
    expect(apiKeys).toEqual(['099', '099', '099']);
  });

  it('is unknown again when the entry is removed; what is recorded stays', async () => {
    const path = '/vocabulary/parcels/099';
    expect((await stand.operator.send('DELETE', path)).status).toBe(204);
    expect((await stand.operator.send('DELETE', path)).status).toBe(404);
    await register('099', '2026-11-20T11:00:00+01:00');
    expect((await eventsOf(unit)).map(({ type }) => type)).toEqual([
      ...['other', 'picked-up', 'picked-up', 'other'],
    ]);
    // A type without an id again: the event that was told as such is not in the log any more.
    expect(await logged()).toHaveLength(3);
  });
});

describe('what is pushed', () => {
  const reference = 'CGMU0000001';
  const documents = [{ type: 'booking', reference: 'BKG-1' }];

  beforeAll(async () => {
    await book(member.api, { reference, freightFamily: 'Container', documents });
  });

  it('says the code that the operator chose, from the next event on', async () => {
    const path = '/soget';
    const url = stand.receiver.url + path;
    expect((await track(stand.url, member, { reference, url })).status).toBe(201);
    await put('soget/GTO', { type: 'gated-out', label: 'Sortie', send: true });
    const conflict = await put('soget/OUT', { type: 'gated-out', send: true });
    expect([conflict.status, conflict.body]).toEqual([409, problem(409, 'conflict', ['send'])]);
    const occurredAt = '2026-11-20T10:00:00Z';
    await record(member.api, { unit: { reference }, type: 'gated-out', occurredAt });
    const [push] = await arrivalsUntil(stand.receiver, path, () => true);
    expect(JSON.parse(push?.body.toString() ?? '')).toMatchObject({
      HandlingUnit: { Events: [{ Type: 'GTO' }] },
    });
  });

  it('goes out where there was no word for it before', async () => {
    const path = '/terminal';
    const terminal = terminalOf(stand.url, member);
    const id = await subscribed(terminal, {
      callbackUrl: stand.receiver.url + path,
      bookingReference: 'BKG-1',
      equipmentReference: reference,
    });
    const unit = { reference };
    await record(member.api, { unit, type: 'stuffed', occurredAt: '2026-11-19T08:00:00Z' });
    const name = 'actualContainerStuffed';
    await put(`terminal/${name}`, { type: 'stuffed', classifier: 'actual', send: true });
    const occurredAt = '2026-11-19T09:00:00Z';
    await record(member.api, { unit, type: 'stuffed', occurredAt });
    const pushPath = `${path}/api/v1/transportEvents/${name}`;
    const arrivals = await arrivalsUntil(stand.receiver, pushPath, () => true);
    expect(arrivals.map(({ body }) => JSON.parse(body.toString()))).toMatchObject([
      { eventOccurrenceTime8601: '2026-11-19T09:00:00.000+00:00' },
    ]);
    // Past events are said in the words of now: the first one has a name by now.
    const past = bodyOf(await terminal.events(id));
    expect(past.filter(({ eventType }) => eventType === name)).toHaveLength(2);
  });
});

describe('the renderings of one event', () => {
  it('tell for each dialect what is said and what is lost', async () => {
    const reference = 'CGMU0000002';
    await book(member.api, { reference, freightFamily: 'Container', customsFlag: 'Import' });
    const url = `${stand.receiver.url}/renderings`;
    const { secret } = await subscribe(member.api, url, { reference });
    const event = await record(member.api, {
      unit: { reference },
      type: 'gated-in',
      occurredAt: '2026-11-20T14:00:00.250+01:00',
      place: { unlocode: 'FRLEH', location: 'MTDF', name: 'Terminal de France' },
      message: 'Seal intact',
    });
    const renderings = await renderingsOf(event);
    expect([...renderings.keys()]).toEqual([
      'hub push',
      'parcels event log v-1',
      'parcels event log v-2',
      'soget webhook',
      'soget tracing event',
      'terminal push and past event',
    ]);
    // What is shown is what is sent.
    const [push] = await arrivalsUntil(stand.receiver, '/renderings', () => true);
    if (push === undefined) throw new Error('no push');
    expect({ sequence: 1, ...(renderings.get('hub push')?.body as object) }).toEqual(
      verified(push, secret),
    );
    const webhook = renderings.get('soget webhook');
    expect(webhook?.body).toMatchObject({
      HandlingUnit: {
        Reference: reference,
        Events: [
          {
            AlertDate: '2026-11-20T14:00:00+01:00',
            Direction: 'Import',
            Location: 'MTDF',
            Type: 'gated-in',
          },
        ],
      },
    });
    const fields = (notes: readonly Note[] = []) => notes.map(({ field }) => field);
    expect(fields(webhook?.dropped)).toEqual(expect.arrayContaining(['place.name', 'message']));
    expect(fields(webhook?.dropped)).not.toContain('vehicle.id');
    expect(fields(webhook?.approximated)).toEqual(
      expect.arrayContaining(['occurredAt', 'place.unlocode', 'unit.customsFlag']),
    );
    expect(fields(renderings.get('soget tracing event')?.defaulted)).toEqual(['way']);
    const log = renderings.get('parcels event log v-1');
    expect(log).toMatchObject({ body: null, reason: expect.any(String), dropped: [] });
    expect(renderings.get('terminal push and past event')?.body).toMatchObject({
      eventType: 'actualGateIn',
      eventData: { terminal: 'MTDF', equipmentNumber: reference },
    });
  });

  it('are for those who may see the event', async () => {
    const reference = 'CGMU0000003';
    await book(member.api, { reference, freightFamily: 'Container' });
    const occurredAt = '2026-11-20T14:00:00Z';
    const event = await record(member.api, { unit: { reference }, type: 'gated-in', occurredAt });
    const stranger = await stand.join('Stranger');
    for (const [api, status] of [
      [stranger.api, 404],
      [stand.operator, 200],
    ] as const) {
      expect((await api.get(`/events/${event}/renderings`)).status).toBe(status);
    }
    expect((await member.api.get('/events/nothing/renderings')).status).toBe(404);
  });
});

describe('the calls', () => {
  it('are for the operator', async () => {
    const path = '/vocabulary/parcels/098';
    for (const [method, of] of [
      ['GET', '/vocabulary/parcels'],
      ['PUT', path],
      ['DELETE', path],
    ] as const) {
      const body = method === 'PUT' ? { type: 'lost' } : undefined;
      expect((await member.api.send(method, of, body)).status).toBe(403);
    }
  });

  it.each<[string, unknown, number, string, string[] | undefined]>([
    ['nobody/098', { type: 'lost' }, 404, 'not-found', undefined],
    ['parcels/098', { type: 'vanished' }, 400, 'invalid-input', ['type']],
    ['parcels/098', {}, 400, 'invalid-input', ['type']],
    ['parcels/098', { type: 'lost', classifier: 'maybe' }, 400, 'invalid-input', ['classifier']],
    ['parcels/98', { type: 'lost' }, 400, 'invalid-input', ['code']],
    ['soget/%20', { type: 'lost' }, 400, 'invalid-input', ['code']],
    ['soget/a%00', { type: 'lost' }, 400, 'invalid-input', ['code']],
    ['soget/DIR', { type: 'other', send: true }, 400, 'invalid-input', ['send']],
    ['hub/loaded', { type: 'lost' }, 400, 'invalid-input', ['type']],
    ['hub/gone', { type: 'lost', send: true }, 400, 'invalid-input', ['send']],
  ])('refuses %s with %j', async (code, body, status, problemCode, paths) => {
    const answer = await put(code, body);
    expect([answer.status, answer.body]).toEqual([status, problem(status, problemCode, paths)]);
  });

  it('tell what every code means and how every type is said', async () => {
    await put('hub/gate%20out', { type: 'gated-out' });
    const hub = await vocabularyOf('hub');
    expect(hub.entries).toContainEqual(
      expect.objectContaining({ code: 'gate out', type: 'gated-out', origin: 'operator' }),
    );
    expect(hub.types.every(({ type, code }) => type === code)).toBe(true);
    expect(hub.types).toHaveLength(37);
    expect((await stand.operator.get('/vocabulary/nobody')).status).toBe(404);
    expect((await stand.operator.send('DELETE', '/vocabulary/parcels/013')).status).toBe(404);
    const { entries } = await vocabularyOf('parcels');
    expect(entries).toContainEqual({
      ...{ code: '013', type: 'delivered', classifier: 'actual', label: 'Delivered' },
      origin: 'built-in',
    });
  });
});
