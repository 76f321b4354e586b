// The same request sent again, one after the other and all at once, means one subscription.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { NewSubscription } from '../../dialects/hub-port.ts';
import { createSubscriptions } from './index.ts';

let bench: StoreBench;
let subscriptions: ReturnType<typeof createSubscriptions>;
let us: Principal;
let changes: string[] = [];

beforeAll(async () => {
  bench = await createStoreBench();
  subscriptions = createSubscriptions({
    ...bench,
    secrets: { issue: (id) => ({ secret: 'whsec_', sealed: `sealed for ${id}` }) },
    checkUrl: (url) => ({ ok: true, url: new URL(url) }),
    onChange: (id) => void changes.push(id),
  });
  us = memberOf(await bench.organization());
});
beforeEach(() => {
  changes = [];
});
afterAll(() => bench.drop());

let serial = 0;
const newUrl = () => `https://hook-${++serial}.example.com/in?a=b`;
const create = (given: Partial<NewSubscription> = {}, principal = us) =>
  subscriptions.create(principal, { dialect: 'hub', url: newUrl(), filter: {}, ...given });

describe('the same request', () => {
  it('finds the live one, without its secret', async () => {
    const given = { sameAs: 'same 1', url: newUrl() };
    const first = await create(given);
    const again = await create({ ...given, url: newUrl() });
    expect(again).toEqual({ subscription: first.subscription, created: false });
    expect(changes).toEqual([first.subscription.id]);
  });

  it('is not the same in another dialect or for another organization', async () => {
    const given = { sameAs: 'same 2' };
    await create(given);
    expect((await create({ ...given, dialect: 'other' })).created).toBe(true);
    const other = memberOf(await bench.organization());
    expect((await create(given, other)).created).toBe(true);
  });

  it('sent many times at once creates one', async () => {
    const given = { sameAs: 'same 3', externalId: { prefix: 'TRK', digits: 10 }, url: newUrl() };
    const made = await Promise.all(Array.from({ length: 12 }, () => create(given)));
    expect(made.filter((one) => one.created)).toHaveLength(1);
    expect(made.filter((one) => one.secret !== undefined)).toHaveLength(1);
    expect(new Set(made.map((one) => one.subscription.externalId)).size).toBe(1);
  });

  it('sent at once within larger transactions creates one, and all of them commit', async () => {
    const given = { sameAs: 'same 4', url: newUrl() };
    const made = await Promise.all(
      Array.from({ length: 4 }, () => bench.database.transaction(() => create(given))),
    );
    expect(made.filter((one) => one.created)).toHaveLength(1);
  });

  it('creates a new one once the first is deleted, expired or changed', async () => {
    const given = { sameAs: 'same 5' };
    const first = (await create(given)).subscription.id;
    await subscriptions.remove(us, first);
    const second = await create({ ...given, expiresAtMs: bench.clock.nowMs + 1000 });
    expect(second.created).toBe(true);
    expect((await create(given)).created).toBe(false);
    bench.clock.nowMs += 1000;
    const third = await create(given);
    expect(third.created).toBe(true);
    expect((await subscriptions.get(us, second.subscription.id))?.state).toBe('expired');
    await subscriptions.update(us, third.subscription.id, { url: newUrl() });
    expect((await create(given)).created).toBe(true);
  });
});
