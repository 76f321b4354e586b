/** More than a lane may hold: the rest waits in the table and comes in order, once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import {
  createDeliveryBench,
  type DeliveryBench,
  type PlainPush,
} from '../../test/support/delivery-bench.ts';
import { hang, type Receiver, startReceiver } from '../../test/support/receiver.ts';

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
  await engine.stop();
});

test('lanes together hold no more than their bounds, however many wait and however few are sent', async () => {
  const settings = {
    ...{ queuedMax: 100, laneWindowMax: 40, laneWindowMin: 4, refillsMax: 2, laneSendsMax: 2 },
    ...{ drainMs: 1, breakerFailuresMax: 3 },
  };
  const lanes = 10;
  const perLane = 150;
  const engine = bench.engine({ settings });
  await engine.start();
  const hanging = await bench.receive(hang);
  const mostMax =
    settings.queuedMax +
    settings.refillsMax * settings.laneWindowMax +
    lanes * settings.laneWindowMin;
  for (let lane = 0; lane < lanes; lane += 1) {
    const url = `${hanging.url}/${lane}`;
    const subscription = await bench.seeds.subscription({ url });
    const seeds = Array.from({ length: perLane }, (_, at) => ({
      subscription,
      unit: `MSKU61000${at % 40}`,
    }));
    engine.accept(await bench.seeds.record(seeds));
    expect(engine.stats().queued).toBeLessThanOrEqual(mostMax);
  }
  await hanging.next(lanes * settings.laneSendsMax);
  const { queued, inFlight } = engine.stats();
  expect(inFlight).toBe(lanes * settings.laneSendsMax);
  expect(queued).toBeLessThanOrEqual(mostMax);
  expect(mostMax * 5).toBeLessThan(lanes * perLane);
});
