/** Notes a unit as it is now, so that it can be asked later what was known at a time. */
import type { HandlingUnit } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import { present } from '../../lib/present.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';

/*
 * Under the lock of the unit's names, so numbers have no rivals. Clocks of hubs differ: a version
 * is never older than the one before it, or that one would come back to life.
 */
const statement = {
  name: 'unit-version-insert',
  text: `insert into unit_versions (bucket, unit_id, recorded_at, number, content)
    select $1, $2, greatest($3::timestamptz, last.recorded_at), coalesce(last.number, 0) + 1,
      $4::jsonb
    from (select 1) one left join lateral (
      select v.recorded_at, v.number from unit_versions v where v.bucket = $1 and v.unit_id = $2
      order by v.recorded_at desc, v.number desc limit 1
    ) last on true`,
};

/** To be called in the transaction that writes the unit. */
export async function insertVersion(database: Database, unit: HandlingUnit): Promise<void> {
  const { reference, spi, freightFamily, customsFlag, details, documents, parties } = unit;
  const content = present({
    ...{ reference, spi, freightFamily, customsFlag, details, documents, parties },
  });
  await database.query(statement, [
    bucketOfId(unit.id),
    unit.id,
    timestamp(unit.updatedAtMs),
    JSON.stringify(content),
  ]);
}
