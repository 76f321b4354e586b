/** More than a lane may hold: the rest waits in the table and comes in order, once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import {
  createDeliveryBench,
  type DeliveryBench,
  type PlainPush,
} from '../../test/support/delivery-bench.ts';
import { type Receiver, startReceiver } from '../../test/support/receiver.ts';

let store: TestDatabase;
let bench: DeliveryBench;
let receiver: Receiver;

beforeAll(async () => {
  store = await createTestDatabase();
  bench = createDeliveryBench(store.database);
  receiver = await startReceiver();
});
afterAll(async () => {
  await bench.close();
  await receiver.close();
  await store.drop();
});

test('5,000 deliveries arrive complete, in the order of each unit, exactly once', async () => {
  let queuedMost = 0;
  const settings = { laneWindowMax: 200, refillRowsMax: 300 };
  const engine = bench.engine({
    settings,
    onAttempt: () => {
      queuedMost = Math.max(queuedMost, engine.stats().queued);
    },
  });
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  const paused = await bench.seeds.subscription({ url: receiver.url });
  await bench.seeds.setState(paused.id, 'paused');
  for (let batch = 0; batch < 10; batch += 1) {
    const seeds = Array.from({ length: 500 }, (_, index) => ({
      subscription,
      unit: `MSKU60000${index % 40}`,
    }));
    // Rows that are held back lie between the others.
    const held = { subscription: paused, unit: 'MSKU600000', isHeld: true };
    engine.accept(await bench.seeds.record([held, ...seeds, held]));
  }
  await engine.idle();
  expect(receiver.requests.length).toBe(5_000);
  expect(queuedMost).toBeLessThanOrEqual(settings.laneWindowMax);
  const units = new Map<string, number[]>();
  for (const { body } of receiver.requests) {
    const { unit, sequence }: PlainPush = JSON.parse(body.toString());
    units.set(unit, [...(units.get(unit) ?? []), sequence]);
  }
  expect(units.size).toBe(40);
  for (const sequences of units.values()) {
    expect(sequences).toEqual([...sequences].sort((left, right) => left - right));
  }
  const [counts] = await store.database.query(
    `select (select count(*) from deliveries) as pending,
       (select count(*) from deliveries_done) as done, (select count(*) from attempts) as attempts`,
  );
  expect(counts).toEqual({ pending: 20, done: 5_000, attempts: 5_000 });
});
