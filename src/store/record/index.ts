/**
 * Recording: group commit in two stages. What arrives while a batch is under way goes into the next
 * one. First the units of a batch of drafts are looked up at once, but for those that are known from
 * before; then the events and their deliveries are written in one statement per shard of the
 * buckets, each with two batches in flight at most, one behind the other. The write checks that
 * what was known still stands; where not, nothing of its batch is written and all of it is looked up
 * afresh.
 *
 * Deliveries are handed over after each commit. Two shards may commit for one endpoint out of
 * turn; the lane notices by the positions and reads the table.
 *
 * What is answered is durable: a promise resolves only after its commit. When the database cannot
 * be reached the answer is `overloaded`, never a success.
 */
import type { Hub, RecordResult } from '../../dialects/hub-port.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { Problem } from '../../events/problem.ts';
import { type Batches, createBatches } from '../../lib/batches.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import { type Database, sqlState } from '../database.ts';
import { createAhead } from './ahead.ts';
import { createKnownUnits } from './known-units.ts';
import { createLookUp, type Resolved } from './look-up.ts';
import {
  deliveriesOf,
  firstOnes,
  type RecordedDelivery,
  repeatedOf,
  resultsOf,
} from './outcome.ts';
import {
  isPlain,
  type Prepared,
  prepare,
  type Subject,
  unstorable,
  type Waiting,
} from './prepare.ts';
import { forgetKeys, retractedEvents } from './related-events.ts';
import { createBatchWriter } from './write-batch.ts';

export type { RecordedDelivery } from './outcome.ts';

export interface RecorderOptions {
  readonly database: Database;
  readonly nowMs: () => number;
  readonly newId: (bucket: number) => string;
  /** Called after each commit, in order for each unit. Must not throw. */
  readonly handOver: (deliveries: readonly RecordedDelivery[]) => void;
  /** Dialects that cannot say an event: their subscriptions are not told of it. */
  readonly unsaidIn?: (event: RecordedEvent) => readonly string[];
  readonly onBatch?: (stage: 'resolve' | 'write', items: number) => void;
  /** Undefined: requests are not traced. */
  readonly tracing?: Pick<Tracing, 'current' | 'batch'> | undefined;
  readonly logger: { readonly error: (details: object, message: string) => void };
  readonly shardCount?: number;
}

export interface Recorder {
  readonly record: Hub['record'];
  /** Drafts waiting to be written. */
  readonly waiting: () => number;
  readonly idle: () => Promise<void>;
}

const itemsPerBatchMax = 500;
const itemsWaitingMax = 20_000;
const retryAfterSec = 1;
const shardCountUsual = 1;
/** The second is with PostgreSQL already when that has done the first. */
const batchesPerShardMax = 2;
/** Two batches, so that a long queue takes no more memory than it has to. */
const madeAheadMax = 2 * itemsPerBatchMax;
/** An event's time of recording is that of its row, and may not lie long before it can be seen. */
const aheadMsMax = 50;

/** Deadlocks and failed serialisations: nothing was written, trying again is right. */
const transient: ReadonlySet<string> = new Set(['40001', '40P01']);
const attemptsMax = 5;

/** A draft with what is known of its unit. */
type Found = readonly [Waiting, Subject];

/** Nothing was written: what was known of its unit counts no more. */
type Outcome = RecordResult | 'stale';
/** Times that one draft is looked up, while its unit is booked again and again: a second or so. */
const lookUpsMax = 30;

const overloaded = () =>
  new Problem('overloaded', 'the hub cannot record at the moment, try again', { retryAfterSec });

export function createRecorder(options: RecorderOptions): Recorder {
  const { database, tracing, unsaidIn = () => [] } = options;
  const knownUnits = createKnownUnits();
  const writeBatch = createBatchWriter({
    ...{ database, unsaidIn },
    nowMs: options.nowMs,
    forget: ({ waiting }) => knownUnits.forget(waiting),
  });
  const lookUp = createLookUp(database, knownUnits);

  async function write(items: readonly Prepared[]): Promise<Outcome[]> {
    options.onBatch?.('write', items.length);
    const work = () => withRetries(() => writeBatch(items));
    const traceparents = tracing && items.map(({ traceparent }) => traceparent);
    const rows = await (traceparents ? tracing.batch(traceparents, work) : work());
    if ('stale' in rows) return writeOthers(items, rows.stale);
    options.handOver(deliveriesOf(items, rows));
    const repeated = repeatedOf(rows);
    if (repeated.size === 0) return resultsOf(items, repeated, new Map());
    const first = await firstOnes(database, items, repeated);
    return writeReturned(items, resultsOf(items, repeated, first), first);
  }

  /** A unit that is booked again and again must not keep its neighbours waiting. */
  async function writeOthers(
    items: readonly Prepared[],
    stale: ReadonlySet<Prepared>,
  ): Promise<Outcome[]> {
    const others = items.filter((item) => !stale.has(item));
    const written = (others.length === 0 ? [] : await write(others)).values();
    return items.map((item) => (stale.has(item) ? 'stale' : (written.next().value ?? 'stale')));
  }

  /**
   * What was withdrawn and is told again is news: it takes the place of the withdrawn one. So is what
   * found its key taken and finds it no more: somebody else is making that place, and may not get on.
   * A retraction is none of its event's versions that could be told again.
   */
  async function writeReturned(
    items: readonly Prepared[],
    results: readonly RecordResult[],
    first: ReadonlyMap<string, string>,
  ): Promise<Outcome[]> {
    const repeated = items.flatMap(({ row }, index) => {
      const result = results[index];
      if (result?.status !== 'duplicate') return [];
      return [{ ...row, index, id: result.id }];
    });
    const withdrawn = await retractedEvents(
      database,
      repeated.filter(({ retracts }) => retracts === null),
    );
    const returned = repeated.filter(({ id, key }) => withdrawn.has(id) || !first.has(key));
    if (returned.length === 0) return [...results];
    await forgetKeys(database, returned);
    const again = await write(returned.flatMap(({ index }) => items[index] ?? []));
    const byIndex = new Map(returned.map(({ index }, place) => [index, again[place]]));
    return results.map((result, index) => byIndex.get(index) ?? result);
  }

  function prepareOne([item, found]: Found): Prepared {
    const id = options.newId(found.unit.bucket);
    return prepare(item, found, { id, recordedAtMs: options.nowMs(), unsaidIn });
  }

  const rows = createAhead<Found, Prepared>({
    make: prepareOne,
    isOld: ({ row }) => Math.abs(options.nowMs() - row.recordedAtMs) > aheadMsMax,
    madeMax: madeAheadMax,
  });
  const limits = { itemsPerBatchMax, itemsWaitingMax, full: overloaded };
  const lookUps = createBatches<Waiting, Resolved>({
    run: (items) => {
      options.onBatch?.('resolve', items.length);
      return lookUp(items);
    },
    ...limits,
  });
  const shards: Batches<Found, Outcome>[] = Array.from(
    { length: options.shardCount ?? shardCountUsual },
    () =>
      createBatches<Found, Outcome>({
        run: (items) => writeApart(rows.take(items), write),
        batchesMax: batchesPerShardMax,
        ...limits,
      }),
  );
  const waiting = () => shards.reduce((sum, shard) => sum + shard.waiting(), lookUps.waiting());

  /** Rejects when there is no room; then none of them waits. */
  function addToShards(found: readonly Found[]): Promise<Outcome[]> {
    if (waiting() + found.length > itemsWaitingMax) return Promise.reject(overloaded());
    rows.expect(found);
    const [only, ...others] = shards;
    if (only !== undefined && others.length === 0) return only.addAll(found);
    const outcomes = found.map((one) => {
      const shard = shards[one[1].unit.bucket % shards.length];
      if (shard === undefined) throw new Error('a recorder needs at least one shard');
      return shard.add(one);
    });
    return Promise.all(outcomes);
  }

  /** Results of what was resolved, in its order. */
  async function recordResolved(
    items: readonly Waiting[],
    resolved: readonly Resolved[],
  ): Promise<Outcome[]> {
    const found: Found[] = [];
    resolved.forEach((one, at) => {
      const item = items[at];
      if (item !== undefined && !('status' in one)) found.push([item, one]);
    });
    const outcomes = await addToShards(found);
    if (outcomes.length === resolved.length) return outcomes;
    const written = outcomes.values();
    return resolved.map((one) => ('status' in one ? one : (written.next().value ?? unstorable)));
  }

  /** What comes together keeps its order: either all of it is known, or all of it is looked up. */
  async function recordAll(items: readonly Waiting[]): Promise<RecordResult[]> {
    const known = allKnown(items);
    const outcomes =
      known === undefined
        ? await recordResolved(items, await lookUps.addAll(items))
        : await addToShards(known);
    return isSettled(outcomes) ? outcomes : recordStale(items, outcomes);
  }

  /** Looks up again what turned out to be stale, and what of that is stale by then. */
  async function recordStale(
    items: readonly Waiting[],
    outcomes: Outcome[],
  ): Promise<RecordResult[]> {
    for (let lookUp = 1; lookUp < lookUpsMax; lookUp += 1) {
      const places = outcomes.flatMap((outcome, place) => (outcome === 'stale' ? [place] : []));
      const stale = places.flatMap((place) => items[place] ?? []);
      for (const item of stale) knownUnits.forget(item);
      const again = await recordResolved(stale, await lookUps.addAll(stale));
      again.forEach((outcome, at) => {
        outcomes[places[at] ?? 0] = outcome;
      });
      if (isSettled(outcomes)) return outcomes;
    }
    throw overloaded();
  }

  /** Undefined where one of them has to be looked up. */
  function allKnown(items: readonly Waiting[]): Found[] | undefined {
    const known: Found[] = [];
    for (const item of items) {
      const facts = isPlain(item) ? knownUnits.get(item) : undefined;
      if (facts === undefined) return undefined;
      known.push([item, facts]);
    }
    return known;
  }

  return {
    record: async (principal, drafts) => {
      try {
        // Refused as a whole or taken as a whole.
        if (waiting() + drafts.length > itemsWaitingMax) throw overloaded();
        const traceparent = tracing?.current();
        return await recordAll(drafts.map((draft) => ({ principal, draft, traceparent })));
      } catch (error) {
        if (error instanceof Problem) throw error;
        options.logger.error({ err: error }, 'recording failed');
        throw overloaded();
      }
    },
    waiting,
    idle: async () => {
      await lookUps.idle();
      await Promise.all(shards.map((shard) => shard.idle()));
    },
  };
}

function isSettled(outcomes: Outcome[]): outcomes is RecordResult[] {
  return !outcomes.includes('stale');
}

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attemptsMax || !transient.has(sqlState(error) ?? '')) throw error;
    }
  }
}

/** One bad row must not sink its batch: on a data error the halves are tried apart. */
async function writeApart(
  items: readonly Prepared[],
  write: (items: readonly Prepared[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  try {
    return await write(items);
  } catch (error) {
    const state = sqlState(error) ?? '';
    if (!/^2[23]/.test(state)) throw error;
    if (items.length <= 1) return items.map(() => unstorable);
    const half = items.length >> 1;
    const first = await writeApart(items.slice(0, half), write);
    return [...first, ...(await writeApart(items.slice(half), write))];
  }
}
