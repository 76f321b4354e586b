/** Subscriptions of the hub's own API, their pushes, and what became of each delivery. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { bodyOf, book, type Client, type Page, record, subscribe } from '../support/client.ts';
import { type Delivery, deliveryOnce, listDeliveries, type Push } from '../support/hub-answers.ts';
import { answer, type ReceivedRequest, startReceiver } from '../support/receiver.ts';
import { arrivals, arrivalsUntil, useStand, verified } from '../support/stand.ts';

const stand = useStand();

const pushOf = (request: ReceivedRequest) => JSON.parse(request.body.toString()) as Push;

const hasEvent = (id: string) => (text: string) => text.includes(id);

let tellings = 0;

/** Registers an event of its own time, so that no two are the same; its id. */
function tell(member: Client, reference: string, more: object = {}): Promise<string> {
  tellings += 1;
  const occurredAt = new Date(Date.UTC(2026, 10, 1) + tellings * 60_000).toISOString();
  return record(member.api, { unit: { reference }, type: 'shifted', occurredAt, ...more });
}

async function newcomer(reference: string): Promise<Client> {
  const member = await stand.joinAsClient('Subscriber');
  await book(member.api, { reference, freightFamily: 'Container' });
  return member;
}

describe('a subscription', () => {
  it('is shown whole, its secret once', async () => {
    const member = await newcomer('SUB-1');
    const url = 'https://receiver.example/hook?a=b';
    const filter = {
      ...{ reference: 'SUB-1', spi: 'SUB0000000001', document: 'BKG-1' },
      ...{ types: ['gated-out'], classifier: 'actual', direction: 'import', way: 'out' },
      ...{ place: 'FRLEH', freightFamily: 'Container' },
    };
    const created = await member.api.send<{ id: string }>('POST', '/subscriptions', {
      url,
      filter,
    });
    const { id } = bodyOf(created, 201);
    const shown = {
      ...{ id, url, filter, organization: member.id, dialect: 'hub', state: 'active' },
      ...{ lastSequence: 0, createdAt: expect.any(String), updatedAt: expect.any(String) },
    };
    expect(created.body).toEqual({ ...shown, secret: expect.stringMatching(/^whsec_.{40,}$/) });
    expect(created.headers.get('cache-control')).toBe('no-store');
    expect((await member.api.get(`/subscriptions/${id}`)).body).toEqual(shown);
    const page = { items: [shown], nextCursor: null };
    expect((await member.api.get('/subscriptions')).body).toEqual(page);
    expect((await member.api.get('/subscriptions?dialect=soget')).body).toMatchObject({
      items: [],
    });
    expect((await stand.operator.get(`/subscriptions/${id}`)).body).toEqual(shown);
  });

  it.each([
    ['url', { url: 'ftp://receiver.example' }],
    ['url', { url: '/hook' }],
    ['url', { url: 'http://10.1.2.3/' }],
    ['url', { url: 'http://169.254.169.254/latest/meta-data' }],
    ['url', { url: 'http://[fd00::1]/' }],
    ['url', { url: 'http://0x0a.1/' }],
    ['url', { url: 'http://user:secret@receiver.example/' }],
    ['url', { url: `https://receiver.example/${'x'.repeat(2048)}` }],
    ['filter.types', { url: 'https://receiver.example', filter: { types: [] } }],
    ['filter.types.0', { url: 'https://receiver.example', filter: { types: ['painted'] } }],
    ['filter.freightFamily', { url: 'https://receiver.example', filter: { freightFamily: 'x' } }],
    ['filter.colour', { url: 'https://receiver.example', filter: { colour: 'red' } }],
    ['secret', { url: 'https://receiver.example', secret: 'mine' }],
  ])('is refused with a wrong %s: %j', async (path, body) => {
    const { operator } = stand;
    const organization = bodyOf(
      await operator.send<{ id: string }>('POST', '/organizations', { name: 'Refused' }),
      201,
    ).id;
    const refused = await operator.send('POST', '/subscriptions', { ...body, organization });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    expect(refused.body).toHaveProperty('errors.0.path', path);
  });

  it('gets gapless numbers, signed, with the event as the hub shows it', async () => {
    const member = await newcomer('GAPLESS-1');
    const url = `${stand.receiver.url}/gapless`;
    const { id, secret } = await subscribe(member.api, url, { types: ['shifted', 'loaded'] });
    const events: string[] = [];
    for (const type of ['shifted', 'arrived', 'loaded', 'departed', 'shifted']) {
      events.push(await tell(member, 'GAPLESS-1', { type }));
    }
    const wished = [0, 2, 4].map((at) => events[at] ?? '');
    const pushes = await arrivalsUntil(stand.receiver, '/gapless', hasEvent(wished[2] ?? ''));
    expect(pushes.map((push) => verified<Push>(push, secret).sequence)).toEqual([1, 2, 3]);
    for (const [at, push] of pushes.entries()) {
      const { body: event } = await member.api.get(`/events/${wished[at]}`);
      const unit = { id: expect.any(String), reference: 'GAPLESS-1', spi: null };
      expect(pushOf(push)).toEqual({ sequence: at + 1, event, unit });
    }
    expect(new Set(pushes.map((push) => push.headers['webhook-id'])).size).toBe(3);
    expect((await member.api.get(`/subscriptions/${id}`)).body).toMatchObject({ lastSequence: 3 });
  });

  it('holds its pushes back while paused and sends them in order afterwards', async () => {
    const member = await newcomer('PAUSE-1');
    const { id } = await subscribe(member.api, `${stand.receiver.url}/paused`);
    await subscribe(member.api, `${stand.receiver.url}/awake`);
    const patch = (change: object) => member.api.send('PATCH', `/subscriptions/${id}`, change);
    expect(bodyOf(await patch({ state: 'paused' }))).toMatchObject({ id, state: 'paused' });
    const events: string[] = [];
    for (let count = 0; count < 5; count += 1) events.push(await tell(member, 'PAUSE-1'));
    const last = events.at(-1) ?? '';
    await arrivalsUntil(stand.receiver, '/awake', hasEvent(last));
    expect(arrivals(stand.receiver, '/paused')).toEqual([]);
    expect(bodyOf(await patch({ state: 'active' }))).toMatchObject({ state: 'active' });
    const pushes = await arrivalsUntil(stand.receiver, '/paused', hasEvent(last));
    expect(pushes.map((push) => pushOf(push).event.id)).toEqual(events);
    expect(pushes.map((push) => pushOf(push).sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  it('can be sent elsewhere and wish for something else', async () => {
    const member = await newcomer('CHANGE-1');
    const { id, secret } = await subscribe(member.api, `${stand.receiver.url}/before`);
    const change = { url: `${stand.receiver.url}/after`, filter: { types: ['loaded'] } };
    const changed = await member.api.send('PATCH', `/subscriptions/${id}`, change);
    expect(bodyOf(changed)).toMatchObject(change);
    await tell(member, 'CHANGE-1', { type: 'arrived' });
    const event = await tell(member, 'CHANGE-1', { type: 'loaded' });
    const [push] = await arrivalsUntil(stand.receiver, '/after', () => true);
    if (push === undefined) throw new Error('unreachable');
    expect(verified<Push>(push, secret)).toMatchObject({ sequence: 1, event: { id: event } });
    expect(arrivals(stand.receiver, '/before')).toEqual([]);
    for (const wrong of [{}, { state: 'expired' }, { url: 'http://10.0.0.1' }, { id: 'other' }]) {
      const refused = await member.api.send('PATCH', `/subscriptions/${id}`, wrong);
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    }
  });

  it('is signed by two secrets after a rotation', async () => {
    const member = await newcomer('ROTATE-1');
    const { id, secret: old } = await subscribe(member.api, `${stand.receiver.url}/rotated`);
    const path = `/subscriptions/${id}/rotate-secret`;
    const rotated = await member.api.send<{ secret: string; previousSecretUntil: string }>(
      'POST',
      path,
    );
    expect(rotated.headers.get('cache-control')).toBe('no-store');
    const { secret, previousSecretUntil } = bodyOf(rotated);
    expect(secret).not.toBe(old);
    expect(Date.parse(previousSecretUntil)).toBeGreaterThan(Date.now());
    await tell(member, 'ROTATE-1');
    const [push] = await arrivalsUntil(stand.receiver, '/rotated', () => true);
    if (push === undefined) throw new Error('unreachable');
    expect(String(push.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect(verified<Push>(push, old)).toEqual(verified<Push>(push, secret));
    expect((await member.api.get(`/subscriptions/${id}`)).body).toMatchObject({
      previousSecretUntil,
    });
  });

  it('can be tried out, and tells how it went', async () => {
    const member = await newcomer('PING-1');
    const { id, secret } = await subscribe(member.api, `${stand.receiver.url}/pinged`);
    const ping = () => member.api.send('POST', `/subscriptions/${id}/ping`);
    expect(bodyOf(await ping())).toMatchObject({ outcome: 'delivered', status: 204 });
    const [push] = arrivals(stand.receiver, '/pinged');
    if (push === undefined) throw new Error('the ping did not arrive');
    expect(verified(push, secret)).toMatchObject({ type: 'ping', subscription: id });
    stand.receiver.script(answer({ status: 500, body: 'out of order' }));
    expect(bodyOf(await ping())).toMatchObject({
      ...{ outcome: 'refused', status: 500, response: 'out of order' },
    });
    const closed = await startReceiver();
    await closed.close();
    bodyOf(await member.api.send('PATCH', `/subscriptions/${id}`, { url: `${closed.url}/` }));
    expect(bodyOf(await ping())).toMatchObject({ outcome: 'failed', stage: 'connect' });
    // Outside the sequence: the first event is number 1.
    expect((await member.api.get(`/subscriptions/${id}`)).body).toMatchObject({ lastSequence: 0 });
  });

  it('is gone when it is deleted, with what was still to be sent', async () => {
    const member = await newcomer('DELETE-1');
    const { id } = await subscribe(member.api, `${stand.receiver.url}/deleted`);
    await subscribe(member.api, `${stand.receiver.url}/undeleted`);
    bodyOf(await member.api.send('PATCH', `/subscriptions/${id}`, { state: 'paused' }));
    await tell(member, 'DELETE-1');
    expect((await member.api.send('DELETE', `/subscriptions/${id}`)).status).toBe(204);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/ping'],
      ['POST', '/rotate-secret'],
      ['POST', '/replay'],
    ] as const) {
      const gone = await member.api.send(method, `/subscriptions/${id}${path}`);
      expect(gone).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
    const last = await tell(member, 'DELETE-1');
    await arrivalsUntil(stand.receiver, '/undeleted', hasEvent(last));
    expect(arrivals(stand.receiver, '/deleted')).toEqual([]);
    const [kept] = await listDeliveries(member, `subscription=${id}`);
    expect(kept).toMatchObject({ state: 'cancelled', sequence: 1 });
    expect((await member.api.send('POST', `/deliveries/${kept?.id}/replay`)).status).toBe(409);
  });
});

describe('a delivery', () => {
  it('is tried again with the same id and bytes; what follows it waits, other units do not', async () => {
    const member = await newcomer('RETRY-1');
    await book(member.api, { reference: 'RETRY-2', freightFamily: 'Container' });
    let refusals = 1;
    const receiver = await startReceiver((_request: ReceivedRequest, response: ServerResponse) => {
      refusals -= 1;
      response.writeHead(refusals >= 0 ? 400 : 200, { 'content-type': 'text/plain' });
      response.end(refusals >= 0 ? 'no room' : 'thanks');
    });
    try {
      const { id, secret } = await subscribe(member.api, receiver.url);
      const first = await tell(member, 'RETRY-1');
      await receiver.next();
      const second = await tell(member, 'RETRY-1');
      const other = await tell(member, 'RETRY-2');
      await receiver.waitFor((request) => pushOf(request).event.id === second);
      const pushes = receiver.requests;
      expect(pushes.map((push) => pushOf(push).event.id)).toEqual([first, other, first, second]);
      expect(pushes.map((push) => verified<Push>(push, secret).sequence)).toEqual([1, 3, 1, 2]);
      const [refused, , repeated] = pushes;
      expect(repeated?.headers['webhook-id']).toBe(refused?.headers['webhook-id']);
      expect(repeated?.body.equals(refused?.body ?? Buffer.alloc(0))).toBe(true);
      const delivery = await deliveryOnce(member, String(refused?.headers['webhook-id']), {
        state: 'delivered',
      });
      expect(delivery).toEqual({
        ...{ id: refused?.headers['webhook-id'], subscription: id, sequence: 1, event: first },
        ...{ unit: expect.any(String), state: 'delivered', attemptCount: 2 },
        finishedAt: expect.any(String),
        attempts: [
          { number: 1, outcome: 'refused', status: 400, response: 'no room' },
          { number: 2, outcome: 'delivered', status: 200, response: 'thanks' },
        ].map((attempt) => ({
          ...attempt,
          ...{ at: expect.any(String), durationMs: expect.any(Number) },
        })),
      });
    } finally {
      await receiver.close();
    }
  });

  it('waits as long as Retry-After says', async () => {
    const member = await newcomer('AFTER-1');
    const receiver = await startReceiver();
    try {
      receiver.script(answer({ status: 429, headers: { 'retry-after': '3600' } }));
      await subscribe(member.api, receiver.url);
      await tell(member, 'AFTER-1');
      const [push] = await receiver.next();
      const id = String(push?.headers['webhook-id']);
      const { dueAt = '', attempts } = (await deliveryOnce(member, id, {
        attemptCount: 1,
      })) as Delivery & { dueAt?: string };
      expect(attempts).toMatchObject([{ status: 429, outcome: 'refused' }]);
      expect(Date.parse(dueAt) - Date.now()).toBeGreaterThan(3_500_000);
      expect(await listDeliveries(member, 'state=pending')).toMatchObject([{ id }]);
    } finally {
      await receiver.close();
    }
  });

  it('that is answered 410 ends the subscription’s pushes until it is taken up again', async () => {
    const member = await newcomer('GONE-1');
    const { id } = await subscribe(member.api, `${stand.receiver.url}/gone`);
    await subscribe(member.api, `${stand.receiver.url}/not-gone`);
    bodyOf(await member.api.send('PATCH', `/subscriptions/${id}`, { state: 'paused' }));
    const events = [await tell(member, 'GONE-1')];
    await arrivalsUntil(stand.receiver, '/not-gone', hasEvent(events[0] ?? ''));
    stand.receiver.script(answer({ status: 410 }));
    bodyOf(await member.api.send('PATCH', `/subscriptions/${id}`, { state: 'active' }));
    const state = async () => (await member.api.get(`/subscriptions/${id}`)).body;
    await expect.poll(state, { timeout: 90_000 }).toMatchObject({
      state: 'disabled',
      stateReason: expect.any(String),
    });
    events.push(await tell(member, 'GONE-1'));
    await arrivalsUntil(stand.receiver, '/not-gone', hasEvent(events[1] ?? ''));
    expect(arrivals(stand.receiver, '/gone')).toHaveLength(1);
    bodyOf(await member.api.send('PATCH', `/subscriptions/${id}`, { state: 'active' }));
    const pushes = await arrivalsUntil(stand.receiver, '/gone', hasEvent(events[1] ?? ''));
    expect(pushes.map((push) => pushOf(push).sequence)).toEqual([1, 1, 2]);
  });

  it('does not follow redirects', async () => {
    const member = await newcomer('REDIRECT-1');
    await subscribe(member.api, `${stand.receiver.url}/redirected`);
    const location = `${stand.receiver.url}/elsewhere`;
    stand.receiver.script(answer({ status: 307, headers: { location } }));
    await tell(member, 'REDIRECT-1');
    const [push] = await arrivalsUntil(stand.receiver, '/redirected', () => true);
    const { attempts } = await deliveryOnce(member, String(push?.headers['webhook-id']), {
      ...{ attemptCount: 1, state: 'pending' },
    });
    expect(attempts).toMatchObject([{ status: 307, outcome: 'refused' }]);
    expect(arrivals(stand.receiver, '/elsewhere')).toEqual([]);
  });

  it('is listed by subscription, unit and state, page by page', async () => {
    const member = await newcomer('LIST-1');
    const unit = await book(member.api, {
      ...{ reference: 'LIST-2', spi: 'LIS0000000002', freightFamily: 'Container' },
    });
    const { id } = await subscribe(member.api, `${stand.receiver.url}/listed`);
    await tell(member, 'LIST-1');
    for (let count = 0; count < 4; count += 1) await tell(member, 'LIST-2');
    await expect.poll(() => listDeliveries(member, 'state=delivered')).toHaveLength(5);
    expect(await listDeliveries(member, `subscription=${id}&state=pending`)).toEqual([]);
    for (const named of [unit, 'LIST-2', 'LIS0000000002']) {
      const found = await listDeliveries(member, `subscription=${id}&unit=${named}`);
      expect(found.map(({ sequence }) => sequence).sort()).toEqual([2, 3, 4, 5]);
    }
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = bodyOf(await member.api.get<Page<Delivery>>(`/deliveries?limit=2${cursor}`));
      seen.push(...page.items.map((item) => item.id));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    expect(await listDeliveries(member, `subscription=${randomUUID()}`)).toEqual([]);
  });
});

describe('a replay', () => {
  const countAt = (path: string) => arrivals(stand.receiver, path).length;
  /** Resolves when so many pushes in all have come to the path. */
  const untilCount = (path: string, count: number) =>
    arrivalsUntil(stand.receiver, path, () => countAt(path) >= count);

  it('of one delivery sends the same bytes under the same id', async () => {
    const member = await newcomer('REPLAY-1');
    const { secret } = await subscribe(member.api, `${stand.receiver.url}/replayed`);
    await tell(member, 'REPLAY-1');
    const [first] = await untilCount('/replayed', 1);
    const id = String(first?.headers['webhook-id']);
    await deliveryOnce(member, id, { state: 'delivered' });
    const replayed = await member.api.send('POST', `/deliveries/${id}/replay`);
    expect([replayed.status, replayed.body]).toEqual([202, { replayed: 1 }]);
    const [, second] = await untilCount('/replayed', 2);
    if (second === undefined) throw new Error('unreachable');
    expect(second.headers['webhook-id']).toBe(id);
    expect(second.body.toString()).toBe(first?.body.toString());
    expect(verified<Push>(second, secret).sequence).toBe(1);
    const delivery = await deliveryOnce(member, id, { state: 'delivered' });
    expect(delivery.attempts.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('by times sends that part of the sequence again, or all of it', async () => {
    const member = await newcomer('RANGE-1');
    const { id } = await subscribe(member.api, `${stand.receiver.url}/range`);
    const path = `/subscriptions/${id}/replay`;
    const times: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const event = await tell(member, 'RANGE-1');
      const { body } = await member.api.get<{ recordedAt: string }>(`/events/${event}`);
      times.push(body.recordedAt);
      // The clock of the hub counts milliseconds: the next event must fall into another one.
      await expect
        .poll(() => Date.now(), { interval: 1 })
        .toBeGreaterThan(Date.parse(body.recordedAt));
    }
    const delivered = () => listDeliveries(member, `subscription=${id}&state=delivered`);
    const sequences = (from: number) =>
      arrivals(stand.receiver, '/range')
        .slice(from)
        .map((push) => pushOf(push).sequence);
    await expect.poll(delivered).toHaveLength(4);
    const part = await member.api.send('POST', path, { from: times[1], to: times[3] });
    expect([part.status, part.body]).toEqual([202, { replayed: 2 }]);
    await untilCount('/range', 6);
    expect(sequences(4)).toEqual([2, 3]);
    await expect.poll(delivered).toHaveLength(4);
    expect((await member.api.send('POST', path)).body).toEqual({ replayed: 4 });
    await untilCount('/range', 10);
    expect(sequences(6)).toEqual([1, 2, 3, 4]);
    const ids = arrivals(stand.receiver, '/range').map((push) => push.headers['webhook-id']);
    expect(new Set(ids).size).toBe(4);
    await expect.poll(delivered).toHaveLength(4);
    expect((await member.api.send('POST', path, { from: 2, to: 3 })).body).toEqual({ replayed: 2 });
    await untilCount('/range', 12);
    expect(sequences(10)).toEqual([2, 3]);
    const mixed = await member.api.send('POST', path, { from: 1, to: times[3] });
    expect(mixed.body).toMatchObject({ status: 400, errors: [{ path: 'to' }] });
    const wrong = await member.api.send('POST', path, { from: 'then' });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: 'from' }] } });
  });
});
