/** A new unit with its owner, who sees it and may register events like every party but observers. */
import { bucketOf, referenceKey } from '../../events/identifiers.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';

const statement = {
  name: 'unit-insert',
  text: `with unit as (
      insert into units (bucket, id, organization_id, reference, reference_key, spi,
        freight_family, customs_flag, details, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11)
      returning bucket, id, organization_id
    )
    insert into unit_parties (bucket, unit_id, organization_id, role, may_register)
    select bucket, id, organization_id, 'owner', true from unit`,
};

export async function insertUnit(database: Database, unit: HandlingUnit): Promise<void> {
  const key = referenceKey(unit.reference);
  await database.query(statement, [
    bucketOf(key),
    unit.id,
    unit.organization,
    unit.reference,
    key,
    unit.spi ?? null,
    unit.freightFamily,
    unit.customsFlag,
    JSON.stringify(unit.details),
    timestamp(unit.createdAtMs),
    timestamp(unit.updatedAtMs),
  ]);
}
