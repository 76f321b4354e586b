/** Walks a whole table in pieces, so that no statement is long and no old row version is kept. */
import type { Database } from '../database.ts';

/** From the first page on, up to before the second, as row addresses. */
export type Pages = readonly [from: string, to: string];

const pagesPerPiece = 4_096;

/** Pieces of 32 MB; `where ctid >= from and ctid < to` reads just these (PostgreSQL 14). */
export async function* piecesOf(database: Database, table: string): AsyncGenerator<Pages> {
  const [row] = await database.query<{ pages: number }>(
    `select pg_relation_size($1::regclass) / current_setting('block_size')::int as pages`,
    [table],
  );
  const pages = row?.pages ?? 0;
  for (let at = 0; at < pages; at += pagesPerPiece) {
    yield [`(${at},0)`, `(${at + pagesPerPiece},0)`];
  }
}
