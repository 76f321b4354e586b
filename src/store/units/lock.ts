/** Makes bookings of the same unit wait for each other, so that two of them create one unit. */
import type { Database } from '../database.ts';

export interface UnitNames {
  readonly owner: string;
  readonly key: string;
  readonly spi: string | undefined;
}

/** Classes of advisory locks with two numbers; a lock of one class never meets one of another. */
const referenceLocks = 7101;
const spiLocks = 7102;

const statement = { name: 'unit-lock', text: 'select pg_advisory_xact_lock($1, hashtext($2))' };

/**
 * Both names of a unit are locked until the transaction ends, the reference always first: two
 * bookings that share one name and not the other wait and do not deadlock. Two names with one
 * hash wait for each other too, which is harmless.
 */
export async function lockUnit(database: Database, { owner, key, spi }: UnitNames): Promise<void> {
  await database.query(statement, [referenceLocks, `${owner} ${key}`]);
  if (spi !== undefined) await database.query(statement, [spiLocks, `${owner} ${spi}`]);
}
