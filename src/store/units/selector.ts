/** How a unit may be named in a query, as conditions on the alias `u`. */
import type { UnitSelector } from '../../events/event.ts';
import { bucketOf, referenceKey } from '../../events/identifiers.ts';
import { bucketOfId } from '../../lib/id.ts';
import { findBadText } from '../../lib/text.ts';
import type { Placeholders } from '../placeholders.ts';

export type UnitQuery = UnitSelector & { readonly document?: string };

/**
 * All that is given must hold. Undefined where nothing can match: an id of another kind, or text
 * that cannot be stored. No conditions where nothing is given.
 *
 * Each way in has its index: units_pkey (bucket, id), units_by_reference (bucket, reference_key,
 * organization_id), units_by_spi, unit_documents_by_reference and from there units_pkey.
 */
export function selectorConditions(query: UnitQuery, { add }: Placeholders): string[] | undefined {
  const { id, reference, spi, document } = query;
  const texts = [reference, spi, document].filter((text) => text !== undefined);
  if (texts.some((text) => findBadText(text) !== undefined)) return undefined;
  const conditions: string[] = [];
  if (id !== undefined) {
    const bucket = bucketOfId(id);
    if (bucket === undefined) return undefined;
    conditions.push(`u.bucket = ${add(bucket)} and u.id = ${add(id)}`);
  }
  if (reference !== undefined) {
    const key = referenceKey(reference);
    conditions.push(`u.bucket = ${add(bucketOf(key))} and u.reference_key = ${add(key)}`);
  }
  if (spi !== undefined) conditions.push(`u.spi = ${add(spi)}`);
  if (document !== undefined) {
    conditions.push(`exists (select from unit_documents d where d.bucket = u.bucket
      and d.unit_id = u.id and d.reference = ${add(document)})`);
  }
  return conditions;
}
