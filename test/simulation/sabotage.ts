/**
 * Things broken on purpose. Each is a fault that the code or the store could have, and what the
 * judge must then say: a simulation that cannot fail proves nothing.
 */
import type { DeliveryStore } from '../../src/store/deliveries/delivery-store.ts';
import type { WaitingDelivery } from '../../src/store/deliveries/read-lane.ts';
import { downEvery } from './run.ts';
import type { Sabotage } from './world.ts';

export interface Mutation {
  readonly name: string;
  readonly sabotage: Sabotage;
  readonly complaint: RegExp;
  /** Only every so many seeds can show it. */
  readonly every?: number;
}

/** Pages whose rows are changed by `change`. */
const pages =
  (change: (rows: readonly WaitingDelivery[]) => readonly WaitingDelivery[]) =>
  (store: DeliveryStore): DeliveryStore => ({
    ...store,
    readLane: async (request) => {
      const page = await store.readLane(request);
      return { ...page, deliveries: change(page.deliveries) };
    },
  });

export const mutations: readonly Mutation[] = [
  {
    name: 'a page that leaves out a delivery',
    sabotage: { store: pages((rows) => (rows.length < 2 ? rows : rows.slice(1))) },
    complaint: /is sent before|neither delivered nor parked/,
  },
  {
    name: 'a page in the wrong order',
    sabotage: { store: pages((rows) => rows.toReversed()) },
    complaint: /is sent before|neither delivered nor parked/,
  },
  {
    name: 'due times that are forgotten',
    sabotage: { store: pages((rows) => rows.map((row) => ({ ...row, dueInMs: 0 }))) },
    complaint: /before it is due/,
  },
  {
    name: 'a payload that is not kept',
    sabotage: { store: pages((rows) => rows.map((row) => ({ ...row, payload: undefined }))) },
    complaint: /with other bytes/,
  },
  {
    name: 'attempts that are not counted',
    sabotage: { store: pages((rows) => rows.map((row) => ({ ...row, attemptCount: 0 }))) },
    complaint: /follows attempt/,
  },
  {
    name: 'outcomes that are never written',
    sabotage: {
      tables: (tables) => {
        tables.complete = () => [];
      },
    },
    complaint: /although|neither delivered nor parked/,
  },
  {
    name: 'the living taken for dead',
    sabotage: {
      tables: (tables) => {
        const { others } = tables;
        tables.others = (id) =>
          others.call(tables, id).map((other) => ({ ...other, isDead: true, hasEnded: true }));
      },
    },
    complaint: /although/,
  },
  {
    name: 'a lost connection taken for a death',
    sabotage: {
      tables: (tables) => {
        tables.hasEnded = () => true;
      },
    },
    complaint: /although/,
  },
  {
    name: 'buckets taken from who has just enrolled',
    sabotage: {
      tables: (tables) => {
        tables.claim = (id, free) =>
          free.flatMap(({ bucket, epoch }) => {
            if (tables.leases[bucket]?.epoch !== epoch) return [];
            tables.leases[bucket] = { bucket, epoch: epoch + 1, owner: id };
            return [{ bucket, epoch: epoch + 1 }];
          });
      },
    },
    complaint: /although/,
  },
  {
    name: 'outcomes that no epoch fences off',
    sabotage: {
      tables: (tables) => {
        tables.fenced = (_, completions) => [...completions];
      },
      // So that outcomes often come after the end of a lease.
      settings: { leaseMs: 3_000, renewEveryMs: 1_000, leaseMarginMs: 300, flushLingerMs: 2 },
    },
    complaint: /follows attempt|before it is due|although|parked after/,
  },
  {
    name: 'a lease that is trusted beyond its end',
    sabotage: { settings: { leaseMarginMs: -60_000 } },
    complaint: /after its lease has run out/,
  },
  {
    name: 'a lane that sends one too many',
    sabotage: { settings: { laneSendsMax: 5 } },
    complaint: /sends are open/,
  },
  {
    name: 'a breaker that never opens',
    sabotage: { settings: { breakerFailuresMax: 1_000 } },
    complaint: /a probe is under way|the breaker is open/,
  },
  {
    name: 'a breaker that opens too shortly',
    sabotage: { settings: { breakerOpenMsMin: 300 } },
    complaint: /the breaker is open/,
  },
  {
    name: 'failures that are not told',
    sabotage: {
      tables: (tables) => {
        tables.noteFailure = () => [];
      },
    },
    complaint: /is not disabled/,
    every: downEvery,
  },
  {
    name: 'failures that outlive a success',
    sabotage: {
      tables: (tables) => {
        const { noteFailure } = tables;
        tables.noteFailure = (id, isWell) => (isWell ? [] : noteFailure.call(tables, id, false));
      },
    },
    complaint: /is warned|is disabled/,
    every: downEvery,
  },
  {
    name: 'a warning that is not kept',
    sabotage: {
      tables: (tables) => {
        const { warn } = tables;
        tables.warn = (given) => {
          const isDone = warn.call(tables, given);
          const failure = tables.failures.get(given.id);
          if (failure !== undefined) failure.warnedAtMs = undefined;
          return isDone;
        };
      },
    },
    complaint: /is warned again/,
    every: downEvery,
  },
  {
    name: 'notices that are not made',
    sabotage: {
      tables: (tables) => {
        tables.queueNotice = () => undefined;
      },
    },
    complaint: /was told 0 times/,
    every: downEvery,
  },
  {
    name: 'a disabled subscription that is sent to',
    sabotage: {
      tables: (tables) => {
        tables.disable = ({ id, notice }) => {
          tables.queueNotice(id, notice);
          return true;
        };
      },
    },
    complaint: /although it is disabled/,
    every: downEvery,
  },
  {
    name: 'a disabled subscription whose events are thrown away',
    sabotage: {
      tables: (tables) => {
        const { disable } = tables;
        tables.disable = (given) => {
          const isDone = disable.call(tables, given);
          for (const row of tables.deliveries.values()) {
            if (isDone && row.subscriptionId === given.id) tables.deliveries.delete(row.id);
          }
          return isDone;
        };
      },
    },
    complaint: /was acknowledged and is not finished/,
    every: downEvery,
  },
];
