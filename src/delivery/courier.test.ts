/** What one process records for buckets of another: told at once, in few messages. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { createDeliveryBench, type DeliveryBench } from '../../test/support/delivery-bench.ts';
import { Courier, readMessage } from './courier.ts';
import type { DeliveryEngine } from './engine.ts';
import { defaultDeliverySettings } from './settings.ts';

describe('messages', () => {
  const sent: string[] = [];
  let runs: (() => void)[] = [];
  let release: (() => void)[] = [];
  const timers = { set: (run: () => void) => runs.push(run), clear: () => undefined };
  /** Fires what is set by now. */
  const fire = () => {
    const now = runs;
    runs = [];
    for (const run of now) run();
  };
  const send = (message: string) => {
    sent.push(message);
    return new Promise<void>((resolve) => release.push(resolve));
  };
  const arrive = async () => {
    for (const resolve of release.splice(0)) resolve();
    // Behind the continuation of the sending.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const logger = { warn: () => undefined };
  const settings = defaultDeliverySettings;

  beforeEach(() => {
    sent.length = 0;
    runs = [];
    release = [];
  });

  test('gather while one is under way; each endpoint comes once with its newest position', async () => {
    const courier = new Courier({ processId: 'me', send, timers, settings, logger });
    courier.tell('a', 1);
    courier.tell('a', 2);
    fire();
    expect(sent).toEqual(['me a:2']);
    for (let position = 3; position < 500; position += 1) courier.tell('a', position);
    courier.tell('b', 7);
    fire();
    expect(sent.length).toBe(1);
    await arrive();
    fire();
    fire();
    expect(sent).toEqual(['me a:2', 'me a:499,b:7']);
    await arrive();
    fire();
    expect(runs).toEqual([]);
  });

  test('of too many endpoints say only that there is something, and stay small', () => {
    const courier = new Courier({ processId: randomUUID(), send, timers, settings, logger });
    for (let count = 0; count < 100; count += 1) courier.tell(randomUUID(), 2 ** 53);
    fire();
    expect(sent[0]?.length).toBeLessThan(8_000);
    const other = new Courier({ processId: 'me', send, timers, settings, logger });
    for (let count = 0; count < 101; count += 1) other.tell(`e${count}`, 1);
    other.tell('more', 1);
    fire();
    expect(sent[1]).toBe('me *');
  });

  test('are read by the others and not by ourselves', () => {
    expect(readMessage('me a:2,b:7', 'me')).toBeUndefined();
    expect(readMessage('me a:2,b:7', 'you')).toEqual({
      endpoints: [
        { endpointId: 'a', position: 2 },
        { endpointId: 'b', position: 7 },
      ],
    });
    expect(readMessage('me *', 'you')).toEqual({ endpoints: undefined });
  });
});

describe('between engines', () => {
  let store: TestDatabase;
  let bench: DeliveryBench;
  /** Nobody comes upon anything by searching. */
  const never = { sweepPauseMsMin: 1e9, sweepPauseMsMax: 1e9, subscriptionsEveryMs: 1e9 };

  beforeAll(async () => {
    store = await createTestDatabase();
  });
  afterAll(() => store.drop());
  beforeEach(() => {
    bench = createDeliveryBench(store.database);
  });
  afterEach(() => bench.close());

  async function sharing(): Promise<[DeliveryEngine, DeliveryEngine]> {
    const engines = [bench.engine({ settings: never }), bench.engine({ settings: never })] as const;
    for (const engine of engines) await engine.start();
    while (engines.some((engine) => engine.stats().buckets !== 128)) {
      bench.clock.jump(3_000);
      await store.database.query('select count(*) from bucket_leases group by owner');
    }
    return [...engines];
  }

  const seedsOf = (subscription: Awaited<ReturnType<DeliveryBench['seeds']['subscription']>>) =>
    Array.from({ length: 40 }, (_, index) => ({ subscription, unit: `MSKU81000${index}` }));

  test('deliveries recorded by either reach the one that sends them, without a search', async () => {
    const receiver = await bench.receive();
    const [first, second] = await sharing();
    const subscription = await bench.seeds.subscription({ url: receiver.url });
    first.accept(await bench.seeds.record(seedsOf(subscription)));
    await receiver.next(40);
    second.accept(await bench.seeds.record(seedsOf(subscription)));
    await receiver.next(40);
    expect(first.stats().buckets + second.stats().buckets).toBe(256);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(80);
  });

  test('a process that only takes requests in tells the one that sends', async () => {
    const receiver = await bench.receive();
    const sending = bench.engine({ settings: never });
    await sending.start();
    const door = bench.engine({ settings: never });
    const subscription = await bench.seeds.subscription({ url: receiver.url });
    door.accept(await bench.seeds.record(seedsOf(subscription)));
    await receiver.next(40);
    // A change of a subscription is told too.
    await bench.seeds.setState(subscription.id, 'paused');
    await bench.seeds.record(seedsOf(subscription).map((seed) => ({ ...seed, isHeld: true })));
    await bench.seeds.setState(subscription.id, 'active');
    door.subscriptionChanged(subscription.id);
    await receiver.next(40);
    await sending.idle();
    expect(receiver.requests.length).toBe(80);
  });
});
