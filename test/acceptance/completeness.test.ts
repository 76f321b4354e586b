/** How a receiver proves that it has everything, how fast it may come, and who hears of trouble. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { bodyOf, book, record, type Subscribed, subscribe } from '../support/client.ts';
import { answer } from '../support/receiver.ts';
import { arrivals, arrivalsUntil, useStand, verified } from '../support/stand.ts';

const stand = useStand();

interface Digest {
  readonly subscription: string;
  readonly asOf: string;
  readonly lastSequence: number;
  readonly hours: readonly { hour: string; count: number; waiting: number; sha256: string }[];
}

let tellings = 0;

async function newcomer(reference: string) {
  const member = await stand.joinAsClient('Complete');
  await book(member.api, { reference, freightFamily: 'Container' });
  const tell = () => {
    tellings += 1;
    const occurredAt = new Date(Date.UTC(2026, 9, 1) + tellings * 60_000).toISOString();
    return record(member.api, { unit: { reference }, type: 'shifted', occurredAt });
  };
  return { ...member, tell };
}

/** The hour of a webhook-id, as the documentation tells receivers to read it. */
function hourOf(id: string): string {
  const epochMs = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  return `${new Date(epochMs).toISOString().slice(0, 13)}:00:00Z`;
}

function ownHours(ids: readonly string[]) {
  const hours = new Set(ids.map(hourOf));
  return [...hours].sort().map((hour) => {
    const some = ids.filter((id) => hourOf(id) === hour).sort();
    const text = some.map((id) => `${id}\n`).join('');
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { hour, count: some.length, sha256 };
  });
}

describe('the digest of a subscription', () => {
  it('is what its receiver makes of the webhook-ids, also while it is paused', async () => {
    const member = await newcomer('DIGEST-1');
    const url = `${stand.receiver.url}/digest`;
    const { id } = await subscribe(member.api, url);
    const read = async (query = '') =>
      bodyOf(await member.api.get<Digest>(`/subscriptions/${id}/digest${query}`));
    expect(await read()).toMatchObject({ subscription: id, lastSequence: 0, hours: [] });
    let last = '';
    for (let count = 0; count < 5; count += 1) last = await member.tell();
    await arrivalsUntil(stand.receiver, '/digest', (text) => text.includes(last));
    const ids = () =>
      arrivals(stand.receiver, '/digest').map((push) => String(push.headers['webhook-id']));
    const withoutWaiting = ({ hours }: Digest) => hours.map(({ waiting: _, ...hour }) => hour);
    expect(withoutWaiting(await read())).toEqual(ownHours(ids()));
    bodyOf(await member.api.send('PATCH', `/subscriptions/${id}`, { state: 'paused' }));
    last = await member.tell();
    const digest = await read();
    expect(digest.lastSequence).toBe(6);
    expect(withoutWaiting(digest)).not.toEqual(ownHours(ids()));
    expect(digest.hours.reduce((sum, hour) => sum + hour.waiting, 0)).toBeGreaterThan(0);
    bodyOf(await member.api.send('PATCH', `/subscriptions/${id}`, { state: 'active' }));
    await arrivalsUntil(stand.receiver, '/digest', (text) => text.includes(last));
    expect(withoutWaiting(await read())).toEqual(ownHours(ids()));
    expect((await read('?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z')).hours).toEqual([]);
  });

  it.each([
    ['from', '?from=then'],
    ['from', '?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z'],
    ['to', '?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'],
  ])('is refused with a wrong %s: %s', async (path, query) => {
    const member = await newcomer('DIGEST-2');
    const { id } = await subscribe(member.api, 'https://receiver.example');
    const refused = await member.api.get(`/subscriptions/${id}/digest${query}`);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });
});

describe('limits of an address', () => {
  it('are shown by all its subscriptions, changed by any, and taken away by null', async () => {
    const member = await newcomer('LIMITS-1');
    const url = 'https://receiver.example/limits';
    const body = { url, ratePerSecond: 0.5, concurrency: 2, notices: true };
    const made = bodyOf(await member.api.send<{ id: string }>('POST', '/subscriptions', body), 201);
    expect(made).toMatchObject(body);
    const other = await subscribe(member.api, url);
    const path = `/subscriptions/${other.id}`;
    const shown = async () => bodyOf(await member.api.get(path));
    expect(await shown()).toMatchObject({ ratePerSecond: 0.5, concurrency: 2 });
    bodyOf(await member.api.send('PATCH', path, { ratePerSecond: null, concurrency: 4 }));
    expect(await shown()).toMatchObject({ concurrency: 4 });
    expect(await shown()).not.toHaveProperty('ratePerSecond');
    for (const [name, wrong] of [
      ...[0, -1, 1e6, 1e-300].map((rate) => ['ratePerSecond', rate] as const),
      ...[0, 33, 1.5].map((many) => ['concurrency', many] as const),
    ]) {
      const refused = await member.api.send('PATCH', path, { [name]: wrong });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: name }] } });
    }
  });

  it('hold: never more open at once than allowed', async () => {
    const member = await stand.joinAsClient('Narrow');
    const references = Array.from({ length: 12 }, (_, at) => `NARROW-${at}`);
    for (const reference of references) {
      await book(member.api, { reference, freightFamily: 'Container' });
    }
    let open = 0;
    let most = 0;
    stand.receiver.script(
      ...references.map(() => (_request: unknown, response: ServerResponse) => {
        open += 1;
        most = Math.max(most, open);
        setTimeout(() => {
          open -= 1;
          response.writeHead(204).end();
        }, 5);
      }),
    );
    const body = { url: `${stand.receiver.url}/narrow`, concurrency: 2 };
    bodyOf(await member.api.send('POST', '/subscriptions', body), 201);
    const occurredAt = '2026-11-01T00:00:00Z';
    const events = references.map((reference) => ({
      ...{ unit: { reference }, type: 'shifted', occurredAt },
    }));
    bodyOf(await member.api.send('POST', '/events', events), 201);
    const count = () => arrivals(stand.receiver, '/narrow').length;
    await arrivalsUntil(stand.receiver, '/narrow', () => count() === references.length);
    expect(most).toBeLessThanOrEqual(2);
    expect(most).toBeGreaterThan(0);
  });
});

describe('notices', () => {
  it('tell the subscriptions that wish for them of one that was answered 410', async () => {
    const member = await newcomer('NOTICE-1');
    const silent = await subscribe(member.api, `${stand.receiver.url}/silent`, { types: ['lost'] });
    const wish = {
      url: `${stand.receiver.url}/notices`,
      filter: { types: ['lost'] },
      notices: true,
    };
    const made = await member.api.send<Subscribed>('POST', '/subscriptions', wish);
    const listener = bodyOf(made, 201);
    const { id } = await subscribe(member.api, `${stand.receiver.url}/ended`);
    stand.receiver.script(answer({ status: 410 }));
    await member.tell();
    const [push] = await arrivalsUntil(stand.receiver, '/notices', () => true);
    if (push === undefined) throw new Error('unreachable');
    expect(verified(push, listener.secret)).toEqual({
      sequence: 1,
      notice: {
        ...{ type: 'subscription.disabled', reason: 'gone', at: expect.any(String) },
        subscription: { id, dialect: 'hub' },
      },
    });
    expect(bodyOf(await member.api.get(`/subscriptions/${id}`))).toMatchObject({
      ...{ state: 'disabled', stateReason: 'gone' },
    });
    // What it refused waits, and comes when it is taken up again.
    const resumed = await member.api.send('PATCH', `/subscriptions/${id}`, { state: 'active' });
    expect(bodyOf(resumed)).toMatchObject({ state: 'active' });
    await arrivalsUntil(
      stand.receiver,
      '/ended',
      () => arrivals(stand.receiver, '/ended').length > 1,
    );
    expect(arrivals(stand.receiver, '/silent')).toEqual([]);
    const digest = await member.api.get<Digest>(`/subscriptions/${listener.id}/digest`);
    expect(digest.body).toMatchObject({ lastSequence: 1, hours: [{ count: 1 }] });
    expect((await member.api.get(`/subscriptions/${silent.id}`)).body).toMatchObject({
      lastSequence: 0,
    });
  });
});
