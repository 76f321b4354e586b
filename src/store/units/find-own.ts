/** The unit that a booking means, among its owner's units. */
import type { PutUnit } from '../../dialects/hub-port.ts';
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

const newestByDocuments = {
  name: 'unit-own-by-documents',
  // The passages of a reference are few; their documents are looked at by primary key.
  text: `select ${unitColumns('u')} from units u
    where u.bucket = $1 and u.reference_key = $2 and u.organization_id = $3
      and exists (
        select from unit_documents d
        join unnest($4::text[], $5::text[]) as n (type, reference)
          on n.type = d.type and n.reference = d.reference
        where d.bucket = u.bucket and d.unit_id = u.id)
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

/** The newest passage of the reference that travels under one of the documents. */
export async function findOwnByDocuments(
  database: Database,
  owner: string,
  given: { readonly bucket: number; readonly key: string; documents: PutUnit['documents'] },
): Promise<UnitRow | undefined> {
  const { bucket, key, documents = [] } = given;
  const [row] = await database.query<UnitRow>(newestByDocuments, [
    bucket,
    key,
    owner,
    documents.map((document) => document.type),
    documents.map((document) => document.reference),
  ]);
  return row;
}
