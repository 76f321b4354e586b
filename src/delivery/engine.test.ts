/** The engine on a real database and against real receivers: what each kind of answer leads to. */

import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { type PlainPush, useDeliveryBench } from '../../test/support/delivery-bench.ts';
import { answer, hang, type ReceivedRequest, type Receiver } from '../../test/support/receiver.ts';
import type { DeliverySeed } from '../../test/support/seed-deliveries.ts';
import { createDeliveries } from '../store/deliveries/index.ts';
import type { DeliveryEngine } from './engine.ts';

const { store, bench } = useDeliveryBench();

function pushOf(request: ReceivedRequest | undefined): PlainPush {
  return JSON.parse(request?.body.toString() ?? 'null');
}

interface Pending {
  attemptCount: number;
  payload: string | null;
  isHeld: boolean;
  dueInSec: number;
}

async function pendingOf(id: string): Promise<Pending | undefined> {
  const [row] = await store.database.query<Pending>(
    `select attempt_count as "attemptCount", payload, due_at = 'infinity' as "isHeld",
       case when due_at < 'infinity' then extract(epoch from due_at - now())::float8 end as "dueInSec"
     from deliveries where id = $1`,
    [id],
  );
  return row;
}

async function doneOf(id: string) {
  const [row] = await store.database.query<{ state: string; attemptCount: number }>(
    `select state, attempt_count as "attemptCount" from deliveries_done where id = $1`,
    [id],
  );
  return row;
}

function attemptsOf(id: string) {
  return store.database.query<{ number: number; outcome: string; stage: string | null }>(
    'select number, outcome, stage, status, response from attempts where delivery_id = $1 order by number',
    [id],
  );
}

/** A started engine and one subscription at the receiver. */
async function ready(receiver: Receiver, dialect = 'plain') {
  const engine = bench.engine();
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url, dialect });
  const send = async (...units: string[]) => {
    const seeds: DeliverySeed[] = units.map((unit) => ({ subscription, unit }));
    const handed = await bench.seeds.record(seeds);
    engine.accept(handed);
    return handed;
  };
  return { engine, subscription, send };
}

describe('an attempt', () => {
  test('is signed, carries the ids, and is recorded', async () => {
    const receiver = await bench.receive(answer({ status: 200, body: 'thanks' }));
    const { engine, subscription, send } = await ready(receiver);
    const [handed] = await send('MSKU0000001');
    const [request] = await receiver.next();
    const headers = Object.entries(request?.headers ?? {}).map(([name, value]) => [
      name,
      `${value}`,
    ]);
    const signed = Object.fromEntries(headers);
    const body = request?.body.toString() ?? '';
    expect(new Webhook(subscription.secret).verify(body, signed)).toEqual(pushOf(request));
    expect(signed).toMatchObject({
      'webhook-id': handed?.id,
      'content-type': 'application/json',
      'user-agent': 'Portolan/0.0.0',
      'x-plain': 'yes',
    });
    await engine.idle();
    const id = handed?.id ?? '';
    expect(await pendingOf(id)).toBeUndefined();
    expect(await doneOf(id)).toEqual({ state: 'delivered', attemptCount: 1 });
    expect(await attemptsOf(id)).toEqual([
      { number: 1, outcome: 'delivered', stage: null, status: 200, response: 'thanks' },
    ]);
  });

  test('that fails is repeated with the same bytes under the same id', async () => {
    const receiver = await bench.receive();
    receiver.script(answer({ status: 500, body: 'no' }), answer({ status: 302 }));
    const { engine, send } = await ready(receiver);
    const [handed] = await send('MSKU0000002');
    const id = handed?.id ?? '';
    await engine.idle();
    const afterFirst = await pendingOf(id);
    expect(afterFirst).toMatchObject({ attemptCount: 1, isHeld: false });
    expect(afterFirst?.dueInSec).toBeGreaterThan(3);
    bench.clock.jump(6_000);
    await engine.idle();
    expect(await pendingOf(id)).toMatchObject({ attemptCount: 2 });
    bench.clock.jump(61_000);
    const requests = await receiver.next(3);
    await engine.idle();
    expect(new Set(requests.map((request) => request.body.toString()))).toEqual(
      new Set([afterFirst?.payload]),
    );
    expect(new Set(requests.map((request) => request.headers['webhook-id']))).toEqual(
      new Set([id]),
    );
    expect(await doneOf(id)).toEqual({ state: 'delivered', attemptCount: 3 });
    expect(await attemptsOf(id)).toMatchObject([
      { number: 1, outcome: 'refused', status: 500, response: 'no' },
      { number: 2, outcome: 'refused', status: 302 },
      { number: 3, outcome: 'delivered' },
    ]);
  });

  test('answered 413 is parked, one whose dialect fails too, and neither is repeated', async () => {
    const receiver = await bench.receive(answer({ status: 413 }));
    const { engine, send } = await ready(receiver);
    const unrenderable = await bench.seeds.subscription({ url: receiver.url, dialect: 'broken' });
    const [tooLarge] = await send('MSKU0000003');
    const [broken] = await bench.seeds.record([
      { subscription: unrenderable, unit: 'MSKU0000003' },
    ]);
    engine.accept(broken === undefined ? [] : [broken]);
    await engine.idle();
    expect(await doneOf(tooLarge?.id ?? '')).toEqual({ state: 'parked', attemptCount: 1 });
    expect(await doneOf(broken?.id ?? '')).toEqual({ state: 'parked', attemptCount: 1 });
    expect(await attemptsOf(broken?.id ?? '')).toMatchObject([
      { number: 1, outcome: 'failed', stage: 'render' },
    ]);
    expect(receiver.requests.length).toBe(1);
  });

  test('is parked when the schedule is over', async () => {
    const receiver = await bench.receive(answer({ status: 500 }));
    const { engine, send } = await ready(receiver);
    const [handed] = await send('MSKU0000004');
    const id = handed?.id ?? '';
    await engine.idle();
    await store.database.query('update deliveries set attempt_count = 10 where id = $1', [id]);
    // Another process takes over and finds it with ten attempts behind it.
    await engine.stop();
    await store.database.query('update deliveries set due_at = now() where id = $1', [id]);
    const next = bench.engine();
    await next.start();
    await next.idle();
    expect(await doneOf(id)).toEqual({ state: 'parked', attemptCount: 11 });
  });
});

describe('what an endpoint asks for', () => {
  test('Retry-After is obeyed, by the delivery and by its whole lane', async () => {
    const receiver = await bench.receive();
    receiver.script(answer({ status: 503, headers: { 'retry-after': '120' } }));
    const { engine, send } = await ready(receiver);
    const [first] = await send('MSKU0000011');
    await engine.idle();
    expect((await pendingOf(first?.id ?? ''))?.dueInSec).toBeGreaterThan(118);
    await send('MSKU0000012');
    // Another endpoint's delivery, handed over later, comes through: the pause is not a wait of ours.
    const other = await bench.receive();
    const elsewhere = await bench.seeds.subscription({ url: other.url });
    engine.accept(await bench.seeds.record([{ subscription: elsewhere, unit: 'MSKU0000011' }]));
    await other.next();
    bench.clock.jump(100_000);
    engine.accept(await bench.seeds.record([{ subscription: elsewhere, unit: 'MSKU0000012' }]));
    await other.next();
    expect(receiver.requests.length).toBe(1);
    bench.clock.jump(40_000);
    await receiver.next(2);
    await engine.idle();
  });

  test('410 disables the subscription and keeps what it was to be told', async () => {
    const receiver = await bench.receive();
    receiver.script(answer({ status: 410 }));
    const { engine, subscription, send } = await ready(receiver);
    const [first, second] = await send('MSKU0000013', 'MSKU0000013');
    await engine.idle();
    const [row] = await store.database.query<{ state: string; reason: string }>(
      'select state, state_reason as reason from subscriptions where id = $1',
      [subscription.id],
    );
    expect(row).toEqual({ state: 'disabled', reason: 'gone' });
    expect(await pendingOf(first?.id ?? '')).toMatchObject({ isHeld: true, attemptCount: 1 });
    expect(await pendingOf(second?.id ?? '')).toMatchObject({ isHeld: true, attemptCount: 0 });
    expect(receiver.requests.length).toBe(1);

    await bench.seeds.setState(subscription.id, 'active');
    engine.subscriptionChanged(subscription.id);
    const requests = await receiver.next(3);
    await engine.idle();
    expect(requests.map((request) => pushOf(request).sequence)).toEqual([1, 1, 2]);
    expect((await attemptsOf(first?.id ?? '')).map((attempt) => attempt.number)).toEqual([1, 2]);
  });
});

describe('a paused subscription', () => {
  test('gets nothing; resumed, it gets everything in order, also what came meanwhile', async () => {
    const receiver = await bench.receive();
    const { engine, subscription, send } = await ready(receiver);
    await send('MSKU0000021');
    await engine.idle();
    await bench.seeds.setState(subscription.id, 'paused');
    engine.subscriptionChanged(subscription.id);
    await bench.seeds.record([
      { subscription, unit: 'MSKU0000021', isHeld: true },
      { subscription, unit: 'MSKU0000021', isHeld: true },
    ]);
    await engine.idle();
    expect(receiver.requests.length).toBe(1);
    await bench.seeds.setState(subscription.id, 'active');
    // Recorded and handed over before the engine has heard of the resuming.
    await send('MSKU0000021');
    engine.subscriptionChanged(subscription.id);
    await engine.idle();
    expect(receiver.requests.map((request) => pushOf(request).sequence)).toEqual([1, 2, 3, 4]);
  });

  test('is noticed when another process paused and resumed it', async () => {
    const receiver = await bench.receive();
    const { engine, subscription, send } = await ready(receiver);
    await send('MSKU0000022');
    await engine.idle();
    await bench.seeds.setState(subscription.id, 'paused');
    await bench.seeds.record([{ subscription, unit: 'MSKU0000022', isHeld: true }]);
    bench.clock.jump(2_000);
    await engine.idle();
    await bench.seeds.setState(subscription.id, 'active');
    bench.clock.jump(2_000);
    await receiver.next(2);
    await engine.idle();
    expect(receiver.requests.map((request) => pushOf(request).sequence)).toEqual([1, 2]);
  });
});

describe('a replay', () => {
  const asOperator = { kind: 'operator', id: 'operator', scopes: new Set<string>() } as const;

  function portOf(engine: DeliveryEngine) {
    const { database } = store;
    return createDeliveries({ database, nowMs: Date.now, wake: engine.wake });
  }

  test('sends the same bytes under the same id, and the next ones come after it', async () => {
    const receiver = await bench.receive();
    const { engine, send } = await ready(receiver);
    const [first] = await send('MSKU0000051', 'MSKU0000051');
    await engine.idle();
    expect(await portOf(engine).replay(asOperator, first?.id ?? '')).toBe(true);
    await send('MSKU0000051');
    await engine.idle();
    const [once, , again] = receiver.requests;
    expect(again?.body).toEqual(once?.body);
    expect(again?.headers['webhook-id']).toBe(first?.id);
    expect(receiver.requests.map((request) => pushOf(request).sequence)).toEqual([1, 2, 1, 3]);
    expect((await attemptsOf(first?.id ?? '')).map((attempt) => attempt.number)).toEqual([1, 2]);
  });

  test('of one that waits for its next attempt sends it now', async () => {
    const receiver = await bench.receive();
    receiver.script(answer({ status: 500 }));
    const { engine, send } = await ready(receiver);
    const [waiting] = await send('MSKU0000052', 'MSKU0000052');
    await engine.idle();
    expect(receiver.requests.length).toBe(1);
    expect(await portOf(engine).replay(asOperator, waiting?.id ?? '')).toBe(true);
    await receiver.next(3);
    await engine.idle();
    expect(receiver.requests.map((request) => pushOf(request).sequence)).toEqual([1, 1, 2]);
  });
});

test('stopping waits for what is under way and stores it', async () => {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const receiver = await bench.receive(answer({ until }));
  const { engine, send } = await ready(receiver);
  const handed = await send('MSKU0000031', 'MSKU0000031', 'MSKU0000032');
  await receiver.next(2);
  const stopped = engine.stop();
  release();
  await stopped;
  const states = await Promise.all(handed.map(async ({ id }) => (await doneOf(id))?.state));
  expect(states).toEqual(['delivered', undefined, 'delivered']);
  const owners = await store.database.query('select from bucket_leases where owner is not null');
  expect(owners.length).toBe(0);
});

test('stopping does not wait for ever: a push that hangs is no attempt', async () => {
  const receiver = await bench.receive(hang);
  const engine = bench.engine({ settings: { drainMs: 1 } });
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  const [handed] = await bench.seeds.record([{ subscription, unit: 'MSKU0000033' }]);
  engine.accept(handed === undefined ? [] : [handed]);
  await receiver.next();
  await engine.stop();
  expect(await pendingOf(handed?.id ?? '')).toMatchObject({ attemptCount: 0 });
  expect(await attemptsOf(handed?.id ?? '')).toEqual([]);
  await store.database.query('delete from deliveries where id = $1', [handed?.id]);
});

test('a ping is signed, sent at once and not stored', async () => {
  const receiver = await bench.receive(answer({ status: 202, body: 'pong' }));
  const { engine, subscription } = await ready(receiver);
  const principal = { kind: 'key', id: 'k', organization: subscription.organization } as const;
  const scopes = new Set<string>();
  const report = await engine.ping({ ...principal, scopes }, subscription.id);
  expect(report).toMatchObject({ number: 1, outcome: 'delivered', status: 202, response: 'pong' });
  const [request] = await receiver.next();
  const signed = Object.fromEntries(
    Object.entries(request?.headers ?? {}).map(([name, value]) => [name, `${value}`]),
  );
  const body = new Webhook(subscription.secret).verify(request?.body.toString() ?? '', signed);
  expect(body).toMatchObject({ type: 'ping', subscription: subscription.id });
  const stranger = { ...principal, organization: await bench.seeds.organization(), scopes };
  expect(await engine.ping(stranger, subscription.id)).toBeUndefined();
  expect(await engine.ping({ ...principal, scopes }, 'nonsense')).toBeUndefined();
});

test('during a rotation both secrets sign', async () => {
  const receiver = await bench.receive();
  const { engine, subscription, send } = await ready(receiver);
  const other = await bench.seeds.subscription({ url: receiver.url });
  await store.database.query(
    `update subscriptions set previous_secret_sealed = secret_sealed,
       previous_secret_until = now() + interval '1 day', updated_at = clock_timestamp() where id = $1`,
    [subscription.id],
  );
  expect(other.secret).not.toBe(subscription.secret);
  await send('MSKU0000041');
  const [request] = await receiver.next();
  expect(`${request?.headers['webhook-signature']}`.split(' ').length).toBe(2);
  await engine.idle();
});
