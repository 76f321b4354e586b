/** The unit that a booking means, among its owner's units. */
import type { Database } from '../database.ts';
import { type UnitRow, unitColumns } from '../rows.ts';

const bySpi = {
  name: 'unit-own-by-spi',
  // By units_by_spi; several owners may know the same passage.
  text: `select ${unitColumns('u')} from units u where u.spi = $1 and u.organization_id = $2
    order by u.id desc limit 1`,
};

const newestByReference = {
  name: 'unit-own-by-reference',
  // By units_by_reference, all three columns.
  text: `select ${unitColumns('u')} from units u
    where u.bucket = $1 and u.reference_key = $2 and u.organization_id = $3
    order by u.id desc limit 1`,
};

export async function findOwnBySpi(
  database: Database,
  owner: string,
  spi: string,
): Promise<UnitRow | undefined> {
  const [row] = await database.query<UnitRow>(bySpi, [spi, owner]);
  return row;
}

export async function findOwnNewest(
  database: Database,
  owner: string,
  reference: { readonly bucket: number; readonly key: string },
): Promise<UnitRow | undefined> {
  const values = [reference.bucket, reference.key, owner];
  const [row] = await database.query<UnitRow>(newestByReference, values);
  return row;
}
