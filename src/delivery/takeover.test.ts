/** Several engines on one database: who sends what, and what happens when one is gone. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { type PlainPush, useDeliveryBench } from '../../test/support/delivery-bench.ts';
import { answer, hang, type Receiver } from '../../test/support/receiver.ts';
import { type Database, openDatabase } from '../store/database.ts';
import type { DeliveryEngine, DeliveryParts } from './engine.ts';
import type { Sender } from './send.ts';
import type { Timers } from './timers.ts';

const databases: Database[] = [];
// Behind the end of the bench, so before it here.
afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.close()));
});
const { store, bench } = useDeliveryBench();

/** A database that can be taken away, and a process that can be killed: its own connections. */
function createFragile() {
  const real = openDatabase({
    connectionString: store.url,
    connectionsMax: 4,
    onError: () => undefined,
  });
  databases.push(real);
  let isAway = false;
  let isMute = false;
  const pids = new Set<number>();
  const gone = () => Promise.reject(new Error('the database is away'));
  const database: Database = {
    ...real,
    query: (...given) => (isAway || isMute ? gone() : real.query(...given)),
    queryInOrder: (...given) => (isAway || isMute ? gone() : real.queryInOrder(...given)),
    transaction: (work) => (isAway ? gone() : real.transaction(work)),
    connect: async () => {
      if (isAway) return gone();
      const client = await real.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      for (const { pid } of rows) pids.add(pid);
      return client;
    },
  };
  const cut = () =>
    store.database.query('select pg_terminate_backend(pid) from unnest($1::int[]) as p (pid)', [
      [...pids],
    ]);
  return {
    database,
    /** Statements fail; the connection that holds the leases stays. */
    setMute(mute: boolean) {
      isMute = mute;
    },
    async setAway(away: boolean) {
      isAway = away;
      if (away) await cut();
    },
  };
}

const sequencesAt = (receiver: Receiver) =>
  receiver.requests.map(({ body }) => (JSON.parse(body.toString()) as PlainPush).sequence);

async function doneStates(): Promise<string[]> {
  const rows = await store.database.query<{ state: string }>('select state from deliveries_done');
  return rows.map((row) => row.state);
}

/** Machines that tell of a process whether it has ended. */
const here = { text: 'here', hasEnded: () => false };
const thereAllHaveEnded = { text: 'there', hasEnded: () => true };

/** Moves the clock on until each has its share, as far as they know themselves. */
async function untilShared(engines: readonly DeliveryEngine[], share: number): Promise<void> {
  while (engines.some((engine) => engine.stats().buckets !== share)) {
    bench.clock.jump(3_000);
    // Behind the statements that the jump has set off.
    await store.database.query('select count(*) from bucket_leases group by owner');
  }
}

describe('when a process dies', () => {
  /** Another on its machine, when it has all the buckets. */
  async function heirOf(): Promise<DeliveryEngine> {
    const heir = bench.engine({ place: thereAllHaveEnded });
    await heir.start();
    await untilShared([heir], 256);
    return heir;
  }

  test('the next one takes its buckets at once and sends what was under way', async () => {
    const receiver = await bench.receive();
    const first = createFragile();
    // Its requests end when the process does: nobody hears of an outcome.
    const sender: Pick<Sender, 'send'> = { send: () => new Promise(() => undefined) };
    const settings = { drainMs: 1, leaveMs: 1 };
    const dying = bench.engine({ database: first.database, place: here, sender, settings });
    await dying.start();
    expect(dying.stats().buckets).toBe(256);
    const subscription = await bench.seeds.subscription({ url: receiver.url });
    const seed = { subscription, unit: 'MSKU0000001' };
    dying.accept(await bench.seeds.record([seed, seed]));
    await first.setAway(true);

    const heir = await heirOf();
    await heir.idle();
    expect(sequencesAt(receiver)).toEqual([1, 2]);
  });

  test('what it had sent and not yet stored is sent again, in order', async () => {
    const receiver = await bench.receive();
    const first = createFragile();
    const settings = { drainMs: 1, leaveMs: 1 };
    const dying = bench.engine({ database: first.database, place: here, settings });
    await dying.start();
    const subscription = await bench.seeds.subscription({ url: receiver.url });
    const seed = { subscription, unit: 'MSKU0000002' };
    const handed = await bench.seeds.record([seed, seed, seed]);
    await first.setAway(true);
    // It still believes in its leases for a moment, and sends.
    dying.accept(handed);
    const heir = await heirOf();
    await heir.idle();
    const sequences = sequencesAt(receiver);
    expect(sequences.filter((each, index) => sequences.indexOf(each) === index)).toEqual([1, 2, 3]);
    expect(await doneStates()).toEqual(['delivered', 'delivered', 'delivered']);
  });

  test('one on another machine takes its buckets when the lease is over, and at once then', async () => {
    const first = createFragile();
    const settings = { leaseMs: 2_000, leaseMarginMs: 100 };
    const dying = bench.engine({ database: first.database, place: here, settings });
    await dying.start();
    const heir = bench.engine();
    await first.setAway(true);
    await heir.start();
    expect(heir.stats().buckets).toBe(0);
    await untilShared([heir], 256);
    const [row] = await store.database.query<{ count: number }>('select count(*) from processes');
    expect(row).toEqual({ count: 1 });
  });
});

test('a connection lost is no death: nobody takes over, and what is under way goes on', async () => {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const receiver = await bench.receive(answer({ until }));
  const first = createFragile();
  const losing = bench.engine({ database: first.database, place: here });
  const other = bench.engine();
  await losing.start();
  await other.start();
  await untilShared([losing, other], 128);
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  const seeds = Array.from({ length: 20 }, (_, index) => ({
    ...{ subscription, unit: `MSKU60000${index % 10}` },
  }));
  const handed = await bench.seeds.record(seeds);
  for (const engine of [losing, other]) engine.accept(handed);
  await receiver.next(10);
  for (let times = 0; times < 5; times += 1) {
    await first.setAway(true);
    bench.clock.jump(3_000);
    // The other one looks, and finds its lock free.
    await store.database.query('select count(*) from bucket_leases group by owner');
    await first.setAway(false);
    await untilShared([losing, other], 128);
  }
  release();
  await losing.idle();
  await other.idle();
  expect(sequencesAt(receiver).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

test('a process that lives without its lease changes nothing any more', async () => {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const receiver = await bench.receive();
  receiver.script(answer({ until, status: 500 }));
  const first = createFragile();
  const slow = bench.engine({ database: first.database });
  await slow.start();
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  const [handed] = await bench.seeds.record([{ subscription, unit: 'MSKU0000003' }]);
  slow.accept(handed === undefined ? [] : [handed]);
  await receiver.next();
  // Its lock is lost and another process is faster than its own return.
  await store.database.query('update bucket_leases set owner = $1, epoch = epoch + 1', [
    randomUUID(),
  ]);
  release();
  await bench.attempted(1);
  await slow.stop();
  const [row] = await store.database.query<{ attemptCount: number }>(
    'select attempt_count as "attemptCount" from deliveries',
  );
  expect(row).toEqual({ attemptCount: 0 });
  expect(await store.database.query('select from attempts')).toEqual([]);
});

test('two processes share the buckets, send each delivery once and hand over when one leaves', async () => {
  const receiver = await bench.receive();
  const first = bench.engine();
  const second = bench.engine();
  await first.start();
  await second.start();
  await untilShared([first, second], 128);
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  const seeds = Array.from({ length: 60 }, (_, index) => ({
    subscription,
    unit: `MSKU40000${index}`,
  }));
  // Recorded by either of them, whosever bucket it is.
  for (const engine of [first, second, first]) engine.accept(await bench.seeds.record(seeds));
  first.wake(Array.from({ length: 256 }, (_, bucket) => bucket));
  second.wake(Array.from({ length: 256 }, (_, bucket) => bucket));
  await receiver.next(180);
  await first.idle();
  await second.idle();
  expect(new Set(sequencesAt(receiver)).size).toBe(180);
  expect(receiver.requests.length).toBe(180);
  await first.stop();
  await untilShared([second], 256);
  second.accept(await bench.seeds.record(seeds));
  await second.idle();
  expect(receiver.requests.length).toBe(240);
});

test('three processes come to rest, though 256 cannot be divided by three', async () => {
  const pauses: number[] = [];
  const timers: Timers = {
    ...bench.clock.timers,
    set(run, delayMs) {
      pauses.push(delayMs);
      return bench.clock.timers.set(run, delayMs);
    },
  };
  // A pause that nothing else has.
  const settings = { retryDatabaseMs: 251 };
  const engines = [1, 2, 3].map(() => bench.engine({ timers, settings }));
  for (const engine of engines) await engine.start();
  const shares = () => engines.map((engine) => engine.stats().buckets).sort((a, b) => a - b);
  while (shares().join() !== '84,86,86') {
    bench.clock.jump(3_000);
    await store.database.query('select count(*) from bucket_leases group by owner');
  }
  // The next renewals of all of them find nothing to move, and take their time again.
  for (const engine of engines) await engine.idle();
  pauses.length = 0;
  while (pauses.filter((pause) => pause === 3_000).length < 12) {
    bench.clock.jump(3_000);
    await store.database.query('select count(*) from bucket_leases group by owner');
  }
  expect(pauses.filter((pause) => pause === 251).length).toBeLessThanOrEqual(engines.length);
});

test('a process that fails in its first search is there all the same, and sends', async () => {
  const receiver = await bench.receive();
  const fragile = createFragile();
  const engine = bench.engine({ database: fragile.database });
  const subscription = await bench.seeds.subscription({ url: receiver.url });
  await bench.seeds.record([{ subscription, unit: 'MSKU0000004' }]);
  // The statements of the leases have a connection of their own.
  fragile.setMute(true);
  await engine.start();
  expect(engine.stats().buckets).toBe(256);
  fragile.setMute(false);
  bench.clock.jump(1_100);
  await receiver.next();
  await engine.idle();
});

describe('when the database is away', () => {
  const unit = 'MSKU500000';

  /** An engine that knows its subscription, so that it needs no statement to send. */
  async function warm(
    fragile: { readonly database: Database },
    settings: DeliveryParts['settings'],
  ) {
    const receiver = await bench.receive();
    const engine = bench.engine({ database: fragile.database, settings: settings ?? {} });
    await engine.start();
    const subscription = await bench.seeds.subscription({ url: receiver.url });
    engine.accept(await bench.seeds.record([{ subscription, unit }]));
    await engine.idle();
    const seeds = Array.from({ length: 60 }, (_, index) => ({
      subscription,
      unit: `${unit}${index}`,
    }));
    return { receiver, engine, seeds };
  }

  test('outcomes wait for it, sending stops before too many wait, and nothing is sent twice', async () => {
    const fragile = createFragile();
    const { receiver, engine, seeds } = await warm(fragile, { unflushedMax: 10 });
    const handed = await bench.seeds.record(seeds);
    fragile.setMute(true);
    engine.accept(handed);
    await bench.attempted(1 + 10);
    const { unflushed, inFlight } = engine.stats();
    expect(unflushed).toBeGreaterThanOrEqual(10);
    expect(unflushed + inFlight).toBeLessThanOrEqual(10 + 32);
    fragile.setMute(false);
    bench.clock.jump(5_000);
    await engine.idle();
    expect(sequencesAt(receiver).sort((left, right) => left - right)).toEqual(
      Array.from({ length: 61 }, (_, index) => index + 1),
    );
    expect((await doneStates()).length).toBe(61);
  });

  test('its connection lost, nothing new begins; found again, nothing is sent twice', async () => {
    const fragile = createFragile();
    const { receiver, engine, seeds } = await warm(fragile, {});
    await fragile.setAway(true);
    engine.accept(await bench.seeds.record(seeds));
    await fragile.setAway(false);
    bench.clock.jump(1_000);
    await engine.idle();
    expect(receiver.requests.length).toBe(61);
    expect((await doneStates()).length).toBe(61);
  });

  test('for longer than the lease, what is under way is stopped and sent again later', async () => {
    const fragile = createFragile();
    const { receiver, engine, seeds } = await warm(fragile, { leaseMs: 12_000 });
    receiver.script(hang);
    engine.accept(await bench.seeds.record(seeds.slice(0, 1)));
    await receiver.next(2);
    await fragile.setAway(true);
    const closed = receiver.connectionClosed();
    bench.clock.jump(11_000);
    await closed;
    expect(engine.stats()).toMatchObject({ buckets: 0 });
    await fragile.setAway(false);
    bench.clock.jump(1_000);
    await receiver.next(1);
    await engine.idle();
    expect(sequencesAt(receiver)).toEqual([1, 2, 2]);
    const numbers = await store.database.query('select number from attempts');
    expect(numbers).toEqual([{ number: 1 }, { number: 1 }]);
  });
});
