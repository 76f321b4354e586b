/**
 * Waits until no transaction is left that began before now. Whatever began later sees everything
 * that was committed before: the same wait as that of CREATE INDEX CONCURRENTLY.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../events/problem.ts';
import type { Database } from '../database.ts';

const pauseMsMin = 5;
const pauseMsMax = 100;
const retryAfterSec = 10;

/*
 * Every transaction holds its virtual id locked, from before its first snapshot until its end. Told
 * by ids and not by times or snapshots: clocks are set back, and the oldest transaction that writes
 * anywhere on the server makes every snapshot look old (`backend_xmin`).
 */
const running = `
  select l.virtualtransaction as id
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'virtualxid' and l.mode = 'ExclusiveLock' and l.granted
    and a.datname = current_database() and a.backend_type = 'client backend'
    and a.pid <> pg_backend_pid()`;

const left = `select id from (${running}) r where id = any ($1::text[])`;

/** Throws `overloaded` when it takes longer. Not to be called in a transaction. */
export async function olderTransactionsEnded(database: Database, waitMsMax: number): Promise<void> {
  let rows = await database.query<{ id: string }>(running);
  let pauseMs = pauseMsMin;
  for (let waitedMs = 0; rows.length > 0; waitedMs += pauseMs) {
    if (waitedMs > waitMsMax) {
      throw new Problem('overloaded', 'the database is busy with an older transaction', {
        retryAfterSec,
      });
    }
    pauseMs = Math.min(2 * pauseMs, pauseMsMax);
    await pause(pauseMs);
    rows = await database.query<{ id: string }>(left, [rows.map((row) => row.id)]);
  }
}
