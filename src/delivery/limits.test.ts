/** Limits that the owner of an address sets: a rate and a cap, kept by all processes together. */
import { expect, test } from 'vitest';
import { useDeliveryBench } from '../../test/support/delivery-bench.ts';
import { hang } from '../../test/support/receiver.ts';
import type { SeededSubscription } from '../../test/support/seed-deliveries.ts';
import type { DeliveryEngine } from './engine.ts';

const { store, bench } = useDeliveryBench();

const seedsOf = (subscription: SeededSubscription, count: number) =>
  Array.from({ length: count }, (_, index) => ({ subscription, unit: `MSKU90000${index}` }));

/** As the store's update does it: the endpoint's row, and a new version of the subscription. */
async function limit(
  { id, endpointId }: SeededSubscription,
  rate: number | null,
  sends: number | null = null,
): Promise<void> {
  await store.database.query(
    'update endpoints set rate_per_second = $2, sends_max = $3 where id = $1',
    [endpointId, rate, sends],
  );
  await store.database.query(
    'update subscriptions set updated_at = clock_timestamp() where id = $1',
    [id],
  );
}

/** Shows that nothing more is sent: another endpoint gets something that was recorded later. */
async function createElsewhere(engine: DeliveryEngine): Promise<() => Promise<void>> {
  const receiver = await bench.receive();
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  return async () => {
    engine.accept(await bench.seeds.record([{ subscription, unit: 'MSKU900000' }]));
    await receiver.next();
  };
}

test('a rate lets a second’s worth go at once, then no faster than it says', async () => {
  const receiver = await bench.receive();
  const engine = bench.engine();
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  // Slow enough that the time the test itself takes brings nothing.
  await limit(subscription, 0.01);
  const elsewhere = await createElsewhere(engine);
  engine.accept(await bench.seeds.record(seedsOf(subscription, 4)));
  for (const count of [1, 2, 3, 4]) {
    await receiver.next();
    await elsewhere();
    expect(receiver.requests.length).toBe(count);
    bench.clock.jump(60_000);
    await elsewhere();
    expect(receiver.requests.length).toBe(count);
    bench.clock.jump(41_000);
  }
  await engine.idle();
});

test('a rate is kept for what is sent, not for what could not be made', async () => {
  const receiver = await bench.receive();
  const engine = bench.engine();
  await engine.start();
  const broken = await bench.seeds.subscription({ url: receiver.url, dialect: 'broken' });
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  await limit(subscription, 0.01);
  engine.accept(await bench.seeds.record(seedsOf(broken, 5)));
  engine.accept(await bench.seeds.record(seedsOf(subscription, 1)));
  await receiver.next();
  await engine.idle();
});

test('a cap and a rate hold as soon as they are heard of, also for others at the address', async () => {
  const receiver = await bench.receive(hang);
  const engine = bench.engine({ settings: { drainMs: 1 } });
  await engine.start();
  const first = await bench.seeds.subscription({ url: receiver.url });
  const second = await bench.seeds.subscription({ url: receiver.url });
  expect(second.endpointId).toBe(first.endpointId);
  const elsewhere = await createElsewhere(engine);
  engine.accept(await bench.seeds.record(seedsOf(first, 2)));
  await receiver.next(2);
  await limit(second, null, 3);
  engine.subscriptionChanged(second.id);
  await elsewhere();
  engine.accept(await bench.seeds.record(seedsOf(second, 5)));
  await receiver.next(1);
  await elsewhere();
  expect(receiver.requests.length).toBe(3);
  await limit(second, null);
  engine.subscriptionChanged(second.id);
  await receiver.next(4);
});

test('processes divide them by their share of the buckets', async () => {
  const receiver = await bench.receive(hang);
  const engines = [1, 2].map(() => bench.engine({ settings: { drainMs: 1 } }));
  for (const engine of engines) await engine.start();
  while (engines.some((engine) => engine.stats().buckets !== 128)) {
    bench.clock.jump(3_000);
    await store.database.query('select count(*) from bucket_leases group by owner');
  }
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  await limit(subscription, null, 6);
  const handed = await bench.seeds.record(seedsOf(subscription, 60));
  for (const engine of engines) engine.accept(handed);
  await receiver.next(6);
  for (const engine of engines) {
    const elsewhere = await createElsewhere(engines[0] ?? engine);
    await elsewhere();
  }
  await bench.attempted(2);
  expect(engines.map((engine) => engine.stats().inFlight)).toEqual([3, 3]);
  expect(receiver.requests.length).toBe(6);
});
