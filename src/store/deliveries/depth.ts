/** How many deliveries wait, by state: counted while they are few, estimated when they are many. */
import type { Database } from '../database.ts';

export interface QueueDepth {
  /** Never tried. */
  readonly new: number;
  /** Tried at least once. */
  readonly retrying: number;
  /** Their subscription is paused, disabled or being filled. */
  readonly held: number;
}

/** Rows looked at, at most, by the primary key: it is asked again and again. */
const rowsCountedMax = 20_000;

/*
 * Beyond that the first rows stand for all: buckets come first in the key, so these are whole buckets,
 * and units fall into buckets by chance. `n_live_tup` follows inserts and deletes within seconds.
 */
const statement = {
  name: 'deliveries-depth',
  text: `
select count(*) as looked, count(*) filter (where due_at = 'infinity') as held,
  count(*) filter (where due_at < 'infinity' and attempt_count > 0) as retrying,
  (select n_live_tup from pg_stat_user_tables where relid = 'deliveries'::regclass) as estimate
from (
  select due_at, attempt_count from deliveries order by bucket, id limit ${rowsCountedMax}
) few`,
};

export async function queueDepth(database: Database): Promise<QueueDepth> {
  const [row] = await database.query<{
    looked: number;
    held: number;
    retrying: number;
    estimate: number | null;
  }>(statement);
  const { looked, held, retrying, estimate } = row ?? {
    ...{ looked: 0, held: 0, retrying: 0, estimate: 0 },
  };
  const isAll = looked < rowsCountedMax;
  const factor = isAll ? 1 : Math.max(estimate ?? 0, looked) / looked;
  const scaled = (many: number) => Math.round(many * factor);
  return {
    new: scaled(looked - held - retrying),
    retrying: scaled(retrying),
    held: scaled(held),
  };
}
