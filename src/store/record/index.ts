/**
 * Recording: group commit in two stages. First the units of a whole batch are looked up at once,
 * then the events are written by one statement per shard. A shard holds the buckets with the same
 * remainder and has one batch in flight, so the deliveries of a unit are handed over in the order
 * of their sequence numbers; different shards commit side by side.
 *
 * What is answered is durable: a promise resolves only after its commit. When the database cannot
 * be reached the answer is `overloaded`, never a success.
 */
import type { Hub, RecordResult } from '../../dialects/hub-port.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { Problem } from '../../events/problem.ts';
import { type Batches, createBatches } from '../../lib/batches.ts';
import { type Database, sqlState } from '../database.ts';
import { settleLeaving } from '../subscriptions/settle-leaving.ts';
import { createOrganizationNames, type OrganizationNames } from './organization-names.ts';
import { passageTimes } from './passage-times.ts';
import {
  judge,
  type Known,
  type Prepared,
  prepare,
  questionOf,
  type Rejection,
  speakerOf,
  type Waiting,
} from './prepare.ts';
import { knownOrganizations, relatedEvents } from './related-events.ts';
import { resolveUnits, type VisibleUnit } from './resolve-units.ts';
import { isSeparable, knownEvents, type WrittenRow, writeEvents } from './write-events.ts';

/** A delivery that was committed, on its way to its lane. */
export interface RecordedDelivery {
  readonly bucket: number;
  readonly id: string;
  readonly endpointId: string;
  readonly position: number;
  readonly subscriptionId: string;
  readonly sequence: number;
  readonly event: RecordedEvent;
}

export interface RecorderOptions {
  readonly database: Database;
  readonly nowMs: () => number;
  readonly newId: (bucket: number) => string;
  /** Called after each commit, in order for each unit. Must not throw. */
  readonly handOver: (deliveries: readonly RecordedDelivery[]) => void;
  /** Dialects that cannot say an event: their subscriptions are not told of it. */
  readonly unsaidIn?: (event: RecordedEvent) => readonly string[];
  readonly onBatch?: (stage: 'resolve' | 'write', items: number) => void;
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

/** Deadlocks and failed serialisations: nothing was written, trying again is right. */
const transient: ReadonlySet<string> = new Set(['40001', '40P01']);
const attemptsMax = 5;

/** A unit, and the name of who speaks of it. */
type Resolved = { readonly unit: VisibleUnit; readonly sourceName: string | undefined } | Rejection;

const overloaded = () =>
  new Problem('overloaded', 'the hub cannot record at the moment, try again', { retryAfterSec });

export function createRecorder(options: RecorderOptions): Recorder {
  const { database, unsaidIn = () => [] } = options;
  const namesOf = createOrganizationNames(database);

  async function resolve(items: readonly Waiting[]): Promise<Resolved[]> {
    options.onBatch?.('resolve', items.length);
    const [units, told] = await Promise.all([
      resolveUnits(database, items.map(questionOf)),
      knownTo(database, items),
    ]);
    const known = { ...told, times: await passageTimes(database, units) };
    const judged = items.map((item, index) => judge(item, units[index] ?? [], known));
    return named(items, judged, namesOf);
  }

  async function write(items: readonly Prepared[]): Promise<RecordResult[]> {
    options.onBatch?.('write', items.length);
    const rows = await withRetries(() => writeAll(database, items, options.nowMs()));
    options.handOver(deliveriesOf(items, rows));
    return resultsOf(database, items, rows);
  }

  const full = overloaded;
  const resolving = createBatches<Waiting, Resolved>({
    run: resolve,
    itemsPerBatchMax,
    itemsWaitingMax,
    full,
  });
  const shards: Batches<Prepared, RecordResult>[] = Array.from(
    { length: options.shardCount ?? 1 },
    () =>
      createBatches<Prepared, RecordResult>({
        run: (items) => writeApart(items, write),
        itemsPerBatchMax,
        itemsWaitingMax,
        full,
      }),
  );

  async function recordOne(waiting: Waiting): Promise<RecordResult> {
    const resolved = await resolving.add(waiting);
    if ('status' in resolved) return resolved;
    const { unit, sourceName } = resolved;
    const shard = shards[unit.bucket % shards.length];
    if (shard === undefined) throw new Error('a recorder needs at least one shard');
    const given = { id: options.newId(unit.bucket), recordedAtMs: options.nowMs() };
    const prepared = prepare(waiting, unit, { ...given, sourceName, unsaidIn });
    return isSeparable(prepared.row) ? shard.add(prepared) : unstorable;
  }

  return {
    record: async (principal, drafts) => {
      try {
        return await Promise.all(drafts.map((draft) => recordOne({ principal, draft })));
      } catch (error) {
        if (error instanceof Problem) throw error;
        options.logger.error({ err: error }, 'recording failed');
        throw overloaded();
      }
    },
    waiting: () => shards.reduce((sum, shard) => sum + shard.waiting(), resolving.waiting()),
    idle: async () => {
      await resolving.idle();
      await Promise.all(shards.map((shard) => shard.idle()));
    },
  };
}

async function knownTo(
  database: Database,
  items: readonly Waiting[],
): Promise<Omit<Known, 'times'>> {
  const events: string[] = [];
  const organizations: string[] = [];
  for (const { principal, draft } of items) {
    if (draft.replaces !== undefined) events.push(draft.replaces);
    if (draft.retracts !== undefined) events.push(draft.retracts);
    const speaker = draft.source.organization;
    if (principal.organization === undefined && speaker !== undefined) organizations.push(speaker);
  }
  return {
    related: await relatedEvents(database, events),
    organizations: await knownOrganizations(database, organizations),
  };
}

async function named(
  items: readonly Waiting[],
  judged: readonly (VisibleUnit | Rejection)[],
  namesOf: OrganizationNames,
): Promise<Resolved[]> {
  const speakers = items.map((item, index) => {
    const unit = judged[index];
    return unit === undefined || 'status' in unit ? undefined : speakerOf(item, unit);
  });
  const names = await namesOf(new Set(speakers.filter((speaker) => speaker !== undefined)));
  return judged.map((unit, index) =>
    'status' in unit ? unit : { unit, sourceName: names.get(speakers[index] ?? '') },
  );
}

/** The events and their deliveries, and, where subscriptions end with a leaving, their ends. */
async function writeAll(
  database: Database,
  items: readonly Prepared[],
  nowMs: number,
): Promise<WrittenRow[]> {
  const rows = items.map((item, ord) => ({ ...item.row, ord }));
  const write = () => writeEvents(database, rows, new Date(nowMs).toISOString());
  const leaving = new Set(items.flatMap((item) => item.leaving ?? []));
  // A statement by itself is a transaction too, and the cheapest one.
  if (leaving.size === 0) return write();
  return database.transaction(async () => {
    const written = await write();
    await settleLeaving(database, [...leaving], nowMs);
    return written;
  });
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
  write: (items: readonly Prepared[]) => Promise<RecordResult[]>,
): Promise<RecordResult[]> {
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

const unstorable: Rejection = {
  status: 'rejected',
  code: 'invalid-input',
  issue: { path: '', message: 'this event cannot be stored', rule: 'storable' },
};

function deliveriesOf(items: readonly Prepared[], rows: readonly WrittenRow[]): RecordedDelivery[] {
  const deliveries: RecordedDelivery[] = [];
  for (const row of rows) {
    const item = items[row.ord];
    if (row.deliveryId === null || !row.due || item === undefined) continue;
    deliveries.push({
      bucket: item.row.bucket,
      id: row.deliveryId,
      endpointId: row.endpointId,
      position: row.position,
      subscriptionId: row.subscriptionId,
      sequence: row.sequence,
      event: item.event,
    });
  }
  return deliveries;
}

async function resultsOf(
  database: Database,
  items: readonly Prepared[],
  rows: readonly WrittenRow[],
): Promise<RecordResult[]> {
  const fresh = new Set<number>();
  for (const row of rows) if (row.fresh) fresh.add(row.ord);
  const repeated = items.filter((_, ord) => !fresh.has(ord)).map((item) => item.row);
  const known = repeated.length === 0 ? new Map() : await knownEvents(database, repeated);
  return items.map(({ event, row }, ord) =>
    fresh.has(ord)
      ? { status: 'recorded', id: event.id }
      : { status: 'duplicate', id: known.get(row.key) ?? event.id },
  );
}
