/** Lanes side by side: the order within each, and what trouble in one means for the others. */
import { expect, test } from 'vitest';
import { type PlainPush, useDeliveryBench } from '../../test/support/delivery-bench.ts';
import { hang, type ReceivedRequest } from '../../test/support/receiver.ts';

const { store, bench } = useDeliveryBench();

function pushOf(request: ReceivedRequest): PlainPush {
  return JSON.parse(request.body.toString());
}

test('the order of each unit holds under failures, and nothing is lost or repeated', async () => {
  // Every third push fails once, whatever it is.
  const failed = new Set<string>();
  let count = 0;
  const receiver = await bench.receive((request, response) => {
    const id = `${request.headers['webhook-id']}`;
    count += 1;
    const isFailing = count % 3 === 0 && !failed.has(id);
    if (isFailing) failed.add(id);
    response.writeHead(isFailing ? 500 : 204).end();
  });
  const engine = bench.engine({ settings: { breakerFailuresMax: 1_000 } });
  await engine.start();
  const subscriptions = [
    await bench.seeds.subscription({ url: receiver.url }),
    await bench.seeds.subscription({ url: receiver.url }),
  ];
  const units = Array.from({ length: 20 }, (_, index) => `MSKU10000${index}`);
  let pending = 0;
  for (let round = 0; round < 10; round += 1) {
    const seeds = units.flatMap((unit) =>
      subscriptions.map((subscription) => ({ subscription, unit })),
    );
    engine.accept(await bench.seeds.record(seeds));
    pending += seeds.length;
  }
  while (engine.stats().queued > 0) {
    await engine.idle();
    bench.clock.jump(6_000);
  }
  expect(receiver.requests.length).toBe(pending + failed.size);
  expect(failed.size).toBeGreaterThan(100);
  const received = new Map<string, number[]>();
  for (const { subscription, unit, sequence } of receiver.requests.map(pushOf)) {
    const key = `${subscription} ${unit}`;
    const sequences = received.get(key) ?? [];
    // A failed push may only be followed by itself.
    if (sequences.at(-1) !== sequence) sequences.push(sequence);
    received.set(key, sequences);
  }
  expect(received.size).toBe(40);
  for (const sequences of received.values()) {
    expect(sequences.length).toBe(10);
    expect(sequences).toEqual([...sequences].sort((left, right) => left - right));
  }
});

test('an endpoint that hangs holds its own sends and nobody else', async () => {
  const hanging = await bench.receive(hang);
  const well = await bench.receive();
  const engine = bench.engine({ settings: { drainMs: 1 } });
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: hanging.url });
  const other = await bench.seeds.subscription({ url: well.url });
  const units = Array.from({ length: 100 }, (_, index) => `MSKU20000${index}`);
  engine.accept(await bench.seeds.record(units.map((unit) => ({ subscription, unit }))));
  await hanging.next(32);
  engine.accept(await bench.seeds.record(units.map((unit) => ({ subscription: other, unit }))));
  await well.next(100);
  expect(engine.stats().inFlight).toBeLessThanOrEqual(33);
  expect(hanging.requests.length).toBe(32);
});

test('a broken endpoint is probed by one send at a time and costs the others no attempts', async () => {
  let isDown = true;
  const receiver = await bench.receive((_request, response) => {
    response.writeHead(isDown ? 500 : 204).end();
  });
  const engine = bench.engine({ settings: { laneSendsMax: 1 } });
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  const units = Array.from({ length: 30 }, (_, index) => `MSKU30000${index}`);
  engine.accept(await bench.seeds.record(units.map((unit) => ({ subscription, unit }))));
  // What another endpoint receives meanwhile shows that the first one has been left alone.
  const well = await bench.receive();
  const other = await bench.seeds.subscription({ url: well.url });
  const sendElsewhere = async () => {
    engine.accept(await bench.seeds.record([{ subscription: other, unit: 'MSKU300000' }]));
    await well.next();
  };
  await bench.attempted(5);
  await sendElsewhere();
  expect(receiver.requests.length).toBe(5);
  bench.clock.jump(1_100);
  await bench.attempted(7);
  await sendElsewhere();
  expect(receiver.requests.length).toBe(6);
  isDown = false;
  bench.clock.jump(6_000);
  await receiver.next(36);
  await engine.idle();
  const [{ most } = { most: 0 }] = await store.database.query<{ most: number }>(
    'select max(number) as most from attempts a join deliveries_done d on d.id = a.delivery_id where d.subscription_id = $1',
    [subscription.id],
  );
  expect(most).toBe(2);
});

test('what an endpoint refuses of some units does not stand in the way of the others', async () => {
  let isMended = false;
  const receiver = await bench.receive((request, response) => {
    const isRefused = !isMended && pushOf(request).unit.startsWith('BAD');
    response.writeHead(isRefused ? 400 : 204).end();
  });
  const engine = bench.engine({ settings: { laneWindowMax: 8, laneRestMsMin: 1_000 } });
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  const record = async (prefix: string) => {
    const units = Array.from({ length: 30 }, (_, index) => `${prefix}U10000${index}`);
    engine.accept(await bench.seeds.record(units.map((unit) => ({ subscription, unit }))));
  };
  await record('BAD');
  await record('GOOD');
  // Behind those that are refused, while there is more to read and when all is read.
  await record('BAD');
  await receiver.next(60);
  const units = new Set(receiver.requests.map((request) => pushOf(request).unit));
  expect(units.size).toBe(60);
  await engine.idle();
  await record('BAD');
  await engine.idle();
  expect(receiver.requests.length).toBe(60);
  expect(engine.stats().queued).toBeLessThanOrEqual(8);
  isMended = true;
  const isLeft = 'select exists (select from deliveries) as left';
  for (let left = true; left; ) {
    bench.clock.jump(1_000);
    await engine.idle();
    left = (await store.database.query<{ left: boolean }>(isLeft))[0]?.left === true;
  }
  expect(receiver.requests.length).toBe(150);
  const sequences = new Map<string, number[]>();
  for (const { unit, sequence } of receiver.requests.map(pushOf)) {
    sequences.set(unit, [...(sequences.get(unit) ?? []), sequence]);
  }
  for (const told of sequences.values()) {
    expect(told).toEqual([...told].sort((left, right) => left - right));
  }
});
