/** Receivers that fail for days: warned, then disabled, and told of; what was for them is kept. */
import { afterEach, describe, expect, test } from 'vitest';
import { type PlainPush, useDeliveryBench } from '../../test/support/delivery-bench.ts';
import { answer, type ReceivedRequest } from '../../test/support/receiver.ts';
import { createDeliveries } from '../store/deliveries/index.ts';
import { disableSubscription } from '../store/deliveries/sending.ts';
import type { Trouble } from './engine.ts';

// Behind the end of the bench, so before it here.
afterEach(async () => {
  await store.database.query('truncate subscription_failures');
  await store.database.query(`update subscriptions set notices = false`);
});
const { store, bench } = useDeliveryBench();

interface Notice {
  readonly sequence: number;
  readonly notice: { readonly type: string };
}

const textOf = (request: ReceivedRequest | undefined) => request?.body.toString() ?? 'null';
const pushOf = (request: ReceivedRequest): PlainPush => JSON.parse(textOf(request));
const noticeOf = (request: ReceivedRequest | undefined): Notice => JSON.parse(textOf(request));

/** A subscription that fails while `isDown`, and one that wishes for notices. */
async function troubled(dialect = 'plain') {
  const state = { isDown: true };
  const receiver = await bench.receive((_request, response) => {
    response.writeHead(state.isDown ? 500 : 204).end();
  });
  const listener = await bench.receive();
  const troubles: Trouble[] = [];
  const engine = bench.engine({ onTrouble: (trouble) => troubles.push(trouble) });
  await engine.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url, dialect });
  const listening = await bench.seeds.subscription({ url: listener.url });
  await store.database.query('update subscriptions set notices = true where id = $1', [
    listening.id,
  ]);
  const send = async (unit = 'MSKU7000001') => {
    engine.accept(await bench.seeds.record([{ subscription, unit }]));
    await engine.idle();
  };
  return { state, receiver, listener, troubles, engine, subscription, listening, send };
}

/** As if its failing had begun, and its warning been given, so many hours ago. */
async function age(id: string, failingHours: number, warnedHours: number | null): Promise<void> {
  await store.database.query(
    `update subscription_failures set failing_since = now() - $2 * interval '1 hour',
       warned_at = now() - $3 * interval '1 hour' where subscription_id = $1`,
    [id, failingHours, warnedHours],
  );
}

async function stateOf(id: string) {
  const [row] = await store.database.query<{ state: string; reason: string | null }>(
    'select state, state_reason as reason from subscriptions where id = $1',
    [id],
  );
  const failures = await store.database.query<{ isWarned: boolean }>(
    `select warned_at is not null as "isWarned" from subscription_failures
     where subscription_id = $1`,
    [id],
  );
  return { ...row, failing: failures[0] };
}

const active = { state: 'active', reason: null };

describe('a subscription that fails', () => {
  test('is noted from its first failure on, until a push comes through', async () => {
    const { state, engine, subscription, send, troubles } = await troubled();
    await send();
    expect(await stateOf(subscription.id)).toEqual({ ...active, failing: { isWarned: false } });
    bench.clock.jump(6_000);
    await engine.idle();
    expect(await stateOf(subscription.id)).toEqual({ ...active, failing: { isWarned: false } });
    state.isDown = false;
    bench.clock.jump(61_000);
    await engine.idle();
    expect(await stateOf(subscription.id)).toEqual({ ...active, failing: undefined });
    expect(troubles).toEqual([]);
  });

  test('for a day is warned once, and whoever wishes for notices is told', async () => {
    const { engine, listener, subscription, listening, send, troubles } = await troubled();
    await send();
    await age(subscription.id, 25, null);
    bench.clock.jump(6_000);
    await engine.idle();
    const [told] = await listener.next();
    expect(noticeOf(told)).toEqual({
      sequence: 1,
      notice: {
        ...{ type: 'subscription.failing', reason: 'failing', at: expect.any(String) },
        ...{ subscription: { id: subscription.id, dialect: 'plain' } },
        failingSince: expect.any(String),
      },
    });
    bench.clock.jump(61_000);
    await engine.idle();
    expect(await stateOf(subscription.id)).toEqual({ ...active, failing: { isWarned: true } });
    const trouble = { what: 'failing', reason: 'failing', dialect: 'plain' };
    expect(troubles).toEqual([{ ...trouble, subscription: subscription.id }]);
    expect(listener.requests.length).toBe(1);
    // It counts among the others, so nothing is missing.
    engine.accept(await bench.seeds.record([{ subscription: listening, unit: 'MSKU7000001' }]));
    const [next] = await listener.next();
    expect(JSON.parse(textOf(next))).toMatchObject({ sequence: 2 });
  });

  test('for five days is disabled; what was and will be recorded is kept and sent on resume', async () => {
    const { state, engine, receiver, listener, subscription, send, troubles } = await troubled();
    await send();
    await age(subscription.id, 121, 96);
    await send('MSKU7000002');
    expect(await stateOf(subscription.id)).toMatchObject({ state: 'disabled', reason: 'failing' });
    const [told] = await listener.next();
    expect(noticeOf(told)).toMatchObject({
      notice: { type: 'subscription.disabled', reason: 'failing' },
    });
    expect(troubles.map(({ what }) => what)).toEqual(['disabled']);
    const before = receiver.requests.length;
    await bench.seeds.record([{ subscription, unit: 'MSKU7000001', isHeld: true }]);
    bench.clock.jump(86_400_000);
    await engine.idle();
    expect(receiver.requests.length).toBe(before);
    state.isDown = false;
    await bench.seeds.setState(subscription.id, 'active');
    engine.subscriptionChanged(subscription.id);
    const sent = (await receiver.next(before + 3)).slice(before).map(pushOf);
    await engine.idle();
    const sequencesOf = (unit: string) =>
      sent.filter((push) => push.unit === unit).map((push) => push.sequence);
    expect(sequencesOf('MSKU7000001')).toEqual([1, 3]);
    expect(sequencesOf('MSKU7000002')).toEqual([2]);
  });

  test('for longer without a warning is warned first, and given its time', async () => {
    const { engine, subscription, send, troubles } = await troubled();
    await send();
    await age(subscription.id, 300, null);
    bench.clock.jump(6_000);
    await engine.idle();
    bench.clock.jump(61_000);
    await engine.idle();
    expect(await stateOf(subscription.id)).toMatchObject(active);
    expect(troubles.map(({ what }) => what)).toEqual(['failing']);
  });

  test('and then succeeds begins its days anew', async () => {
    const { state, engine, subscription, send, troubles } = await troubled();
    await send();
    await age(subscription.id, 121, 96);
    state.isDown = false;
    bench.clock.jump(6_000);
    await engine.idle();
    state.isDown = true;
    await send('MSKU7000003');
    expect(await stateOf(subscription.id)).toEqual({ ...active, failing: { isWarned: false } });
    expect(troubles).toEqual([]);
  });

  test('by our own fault is not counted', async () => {
    const { subscription, send } = await troubled('broken');
    await send();
    expect(await stateOf(subscription.id)).toEqual({ ...active, failing: undefined });
  });

  test('is not disabled where it came through at the last moment', async () => {
    const { subscription, send } = await troubled();
    await send();
    await age(subscription.id, 121, null);
    const isDone = await disableSubscription(store.database, {
      ...{ id: subscription.id, organizationId: subscription.organization },
      ...{ endpointId: subscription.endpointId, reason: 'failing', nowMs: Date.now() },
      notice: { id: bench.seeds.newId(0), text: '{}' },
    });
    expect(isDone).toBe(false);
    expect(await stateOf(subscription.id)).toMatchObject(active);
  });
});

describe('a notice', () => {
  const asOperator = { kind: 'operator', id: 'operator', scopes: new Set<string>() } as const;

  test('tells of a 410 too, is a delivery like others, and can be replayed', async () => {
    const { engine, receiver, listener, subscription, send } = await troubled();
    receiver.script(answer({ status: 410 }));
    await send();
    const [told] = await listener.next();
    expect(noticeOf(told)).toMatchObject({
      sequence: 1,
      notice: { type: 'subscription.disabled', reason: 'gone' },
    });
    await engine.idle();
    const { database } = store;
    const port = createDeliveries({ database, nowMs: Date.now, wake: engine.wake });
    const id = String(told?.headers['webhook-id']);
    expect(await port.get(asOperator, id)).toMatchObject({
      ...{ state: 'delivered', unit: subscription.id, attempts: [{ outcome: 'delivered' }] },
    });
    expect(await port.replay(asOperator, id)).toBe(true);
    const [again] = await listener.next();
    expect(again?.body).toEqual(told?.body);
    expect(again?.headers['webhook-id']).toBe(id);
  });

  test('waits while its listener is paused, and stays within the organization', async () => {
    const { engine, receiver, listener, listening, send } = await troubled();
    const strange = await bench.receive();
    const stranger = await bench.seeds.subscription({
      url: strange.url,
      organization: await bench.seeds.organization(),
    });
    await store.database.query('update subscriptions set notices = true where id = $1', [
      stranger.id,
    ]);
    await bench.seeds.setState(listening.id, 'paused');
    receiver.script(answer({ status: 410 }));
    await send();
    expect(listener.requests.length).toBe(0);
    await bench.seeds.setState(listening.id, 'active');
    engine.subscriptionChanged(listening.id);
    await listener.next();
    await engine.idle();
    expect(strange.requests.length).toBe(0);
  });
});
