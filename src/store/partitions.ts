/**
 * Makes the monthly partitions of the big tables ahead of time. Ids begin with their time, so a
 * range of ids is a range of time and retention is the dropping of a table (retention/).
 *
 * Rows that no partition was there for, because a clock was wrong or the hub stood still, lie in
 * the default partition. A few are moved when their month is made; many stay where they are, which
 * serves them well enough, and retention finds them there.
 */
import { type Database, sqlState } from './database.ts';
import { dropProof, isDefaultLarge, proveAbsence } from './large-default.ts';
import {
  keyOf,
  type Month,
  monthAt,
  type PartitionedTable,
  partitionedTables,
  partitionName,
} from './months.ts';

export interface PartitionsParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** Months made beyond the current one. */
  readonly monthsAhead: number;
}

export interface PartitionsResult {
  readonly created: readonly string[];
  /** Not made, because the default partition has many rows of that month. */
  readonly leftInDefault: readonly string[];
  /** Not made, because the default partition was busy; the next run tries again. */
  readonly busy: readonly string[];
}

const lock = 7_061_995;
/** Attaching locks the default partition; queries must not queue behind it for long. */
const lockTimeoutMs = 500;
/** The default partition is read through while it is locked. */
const attachMsMax = 2_000;
/** Moved under that lock at most. */
const rowsMovedMax = 5_000;

type Outcome = 'created' | 'present' | 'leftInDefault' | 'busy';

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  // check_violation: a row of the range came into the default partition meanwhile.
  ['23514', 'leftInDefault'],
  // lock_not_available: lock_timeout has passed. query_canceled: statement_timeout has.
  ['55P03', 'busy'],
  ['57014', 'busy'],
]);

interface Partition {
  readonly table: PartitionedTable;
  readonly name: string;
  readonly month: Month;
  /** Of a month to come. */
  readonly isAhead: boolean;
}

/** Safe to run again and in several processes at once. Not to be called in a transaction. */
export async function ensurePartitions(parts: PartitionsParts): Promise<PartitionsResult> {
  const { database, nowMs, monthsAhead } = parts;
  const result: Record<Outcome, string[]> = {
    created: [],
    present: [],
    leftInDefault: [],
    busy: [],
  };
  for (const partition of await missing(database, partitionsOf(nowMs(), monthsAhead))) {
    result[await ensure(database, partition)].push(partition.name);
  }
  const { created, leftInDefault, busy } = result;
  return { created, leftInDefault, busy };
}

function partitionsOf(nowMs: number, monthsAhead: number): Partition[] {
  const months = Array.from({ length: monthsAhead + 1 }, (_, ahead) => monthAt(nowMs, ahead));
  return partitionedTables.flatMap((table) =>
    months.map((month, ahead) => ({
      ...{ table, month, name: partitionName(table, month), isAhead: ahead > 0 },
    })),
  );
}

/**
 * One look for all of them: that is what happens nearly always. Not by `to_regclass`, which may
 * answer from a cache of before we waited for the lock.
 */
async function missing(database: Database, wanted: readonly Partition[]): Promise<Partition[]> {
  const rows = await database.query<{ name: string }>(
    'select relname as name from pg_class where relname = any ($1) and pg_table_is_visible(oid)',
    [wanted.map(({ name }) => name)],
  );
  const present = new Set(rows.map(({ name }) => name));
  return wanted.filter(({ name }) => !present.has(name));
}

/** Each in a transaction of its own, so that one that cannot be made does not undo the others. */
async function ensure(database: Database, partition: Partition): Promise<Outcome> {
  try {
    const isLarge = await isDefaultLarge(database, partition.table);
    if (isLarge && !partition.isAhead) return 'leftInDefault';
    if (isLarge) await proveAbsence(database, partition, lockTimeoutMs);
    return await database.transaction(() => make(database, partition));
  } catch (error) {
    const outcome = outcomes.get(sqlState(error) ?? '');
    if (outcome === undefined) throw error;
    return outcome;
  }
}

/**
 * Made apart and then attached: unlike `create table … partition of`, that does not lock the
 * parent against reads and writes. Names and bounds are ours, so they may stand in the text.
 */
async function make(database: Database, partition: Partition): Promise<Outcome> {
  const { table, name, month } = partition;
  await database.query('select pg_advisory_xact_lock($1)', [lock]);
  if ((await missing(database, [partition])).length === 0) return 'present';
  const astray = await rowsInDefault(database, partition);
  if (astray > rowsMovedMax) return 'leftInDefault';
  await database.query(`set local lock_timeout = ${lockTimeoutMs}`);
  await database.query(`create table ${name} (like ${table} including all)`);
  await database.query(`set local statement_timeout = ${attachMsMax}`);
  if (astray > 0) await moveFromDefault(database, partition);
  await database.query(
    `alter table ${table} attach partition ${name}
     for values from ('${month.from}') to ('${month.to}')`,
  );
  await dropProof(database, partition);
  return 'created';
}

/** By the primary key, bucket by bucket; counts no further than needed. */
async function rowsInDefault(database: Database, { table, month }: Partition): Promise<number> {
  const key = keyOf[table];
  const most = rowsMovedMax + 1;
  const [row] = await database.query<{ many: number }>(
    `select count(*) as many from (
       select from generate_series(0, 255) as b (bucket) cross join lateral (
         select from ${table}_default d
         where d.bucket = b.bucket and d.${key} >= $1 and d.${key} < $2 limit ${most}
       ) found limit ${most}
     ) counted`,
    [month.from, month.to],
  );
  return row?.many ?? 0;
}

/** Under a lock that keeps new rows of the range out until the partition takes them. */
async function moveFromDefault(
  database: Database,
  { table, name, month }: Partition,
): Promise<void> {
  const key = keyOf[table];
  await database.query(`lock table ${table}_default in access exclusive mode`);
  await database.query(
    `with moved as (
       delete from ${table}_default
       where bucket = any (array(select generate_series(0, 255)::smallint))
         and ${key} >= $1 and ${key} < $2
       returning *
     ) insert into ${name} select * from moved`,
    [month.from, month.to],
  );
}
