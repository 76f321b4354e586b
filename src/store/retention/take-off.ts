/**
 * Takes a month off its tables under a short lock. DETACH CONCURRENTLY is no way: PostgreSQL refuses
 * it where there is a default partition. A plain DETACH changes the catalogue alone, and gives up
 * when it has waited a moment, so that recording never queues behind it for longer.
 */
import { type Database, sqlState } from '../database.ts';
import { type Month, partitionName } from '../months.ts';
import type { Parts } from './partitions.ts';

/** How long statements may queue behind a lock that is waited for. */
const lockTimeoutMs = 250;
/** Events saved under the lock, for deliveries that still wait. */
export const eventsSavedMax = 5_000;

/** lock_not_available, deadlock_detected: someone was using the tables. */
const busyStates: ReadonlySet<string> = new Set(['55P03', '40P01']);

export type TakenOff = 'done' | 'busy' | 'waiting';

/** Attempts of a month, by the time of their events. */
export function takeOffAttempts(database: Database, month: Month): Promise<TakenOff> {
  return underLock(database, async () => {
    await detach(database, 'attempts', month);
    return 'done';
  });
}

/**
 * Events and finished deliveries of a month at once, so that nobody sees one without the other.
 * Events that a delivery still waits for stay, in the default partition. Where these are very many
 * the month stays as it is: `waiting`.
 *
 * No delivery comes to wait for one of the others meanwhile: recording and replays see the event in
 * the statement that makes the delivery, and with that hold a lock that the detaching waits for.
 * Only a subscription that asks for a past as old as that, in this very moment, may get a delivery
 * without its event; it is parked, and says so.
 */
export async function takeOffEvents(
  database: Database,
  month: Month,
  attached: Parts,
): Promise<TakenOff> {
  if ((await countWaiting(database, month)) > eventsSavedMax) return 'waiting';
  return underLock(database, async () => {
    if (attached.has('events')) await detach(database, 'events', month);
    if (attached.has('deliveries_done')) await detach(database, 'deliveries_done', month);
    if (!attached.has('events')) return 'done';
    if ((await countWaiting(database, month)) > eventsSavedMax) throw new TooMany();
    await save(database, month);
    return 'done';
  });
}

class TooMany extends Error {}

async function underLock(database: Database, work: () => Promise<TakenOff>): Promise<TakenOff> {
  try {
    return await database.transaction(async () => {
      await database.query(`set local lock_timeout = ${lockTimeoutMs}`);
      return work();
    });
  } catch (error) {
    if (error instanceof TooMany) return 'waiting';
    if (busyStates.has(sqlState(error) ?? '')) return 'busy';
    throw error;
  }
}

async function detach(
  database: Database,
  table: 'events' | 'deliveries_done' | 'attempts',
  month: Month,
): Promise<void> {
  await database.query(`alter table ${table} detach partition ${partitionName(table, month)}`);
}

/** A delivery's id begins with its event's time, so those of a month are ranges of the key. */
const waiting = `generate_series(0, 255) as b (bucket) cross join lateral (
    select d.bucket, d.event_id from deliveries d
    where d.bucket = b.bucket and d.id >= $1 and d.id < $2 limit ${eventsSavedMax + 1}
  ) w`;

async function countWaiting(database: Database, { from, to }: Month): Promise<number> {
  const [row] = await database.query<{ many: number }>(
    `select count(*) as many from (select from ${waiting} limit ${eventsSavedMax + 1}) counted`,
    [from, to],
  );
  return row?.many ?? 0;
}

/** They go to the default partition, since their month is no longer there. */
async function save(database: Database, month: Month): Promise<void> {
  await database.query(
    `insert into events
     select e.* from (select distinct w.bucket, w.event_id from ${waiting}) w
     join ${partitionName('events', month)} e on e.bucket = w.bucket and e.id = w.event_id`,
    [month.from, month.to],
  );
}
