/**
 * Attempts younger than their event's month: of deliveries that were paused, or replayed. They are
 * history that the operator wants to keep, so they move to the default partition.
 */
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { piecesOf } from './pages.ts';

const columns = `bucket, delivery_id, number, at, outcome, stage, status, duration_ms, response`;

const move = (table: string) => `
insert into attempts (${columns})
select ${columns} from ${table} where ctid >= $1::tid and ctid < $2::tid and at >= $3
on conflict do nothing`;

/**
 * From a partition that was taken off. Meanwhile, seconds at most for a usual month, they are not
 * seen. Harmless when repeated.
 */
export async function keepYoungAttempts(
  database: Database,
  table: string,
  sinceMs: number,
): Promise<void> {
  for await (const [from, to] of piecesOf(database, table)) {
    await database.query(move(table), [from, to, timestamp(sinceMs)]);
  }
}
