/** Months as partitions: what they are called and which ids they hold. Ids begin with their time. */
import { lowerBoundId } from '../lib/id.ts';

export const partitionedTables = ['events', 'deliveries_done', 'attempts'] as const;
export type PartitionedTable = (typeof partitionedTables)[number];

/** The column whose ranges the partitions are. */
export const keyOf: Readonly<Record<PartitionedTable, string>> = {
  events: 'id',
  deliveries_done: 'id',
  attempts: 'delivery_id',
};

export interface Month {
  /** As in `events_y2026m11`, without the `y`. */
  readonly suffix: string;
  /** The first id of the month, and the first one behind it. */
  readonly from: string;
  readonly to: string;
  readonly toMs: number;
}

/** The month of a time, or one so many months after it. */
export function monthAt(epochMs: number, ahead = 0): Month {
  const date = new Date(epochMs);
  const startMs = (more: number) =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead + more);
  const [fromMs, toMs] = [startMs(0), startMs(1)];
  const suffix = new Date(fromMs).toISOString().slice(0, 7).replace('-', 'm');
  return { suffix, from: lowerBoundId(fromMs), to: lowerBoundId(toMs), toMs };
}

export function partitionName(table: PartitionedTable, { suffix }: Month): string {
  return `${table}_y${suffix}`;
}

/** Which month's partition of which table it is, by its name; undefined for any other table. */
export function partitionOf(name: string): { table: PartitionedTable; month: Month } | undefined {
  const match = /^(.+)_y(\d{4})m(\d{2})$/.exec(name);
  const table = partitionedTables.find((known) => known === match?.[1]);
  if (match === null || table === undefined) return undefined;
  return { table, month: monthAt(Date.UTC(Number(match[2]), Number(match[3]) - 1)) };
}
