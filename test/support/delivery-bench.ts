/** A delivery engine on a test database, with what surrounds it: seeds, a sender, a clock. */
import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import {
  createDelivery,
  type DeliveryEngine,
  type DeliveryParts,
} from '../../src/delivery/engine.ts';
import { createGuard } from '../../src/delivery/guard/index.ts';
import { createSender, type Sender } from '../../src/delivery/send.ts';
import type { Dialect, PushGiven, Vocabulary } from '../../src/dialects/dialect.ts';
import { EVENT_TYPES } from '../../src/events/types.ts';
import { createSealer } from '../../src/lib/seal.ts';
import type { Database } from '../../src/store/database.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createJumpClock, type JumpClock } from './jump-clock.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { createSeeds, type Seeds } from './seed-deliveries.ts';

export interface DeliveryBench {
  readonly seeds: Seeds;
  readonly clock: JumpClock;
  /** Resolves when so many attempts have ended, by all engines since the start. */
  readonly attempted: (count: number) => Promise<void>;
  /** A receiver that `close` closes. */
  readonly receive: (...given: Parameters<typeof startReceiver>) => Promise<Receiver>;
  /** Engines made here are stopped by `close`, which also empties the tables of delivery. */
  readonly engine: (given?: Partial<DeliveryParts>) => DeliveryEngine;
  readonly close: () => Promise<void>;
}

export interface PlainPush {
  readonly subscription: string;
  readonly sequence: number;
  readonly event: string;
  readonly unit: string;
}

type TestDialect = Pick<Dialect, 'push' | 'vocabulary'>;

const types = Object.fromEntries(EVENT_TYPES.map((type) => [type, { none: 'a test dialect' }]));
const vocabulary: Vocabulary = { codes: {}, types: types as Vocabulary['types'] };

const plain: TestDialect = {
  vocabulary,
  push: ({ event, sequence, subscription: { id: subscription } }: PushGiven) => {
    const unit = event.unit.reference;
    const push: PlainPush = { subscription, sequence, event: event.id, unit };
    return { body: JSON.stringify(push), headers: { 'X-Plain': 'yes' } };
  },
};

const broken: TestDialect = {
  vocabulary,
  push: () => {
    throw new Error('cannot be rendered');
  },
};

export const quietLogger = pino({ level: 'silent' });

export function createDeliveryBench(database: Database): DeliveryBench {
  const sealer = createSealer(randomBytes(32));
  const seeds = createSeeds(database, sealer);
  const clock = createJumpClock();
  const counter = createCounter();
  const senders: Sender[] = [];
  const engines: DeliveryEngine[] = [];
  const receivers: Receiver[] = [];

  function openSender(): Sender {
    const guard = createGuard({ allow: ['127.0.0.0/8'] });
    const sender = createSender({ guard });
    senders.push(sender);
    return sender;
  }

  return {
    seeds,
    clock,
    attempted: counter.reached,
    async receive(...given) {
      const receiver = await startReceiver(...given);
      receivers.push(receiver);
      return receiver;
    },
    engine(given = {}) {
      const engine = createDelivery({
        database,
        dialects: new Map([
          ['plain', plain],
          ['broken', broken],
        ]),
        sender: given.sender ?? openSender(),
        sealer,
        nowMs: Date.now,
        random: () => 0.5,
        newId: seeds.newId,
        processId: randomUUID(),
        logger: quietLogger,
        version: '0.0.0',
        onAttempt: counter.add,
        timers: clock.timers,
        steadyMs: clock.steadyMs,
        ...given,
        // Long enough for every jump of the clock.
        settings: { leaseMs: 3_600_000, ...given.settings },
      });
      engines.push(engine);
      return engine;
    },
    async close() {
      await Promise.all(engines.map((engine) => engine.stop()));
      await Promise.all(senders.map((sender) => sender.close()));
      await Promise.all(receivers.map((receiver) => receiver.close()));
      // What a test left undelivered is none of the next one's business.
      await database.query('truncate deliveries, deliveries_done, attempts, events, processes');
      await database.query('update bucket_leases set owner = null');
    },
  };
}

/**
 * To be called at the top of a test file: one database for the file, a new bench for each test. Hooks
 * that are registered before it run after the bench is closed.
 */
export function useDeliveryBench(): {
  readonly store: TestDatabase;
  readonly bench: DeliveryBench;
} {
  let store: TestDatabase | undefined;
  let bench: DeliveryBench | undefined;
  beforeAll(async () => {
    store = await createTestDatabase();
  });
  afterAll(() => store?.drop());
  beforeEach(() => {
    bench = createDeliveryBench(made(store).database);
  });
  afterEach(() => bench?.close());
  return {
    store: {
      get database() {
        return made(store).database;
      },
      get url() {
        return made(store).url;
      },
      drop: () => made(store).drop(),
    },
    bench: {
      get seeds() {
        return made(bench).seeds;
      },
      get clock() {
        return made(bench).clock;
      },
      attempted: (count) => made(bench).attempted(count),
      receive: (...given) => made(bench).receive(...given),
      engine: (given) => made(bench).engine(given),
      close: () => made(bench).close(),
    },
  };
}

function made<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('not made yet: ask inside a test or hook');
  return part;
}

function createCounter() {
  let count = 0;
  let waiting: { count: number; resolve: () => void }[] = [];
  const tell = (): void => {
    const reached = waiting.filter((each) => each.count <= count);
    waiting = waiting.filter((each) => each.count > count);
    for (const { resolve } of reached) resolve();
  };
  return {
    add: (): void => {
      count += 1;
      tell();
    },
    reached: (wanted: number) =>
      new Promise<void>((resolve) => {
        waiting.push({ count: wanted, resolve });
        tell();
      }),
  };
}
