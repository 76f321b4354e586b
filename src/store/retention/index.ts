/**
 * Retention: drops what is older than the operator keeps, a month at a time (docs/adr/0018-retention.md).
 *
 * A month goes when its youngest row is too old. Attempts have an age of their own. Finished
 * deliveries go with their events, since they can be replayed as long as these are kept; so do the
 * keys by which a repeated event is known. What goes together disappears in one transaction; the
 * rest is cleaning up behind it, and a run that is interrupted is finished by the next one, because
 * a month's tables, taken off, stand there until all of it is done.
 *
 * One process does this at a time. No step holds a lock that recording needs for longer than a moment,
 * and none is a long transaction.
 */
import { lowerBoundId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { type PartitionedTable, partitionName } from '../months.ts';
import {
  deleteStrayAttempts,
  deleteStrayDeliveries,
  deleteStrayEvents,
} from './default-partition.ts';
import { forgetKeysOfDropped } from './event-keys.ts';
import { countParked } from './parked.ts';
import { type FoundMonth, foundMonths } from './partitions.ts';
import { summarizePassages } from './summaries.ts';
import { takeOffAttempts, takeOffEvents } from './take-off.ts';
import { keepYoungAttempts } from './young-attempts.ts';

export interface RetentionParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** Undefined is for ever. */
  readonly eventsDays: number | undefined;
  readonly attemptsDays: number | undefined;
}

export interface RetentionResult {
  /** Partitions that are gone. */
  readonly dropped: readonly string[];
  /** Not dropped, because the tables were in use; the next run tries again. */
  readonly busy: readonly string[];
  /** Not dropped, because more deliveries wait for these events than can be saved. */
  readonly waiting: readonly string[];
  /** Deliveries that were never made and can no longer be. */
  readonly parkedDropped: number;
  /** Rows of the default partitions. */
  readonly deleted: number;
}

interface Progress {
  readonly dropped: string[];
  readonly busy: string[];
  readonly waiting: string[];
  parkedDropped: number;
  deleted: number;
}

const lock = 7_061_996;
const dayMs = 86_400_000;
/** A clock that is off by more must not decide what is old. */
const clockDifferenceMinutesMax = 60;

/** Undefined where another process is at it. Throws when the clocks of hub and database differ. */
export async function applyRetention(parts: RetentionParts): Promise<RetentionResult | undefined> {
  const client = await parts.database.connect();
  let failure: Error | undefined;
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1) as taken',
      [lock],
    );
    if (rows[0]?.taken !== true) return undefined;
    return await apply(parts);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lock]).catch((error: Error) => {
      failure = error;
    });
    client.release(failure);
  }
}

async function apply(parts: RetentionParts): Promise<RetentionResult> {
  const { database, eventsDays, attemptsDays } = parts;
  const nowMs = await agreedNowMs(parts);
  const before = (days: number | undefined) =>
    days === undefined ? Number.NEGATIVE_INFINITY : nowMs - days * dayMs;
  const eventsMs = before(eventsDays);
  // Nobody can ask for the attempts of a delivery that is gone.
  const attemptsMs = Math.max(eventsMs, before(attemptsDays));
  const progress: Progress = { dropped: [], busy: [], waiting: [], parkedDropped: 0, deleted: 0 };
  for (const found of await foundMonths(database)) {
    // What was begun is finished, whatever the settings say today.
    const { month, detached } = found;
    if (month.toMs <= attemptsMs || detached.has('attempts')) {
      await dropAttempts(database, found, { attemptsMs: Math.max(0, attemptsMs), progress });
    }
    if (month.toMs <= eventsMs || detached.has('events') || detached.has('deliveries_done')) {
      await dropEvents(database, found, progress);
    }
  }
  if (attemptsMs > 0) progress.deleted += await deleteStrayAttempts(database, attemptsMs);
  if (eventsMs > 0) progress.deleted += await deleteStray(database, eventsMs);
  return progress;
}

/** The earlier of both clocks, which must agree: what is dropped by a wrong one is gone for good. */
async function agreedNowMs({ database, nowMs }: RetentionParts): Promise<number> {
  const [row] = await database.query<{ ms: number }>(
    `select extract(epoch from clock_timestamp())::float8 * 1000 as ms`,
  );
  const [ours, theirs] = [nowMs(), row?.ms ?? 0];
  const minutes = Math.round(Math.abs(ours - theirs) / 60_000);
  if (minutes > clockDifferenceMinutesMax) {
    throw new Error(`nothing is dropped: hub and database differ by ${minutes} minutes`);
  }
  return Math.floor(Math.min(ours, theirs));
}

async function dropAttempts(
  database: Database,
  { month, attached, detached }: FoundMonth,
  { attemptsMs, progress }: { readonly attemptsMs: number; readonly progress: Progress },
): Promise<void> {
  const name = partitionName('attempts', month);
  if (attached.has('attempts')) {
    const taken = await takeOffAttempts(database, month);
    if (taken !== 'done') return void progress.busy.push(name);
  } else if (!detached.has('attempts')) {
    return;
  }
  await keepYoungAttempts(database, name, attemptsMs);
  await database.query(`drop table ${name}`);
  progress.dropped.push(name);
}

async function dropEvents(
  database: Database,
  { month, attached, detached }: FoundMonth,
  progress: Progress,
): Promise<void> {
  const tables = (['events', 'deliveries_done'] as const).filter(
    (table) => attached.has(table) || detached.has(table),
  );
  if (tables.length === 0) return;
  const nameOf = (table: PartitionedTable) => partitionName(table, month);
  if (attached.has('events')) await summarizePassages(database, nameOf('events'), month.to);
  if (tables.some((table) => attached.has(table))) {
    const taken = await takeOffEvents(database, month, attached);
    if (taken !== 'done') return void progress[taken].push(...tables.map(nameOf));
  }
  await forgetKeysOfDropped(database, month.to);
  if (tables.includes('deliveries_done')) {
    progress.parkedDropped += await countParked(database, nameOf('deliveries_done'));
  }
  await database.query(`drop table ${tables.map(nameOf).join(', ')}`);
  progress.dropped.push(...tables.map(nameOf));
}

async function deleteStray(database: Database, eventsMs: number): Promise<number> {
  const deleted = await deleteStrayEvents(database, eventsMs);
  if (deleted > 0) await forgetKeysOfDropped(database, lowerBoundId(eventsMs));
  return deleted + (await deleteStrayDeliveries(database, eventsMs));
}
