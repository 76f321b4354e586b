/** Counts what goes without ever having been delivered: that is told, never silent. */
import type { Database } from '../database.ts';
import { piecesOf } from './pages.ts';

/** Parked deliveries in a partition of finished ones. */
export async function countParked(database: Database, table: string): Promise<number> {
  let total = 0;
  for await (const [from, to] of piecesOf(database, table)) {
    const [row] = await database.query<{ many: number }>(
      `select count(*) as many from ${table}
       where ctid >= $1::tid and ctid < $2::tid and state = 'parked'`,
      [from, to],
    );
    total += row?.many ?? 0;
  }
  return total;
}
