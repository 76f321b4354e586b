/** Forgets what is too old, some rows at a time; rows that somebody works on are left for the next time. */
import type { Database } from '../database.ts';

export interface OldRows {
  readonly table: 'idempotency_keys' | 'refresh_tokens';
  /** Column whose time decides. */
  readonly by: 'created_at' | 'expires_at';
  readonly before: Date;
  readonly rowsMax: number;
}

/** How many were removed. */
export async function deleteOld(
  database: Database,
  { table, by, before, rowsMax }: OldRows,
): Promise<number> {
  const rows = await database.query(
    `delete from ${table} where ctid = any (array(
       select ctid from ${table} where ${by} < $1 limit $2 for update skip locked))
     returning 1`,
    [before, rowsMax],
  );
  return rows.length;
}
