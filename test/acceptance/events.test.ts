/** The hub's own API: events told in batches, and the list of them. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bodyOf,
  book,
  type Client,
  type EventResult,
  type Page,
  record,
} from '../support/client.ts';
import { allPages, expectProblem, problem } from '../support/hub-answers.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();

interface HubEvent {
  readonly id: string;
  readonly recordedAt: string;
  readonly occurredAt: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

let owner: Client;

beforeAll(async () => {
  owner = await stand.joinAsClient('Owner');
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
      { ...event, unit: { reference: 'MIXED-2' }, message: 'nul \u0000' },
      { ...event, unit: { reference: 'MIXED-2' }, place: { name: 'half \ud83d' } },
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
      rejected('invalid-input', 'message'),
      rejected('invalid-input', 'place.name'),
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
