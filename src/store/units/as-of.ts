/** Units as they were recorded at a time, as pieces of SQL: the version that was the last by then. */
import type { UnitQuery } from './selector.ts';

/** A query for the version of a unit that held at `asOf`, a placeholder; by unit_versions_pkey. */
export function versionAt(unit: string, asOf: string): string {
  return `(select v.* from unit_versions v
    where v.bucket = ${unit}.bucket and v.unit_id = ${unit}.id
      and v.recorded_at <= ${asOf}::timestamptz
    order by v.recorded_at desc, v.number desc limit 1)`;
}

/** The select list of a `UnitRow` from a unit and its version. */
export function versionColumns(unit: string, version: string): string {
  return `${unit}.id, ${unit}.bucket, ${unit}.organization_id as "organizationId",
  ${version}.content ->> 'reference' as reference, ${version}.content ->> 'spi' as spi,
  ${version}.content ->> 'freightFamily' as "freightFamily",
  ${version}.content ->> 'customsFlag' as "customsFlag", ${version}.content -> 'details' as details,
  ${unit}.created_at as "createdAt", ${version}.recorded_at as "updatedAt",
  ${version}.content -> 'documents' as documents, ${version}.content -> 'parties' as parties`;
}

type Add = (value: unknown) => string;

/**
 * Conditions on the alias `u` under which it was known at `asOf`, by the names it then had. The
 * selector's own conditions find it by the names it has now, which suffices for reference and SPI:
 * a reference never changes, and an SPI that was given stays. Documents come and go, so these are
 * looked up among all versions (unit_versions_by_document) and then in the one that held.
 */
export function knownAt({ spi, document }: UnitQuery, asOf: string, add: Add): string[] {
  const then: string[] = [];
  const conditions: string[] = [];
  if (spi !== undefined) then.push(`v.content ->> 'spi' = ${add(spi)}`);
  if (document !== undefined) {
    const named = `v.content -> 'documents' @> ${add(JSON.stringify([{ reference: document }]))}::jsonb`;
    then.push(named);
    conditions.push(`(u.bucket, u.id) in (select v.bucket, v.unit_id from unit_versions v
      where ${named})`);
  }
  const where = then.length === 0 ? '' : `where ${then.join(' and ')}`;
  return [...conditions, `exists (select from ${versionAt('u', asOf)} v ${where})`];
}
