/** Past events of a subscription, over HTTP with a real receiver, while events keep coming. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bodyOf, book, type Client, record, request, type Subscribed } from '../support/client.ts';
import { expectProblem, listDeliveries, type Push, problem } from '../support/hub-answers.ts';
import { proofsOf, trackingPath } from '../support/soget-calls.ts';
import { arrivals, arrivalsUntil, useStand, verified } from '../support/stand.ts';
import type { EventSubscription } from '../support/terminal-client.ts';

const stand = useStand();

interface Subscription extends Subscribed {
  readonly state: string;
  readonly since: string;
  readonly lastSequence: number;
}

let tellings = 0;

function tell(client: Client, reference: string, more: object = {}): Promise<string> {
  tellings += 1;
  const occurredAt = new Date(Date.UTC(2026, 9, 1) + tellings * 1_000).toISOString();
  return record(client.api, { unit: { reference }, type: 'shifted', occurredAt, ...more });
}

/** Someone with units of these numbers, and something told of each; the ids of that. */
async function newcomer(...references: string[]) {
  const client = await stand.joinAsClient('Latecomer');
  const told: string[] = [];
  for (const reference of references) {
    await book(client.api, { reference, freightFamily: 'Container' });
  }
  for (let turn = 0; turn < 3; turn++) {
    for (const reference of references) told.push(await tell(client, reference));
  }
  return { client, told };
}

const always = '1970-01-01T00:00:00Z';

async function since(client: Client, path: string, more: object = {}): Promise<Subscription> {
  const url = `${stand.receiver.url}${path}`;
  const body = { url, since: always, ...more };
  return bodyOf(await client.api.send<Subscription>('POST', '/subscriptions', body), 201);
}

/** What has come to the path until this many different pushes have, with good signatures. */
async function pushesAt(path: string, secret: string, count: number): Promise<Push[]> {
  await arrivalsUntil(stand.receiver, path, () => {
    const ids = arrivals(stand.receiver, path).map(({ headers }) => headers['webhook-id']);
    return new Set(ids).size >= count;
  });
  return arrivals(stand.receiver, path).map((push) => verified<Push>(push, secret));
}

describe('a subscription with `since`', () => {
  it('is told the past in the order of its recording, then what is new', async () => {
    const { client, told } = await newcomer('PAST-1', 'PAST-2');
    const late = await tell(client, 'PAST-1', { occurredAt: '2020-01-01T00:00:00Z' });
    const made = await since(client, '/in-order');
    expect(made).toMatchObject({ state: 'active', since: '1970-01-01T00:00:00.000Z' });
    expect(made.lastSequence).toBe(7);
    const fresh = await tell(client, 'PAST-2');
    const pushes = await pushesAt('/in-order', made.secret, 8);
    const bySequence = pushes.toSorted((one, other) => one.sequence - other.sequence);
    expect(bySequence.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(bySequence.map(({ event }) => event.id)).toEqual([...told, late, fresh]);
    // As they came: within one unit in order.
    for (const reference of ['PAST-1', 'PAST-2']) {
      const numbers = pushes.filter(({ unit }) => unit.reference === reference);
      const sequences = numbers.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    }
    const pushed = bySequence[0];
    expect(pushed?.event).toEqual(bodyOf(await client.api.get(`/events/${told[0]}`)));
  });

  it('is told only what its filter wishes for, since the time, and may see', async () => {
    const { client, told } = await newcomer('WISH-1', 'WISH-2');
    const { client: stranger } = await newcomer('WISH-3');
    const third = bodyOf(await client.api.get<{ recordedAt: string }>(`/events/${told[2]}`));
    const filter = { reference: 'WISH-1' };
    const wished = await since(client, '/wished', { filter, since: third.recordedAt });
    expect(wished.lastSequence).toBe(2);
    const pushes = await pushesAt('/wished', wished.secret, 2);
    expect(pushes.map(({ event }) => event.id)).toEqual([told[2], told[4]]);
    const nothing = await since(stranger, '/nothing', { filter });
    expect(nothing).toMatchObject({ state: 'active', lastSequence: 0 });
    const later = await since(client, '/later', { filter, since: '2100-01-01T00:00:00+01:00' });
    expect(later).toMatchObject({ lastSequence: 0, since: '2099-12-31T23:00:00.000Z' });
  });

  it('misses nothing and doubles nothing while events pour in', async () => {
    const references = ['POUR-1', 'POUR-2', 'POUR-3'];
    const { client, told } = await newcomer(...references);
    const pour = async (reference: string) => {
      for (let turn = 0; turn < 60; turn++) told.push(await tell(client, reference));
    };
    const pouring = references.map(pour);
    const made: [path: string, subscription: Subscription][] = [];
    for (const path of ['/pour-1', '/pour-2', '/pour-3', '/pour-4']) {
      made.push([path, await since(client, path)]);
      await tell(client, 'POUR-1').then((id) => told.push(id));
    }
    await Promise.all(pouring);
    for (const [path, { id, secret }] of made) {
      const pushes = await pushesAt(path, secret, told.length);
      const numbers = new Map(pushes.map(({ sequence, event }) => [sequence, event.id]));
      expect([...numbers.keys()].toSorted((a, b) => a - b)).toEqual(told.map((_, at) => at + 1));
      expect([...numbers.values()].toSorted()).toEqual(told.toSorted());
      expect(pushes).toHaveLength(told.length);
      const shown = bodyOf(await client.api.get(`/subscriptions/${id}`));
      expect(shown).toMatchObject({ state: 'active', lastSequence: told.length });
    }
  });

  it('under an Idempotency-Key is made once, and filled right behind the answer', async () => {
    const { client, told } = await newcomer('ONCE-1');
    const call = {
      token: client.token,
      body: { url: `${stand.receiver.url}/once`, since: always },
      headers: { 'idempotency-key': randomUUID() },
    };
    const ask = () => request<Subscription>(`${stand.url}/hub/v1/subscriptions`, call);
    const [first, second] = [await ask(), await ask()];
    const made = bodyOf(first, 201);
    expect(made.state).toBe('filling');
    expect([second.status, second.text]).toEqual([201, first.text]);
    const pushes = await pushesAt('/once', made.secret, 3);
    expect(pushes.map(({ event }) => event.id)).toEqual(told);
    const shown = bodyOf(await client.api.get(`/subscriptions/${made.id}`));
    expect(shown).toMatchObject({ state: 'active', lastSequence: 3 });
  });

  it('may be paused, resumed and replayed like any other', async () => {
    const { client, told } = await newcomer('LATER-1');
    const { id, secret } = await since(client, '/like-any');
    await pushesAt('/like-any', secret, 3);
    const done = () => listDeliveries(client, `subscription=${id}&state=delivered`);
    await expect.poll(done, { timeout: 90_000 }).toHaveLength(3);
    const patch = (state: string) => client.api.send('PATCH', `/subscriptions/${id}`, { state });
    bodyOf(await patch('paused'));
    const fresh = await tell(client, 'LATER-1');
    bodyOf(await patch('active'));
    await pushesAt('/like-any', secret, 4);
    const replayed = await client.api.send('POST', `/subscriptions/${id}/replay`, {});
    expect(bodyOf(replayed, 202)).not.toEqual({ replayed: 0 });
    const repeated = () =>
      arrivals(stand.receiver, '/like-any').filter(({ body }) =>
        body.toString().includes(told[0] ?? ''),
      );
    await stand.receiver.waitFor(() => repeated().length === 2);
    const all = arrivals(stand.receiver, '/like-any').map((push) => verified<Push>(push, secret));
    const numbers = new Map(all.map(({ sequence, event }) => [event.id, sequence]));
    expect([...told, fresh].map((event) => numbers.get(event))).toEqual([1, 2, 3, 4]);
  });

  it.each(['yesterday', '2026-01-01', '2026-01-01T00:00:00', 7])('refuses %j', async (wrong) => {
    const { client } = await newcomer();
    const body = { url: 'https://receiver.example', since: wrong };
    const refused = await client.api.send('POST', '/subscriptions', body);
    expectProblem(refused, problem(400, 'invalid-input', ['since']));
  });

  it('takes null for none', async () => {
    const { client } = await newcomer('NULL-1');
    const made = await since(client, '/null', { since: null });
    expect(made).toMatchObject({ state: 'active', lastSequence: 0 });
    expect(made).not.toHaveProperty('since');
  });
});

/** The past asked for in the words of two partners, whose bodies have no member for it. */
describe('a query with `since`', () => {
  const documents = [{ type: 'booking', reference: 'BKG-SINCE' }];
  const bookAndTell = async (reference: string) => {
    const client = await stand.joinAsClient('Subscriber');
    await book(client.api, { reference, freightFamily: 'Container', documents });
    const told: string[] = [];
    for (const type of ['gated-in', 'stuffed', 'shifted']) {
      told.push(await tell(client, reference, { type }));
    }
    return { client, told };
  };
  const url = (path: string) => `${stand.receiver.url}${path}`;

  /** The signing secret, and how many deliveries there are; the hub's API tells both. */
  async function known(client: Client, dialect: string) {
    const path = `/subscriptions?dialect=${dialect}`;
    const { items } = bodyOf(await client.api.get<{ items: Subscription[] }>(path));
    const [only, ...others] = items;
    if (only === undefined || others.length > 0) throw new Error(`${items.length} subscriptions`);
    const rotated = await client.api.send<Subscribed>(
      'POST',
      `/subscriptions/${only.id}/rotate-secret`,
    );
    return { ...only, secret: bodyOf(rotated).secret };
  }

  it('in SOGET’s tracking pushes the past first, and makes one tracking when sent twice', async () => {
    const { client } = await bookAndTell('CSQU3054383');
    const ask = (query: string) =>
      request(`${stand.url}${trackingPath}${query}`, {
        headers: proofsOf(client),
        body: { reference: 'CSQU3054383', url: url('/tracked') },
      });
    const query = `?since=${encodeURIComponent('1970-01-01T01:00:00+01:00')}`;
    const first = await ask(query);
    expect(first.status).toBe(201);
    for (const again of [query, '', '?since=2026-01-01T00:00:00Z']) {
      expect((await ask(again)).text).toBe(first.text);
    }
    const { lastSequence, state, since } = await known(client, 'soget');
    expect({ lastSequence, state, since }).toEqual({
      ...{ lastSequence: 3, state: 'active', since: '1970-01-01T00:00:00.000Z' },
    });
    await tell(client, 'CSQU3054383', { type: 'inspected' });
    const isLast = (text: string) => text.includes('"inspected"');
    const pushes = await arrivalsUntil(stand.receiver, '/tracked', isLast);
    const types = pushes.map(({ body }) => /"Type":"([^"]+)"/.exec(body.toString())?.[1]);
    expect(types).toEqual(['gated-in', 'stuffed', 'shifted', 'inspected']);
    const refused = await ask('?since=yesterday');
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'T001', subErrors: [{ field: 'since' }] });
  });

  it('at the terminal posts what it has a name for, numbered without gaps', async () => {
    const { client } = await bookAndTell('APZU4812090');
    const ask = (query: string) =>
      request<EventSubscription>(`${stand.url}/event-subscriptions${query}`, {
        headers: { 'x-api-key': client.apiKey },
        body: {
          callbackUrl: url('/posted'),
          bookingReference: 'BKG-SINCE',
          equipmentReference: 'APZU4812090',
        },
      });
    const made = bodyOf(await ask(`?since=${always}`), 201);
    expect(made).not.toHaveProperty('state');
    expect(bodyOf(await ask(`?since=${always}`), 201)).toEqual(made);
    expect(bodyOf(await ask(''), 201)).toEqual(made);
    const { id, secret, lastSequence } = await known(client, 'terminal');
    // Nobody at the terminal says that a container is stuffed.
    expect([id, lastSequence]).toEqual([made.subscriptionID, 2]);
    await tell(client, 'APZU4812090', { type: 'gated-out' });
    const posted = `/posted/api/v1/transportEvents`;
    await stand.receiver.waitFor(({ path }) => path === `${posted}/actualGateOut`);
    const pushes = stand.receiver.requests.filter(({ path }) => path.startsWith('/posted'));
    expect(pushes.map(({ path }) => path)).toEqual([
      `${posted}/actualGateIn`,
      `${posted}/shiftCell`,
      `${posted}/actualGateOut`,
    ]);
    const last = pushes[2];
    expect(last && verified(last, secret)).toMatchObject({ equipmentNumber: 'APZU4812090' });
    const refused = await ask('?since=2026-01-01');
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'invalid-input', errors: [{ field: 'since' }] });
  });
});
