// Limits of an address and notices: whose they are, who shows them, and what a change of them tells.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../../test/support/store.ts';
import { createGuard } from '../../delivery/guard/index.ts';
import { createSecrets } from '../../delivery/secrets.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { NewSubscription } from '../../dialects/hub-port.ts';
import { createSealer } from '../../lib/seal.ts';
import { loadForSending } from '../deliveries/sending.ts';
import { createSubscriptions } from './index.ts';

let bench: StoreBench;
let subscriptions: ReturnType<typeof createSubscriptions>;
let us: Principal;
const changed: string[] = [];

beforeAll(async () => {
  bench = await createStoreBench();
  const secrets = createSecrets({ sealer: createSealer(randomBytes(32)) });
  const { checkUrl } = createGuard({ allow: [] });
  const onChange = (id: string) => void changed.push(id);
  subscriptions = createSubscriptions({ ...bench, secrets, checkUrl, onChange });
  us = memberOf(await bench.organization());
});
afterAll(() => bench.drop());

async function create(given: Partial<NewSubscription>, principal = us): Promise<string> {
  const url = 'https://limits.example.com/in';
  const wish = { dialect: 'hub', url, filter: {}, ...given };
  return (await subscriptions.create(principal, wish)).subscription.id;
}

async function limitsOf(id: string, principal = us) {
  const found = await subscriptions.get(principal, id);
  const [row] = await loadForSending(bench.database, [id]);
  expect(row).toMatchObject({
    ratePerSecond: found?.ratePerSecond ?? null,
    sendsMax: found?.concurrency ?? null,
  });
  return [found?.ratePerSecond, found?.concurrency];
}

describe('limits', () => {
  it('are those of the address, for every subscription of its owner, and for nobody else', async () => {
    const first = await create({ ratePerSecond: 0.5, concurrency: 2 });
    const second = await create({});
    const elsewhere = await create({ url: 'https://limits.example.com/other' });
    const them = memberOf(await bench.organization());
    const theirs = await create({}, them);
    expect(await limitsOf(first)).toEqual([0.5, 2]);
    expect(await limitsOf(second)).toEqual([0.5, 2]);
    expect(await limitsOf(elsewhere)).toEqual([undefined, undefined]);
    expect(await limitsOf(theirs, them)).toEqual([undefined, undefined]);
    await subscriptions.update(us, second, { ratePerSecond: 40 });
    expect(await limitsOf(first)).toEqual([40, 2]);
    await subscriptions.update(us, second, { ratePerSecond: null, concurrency: null });
    expect(await limitsOf(first)).toEqual([undefined, undefined]);
  });

  it('change the version of the subscription, by which processes notice', async () => {
    const id = await create({ url: 'https://limits.example.com/version' });
    const versionOf = async () => (await loadForSending(bench.database, [id]))[0]?.version ?? 0;
    const before = await versionOf();
    await subscriptions.update(us, id, { concurrency: 1 });
    expect(await versionOf()).toBeGreaterThan(before);
    expect(changed.at(-1)).toBe(id);
  });

  it('given together with a new address are meant for that one', async () => {
    const id = await create({ url: 'https://limits.example.com/from', concurrency: 3 });
    const stays = await create({ url: 'https://limits.example.com/from' });
    const url = 'https://limits.example.com/to';
    await subscriptions.update(us, id, { url, ratePerSecond: 7 });
    expect(await limitsOf(id)).toEqual([7, undefined]);
    expect(await limitsOf(stays)).toEqual([undefined, 3]);
  });
});

it('notices are wished for and given up', async () => {
  const id = await create({ notices: true });
  expect((await subscriptions.get(us, id))?.notices).toBe(true);
  await subscriptions.update(us, id, { notices: false });
  expect((await subscriptions.get(us, id))?.notices).toBeUndefined();
  await subscriptions.update(us, id, { concurrency: 4 });
  expect((await subscriptions.get(us, id))?.notices).toBeUndefined();
});

describe('a subscription that fails', () => {
  const failFor = (id: string) =>
    bench.database.query(
      `insert into subscription_failures values ($1, now() - interval '2 days', now())`,
      [id],
    );
  const failingOf = async (id: string) => (await subscriptions.get(us, id))?.failingSinceMs;

  it('shows since when, and when it was warned', async () => {
    const id = await create({});
    expect(await subscriptions.get(us, id)).not.toHaveProperty('failingSinceMs');
    await failFor(id);
    expect(await subscriptions.get(us, id)).toMatchObject({
      failingSinceMs: expect.any(Number),
      warnedAtMs: expect.any(Number),
    });
  });

  it.each<[string, Parameters<typeof subscriptions.update>[2]]>([
    ['taken up again', { state: 'active' }],
    ['sent elsewhere', { url: 'https://limits.example.com/elsewhere' }],
  ])('begins anew when it is %s', async (_how, change) => {
    const id = await create({});
    await failFor(id);
    await subscriptions.update(us, id, { concurrency: 5 });
    expect(await failingOf(id)).toBeDefined();
    await subscriptions.update(us, id, change);
    expect(await failingOf(id)).toBeUndefined();
  });

  it('leaves nothing behind when it is deleted', async () => {
    const id = await create({});
    await failFor(id);
    await subscriptions.remove(us, id);
    const rows = await bench.database.query(
      'select from subscription_failures where subscription_id = $1',
      [id],
    );
    expect(rows).toEqual([]);
  });
});
