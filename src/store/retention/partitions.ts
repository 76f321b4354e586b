/** The monthly partitions there are, oldest first, from the catalogue. */
import type { Database } from '../database.ts';
import { type Month, type PartitionedTable, partitionOf } from '../months.ts';

export type Parts = ReadonlySet<PartitionedTable>;

export interface FoundMonth {
  readonly month: Month;
  /** Tables that have a partition of the month. */
  readonly attached: Parts;
  /** Taken off already, by a run that did not come to its end. */
  readonly detached: Parts;
}

const statement = `select c.relname as name, i.inhparent is not null as "isAttached"
  from pg_class c left join pg_inherits i on i.inhrelid = c.oid
  where c.relkind = 'r' and c.relname ~ '_y\\d{4}m\\d{2}$' and pg_table_is_visible(c.oid)`;

export async function foundMonths(database: Database): Promise<FoundMonth[]> {
  const rows = await database.query<{ name: string; isAttached: boolean }>(statement);
  const months = new Map<
    string,
    { month: Month; attached: Set<PartitionedTable>; detached: Set<PartitionedTable> }
  >();
  for (const { name, isAttached } of rows) {
    const partition = partitionOf(name);
    if (partition === undefined) continue;
    const { table, month } = partition;
    const found = months.get(month.suffix) ?? { month, attached: new Set(), detached: new Set() };
    found[isAttached ? 'attached' : 'detached'].add(table);
    months.set(month.suffix, found);
  }
  return [...months.values()].sort((one, other) => one.month.toMs - other.month.toMs);
}
