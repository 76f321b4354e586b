/**
 * A default partition that has become large, because a clock was off for long. Attaching a partition
 * reads it through, under a lock that recording would wait for; so it is proved beforehand, without
 * such a lock, that it holds nothing of the month: PostgreSQL then skips the reading.
 */
import type { Database } from './database.ts';
import { keyOf, type Month, type PartitionedTable } from './months.ts';

/** 4 MB: read in a few milliseconds. */
const pagesMax = 512;

export interface Range {
  readonly table: PartitionedTable;
  readonly month: Month;
}

export async function isDefaultLarge(
  database: Database,
  table: PartitionedTable,
): Promise<boolean> {
  const [row] = await database.query<{ isLarge: boolean }>(
    `select pg_relation_size($1::regclass) > $2 * current_setting('block_size')::int as "isLarge"`,
    [`${table}_default`, pagesMax],
  );
  return row?.isLarge === true;
}

const constraintOf = ({ month }: Range) => `without_${month.suffix}`;

/** In a transaction; the lock is one for an instant. */
export async function dropProof(database: Database, range: Range): Promise<void> {
  await database.query(
    `alter table ${range.table}_default drop constraint if exists ${constraintOf(range)}`,
  );
}

/**
 * Rejects with a check violation where there are rows of the month; the proof is taken back then.
 * Until `dropProof` no row of the month can be stored, so it is for months to come alone.
 */
export async function proveAbsence(
  database: Database,
  range: Range,
  lockTimeoutMs: number,
): Promise<void> {
  const { table, month } = range;
  const [key, name] = [keyOf[table], constraintOf(range)];
  const locked = (work: () => Promise<unknown>) =>
    database.transaction(async () => {
      await database.query(`set local lock_timeout = ${lockTimeoutMs}`);
      await work();
    });
  await locked(async () => {
    await dropProof(database, range);
    await database.query(
      `alter table ${table}_default add constraint ${name}
       check (${key} < '${month.from}' or ${key} >= '${month.to}') not valid`,
    );
  });
  try {
    await database.query(`alter table ${table}_default validate constraint ${name}`);
  } catch (error) {
    await locked(() => dropProof(database, range));
    throw error;
  }
}
