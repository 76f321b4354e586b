/**
 * Makes the monthly partitions of the big tables ahead of time. Ids begin with their time, so a
 * range of ids is a range of time and retention is the dropping of a table.
 */
import { lowerBoundId } from '../lib/id.ts';
import { type Database, sqlState } from './database.ts';

export interface PartitionsParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** Months made beyond the current one. */
  readonly monthsAhead: number;
}

export interface PartitionsResult {
  readonly created: readonly string[];
  /** Not made, because the default partition has rows of that month; it serves them well enough. */
  readonly leftInDefault: readonly string[];
  /** Not made, because the default partition was busy; the next run tries again. */
  readonly busy: readonly string[];
}

const tables = ['events', 'deliveries_done', 'attempts'] as const;
const lock = 7_061_995;
/** Attaching locks the default partition; queries must not queue behind it for long. */
const lockTimeoutMs = 2000;

type Outcome = 'created' | 'present' | 'leftInDefault' | 'busy';

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  // check_violation: a row of the default partition belongs into the range.
  ['23514', 'leftInDefault'],
  // lock_not_available: lock_timeout has passed.
  ['55P03', 'busy'],
]);

interface Partition {
  readonly table: (typeof tables)[number];
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Safe to run again and in several processes at once. Not to be called in a transaction. */
export async function ensurePartitions(parts: PartitionsParts): Promise<PartitionsResult> {
  const result: Record<Outcome, string[]> = {
    created: [],
    present: [],
    leftInDefault: [],
    busy: [],
  };
  for (const partition of partitionsOf(parts.nowMs(), parts.monthsAhead)) {
    result[await ensure(parts.database, partition)].push(partition.name);
  }
  const { created, leftInDefault, busy } = result;
  return { created, leftInDefault, busy };
}

function partitionsOf(nowMs: number, monthsAhead: number): Partition[] {
  const now = new Date(nowMs);
  const monthMs = (ahead: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead);
  const months = Array.from({ length: monthsAhead + 1 }, (_, ahead) => ({
    suffix: new Date(monthMs(ahead)).toISOString().slice(0, 7).replace('-', 'm'),
    from: lowerBoundId(monthMs(ahead)),
    to: lowerBoundId(monthMs(ahead + 1)),
  }));
  return tables.flatMap((table) =>
    months.map(({ suffix, from, to }) => ({ table, name: `${table}_y${suffix}`, from, to })),
  );
}

/** Each in a transaction of its own, so that one that cannot be made does not undo the others. */
async function ensure(database: Database, partition: Partition): Promise<Outcome> {
  try {
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
async function make(
  database: Database,
  { table, name, from, to }: Partition,
): Promise<'created' | 'present'> {
  await database.query('select pg_advisory_xact_lock($1)', [lock]);
  const [found] = await database.query<{ name: string | null }>(
    'select to_regclass($1)::text as name',
    [name],
  );
  if (found !== undefined && found.name !== null) return 'present';
  await database.query(`set local lock_timeout = ${lockTimeoutMs}`);
  await database.query(`create table ${name} (like ${table} including all)`);
  await database.query(
    `alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`,
  );
  return 'created';
}
