/** Writes the members of a unit that a later booking may change. Bucket, owner and key stay. */

import type { HandlingUnit } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';

const statement = {
  name: 'unit-update',
  text: `update units set reference = $3, spi = $4, freight_family = $5, customs_flag = $6,
      details = $7::jsonb, updated_at = $8
    where bucket = $1 and id = $2`,
};

export async function updateUnit(database: Database, unit: HandlingUnit): Promise<void> {
  await database.query(statement, [
    bucketOfId(unit.id),
    unit.id,
    unit.reference,
    unit.spi ?? null,
    unit.freightFamily,
    unit.customsFlag,
    JSON.stringify(unit.details),
    timestamp(unit.updatedAtMs),
  ]);
}
