/** Notes that something was booked under a reference: what was looked up of it counts no more. */
import type { Database } from '../database.ts';

const statement = {
  name: 'reference-moved',
  text: `insert into reference_versions as v (bucket, reference_key, version) values ($1, $2, 1)
    on conflict (bucket, reference_key) do update set version = v.version + 1`,
};

export interface MovedReference {
  readonly bucket: number;
  readonly key: string;
}

/** To be called in the transaction that books. */
export async function moveReference(
  database: Database,
  { bucket, key }: MovedReference,
): Promise<void> {
  await database.query(statement, [bucket, key]);
}

const unitStatement = {
  name: 'reference-of-unit-moved',
  text: `insert into reference_versions as v (bucket, reference_key, version)
    select bucket, reference_key, 1 from units where bucket = $1 and id = $2
    on conflict (bucket, reference_key) do update set version = v.version + 1`,
};

/** The same by a unit's id; does nothing for an id that no unit has. */
export async function moveReferenceOf(
  database: Database,
  { bucket, id }: { readonly bucket: number; readonly id: string },
): Promise<void> {
  await database.query(unitStatement, [bucket, id]);
}
