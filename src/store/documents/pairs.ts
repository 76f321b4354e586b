/**
 * Which units travel under which documents: a unit is booked under a document of that type and number, and
 * both name each other. The unit's owner is owner or party of the document, so that nobody learns a
 * stranger's plan by booking a unit under its number; the document's owner is owner or party of the
 * unit, so that nobody plans a stranger's unit by giving an order of that number.
 */
import type { HubDocument } from '../../events/document.ts';
import type { DocumentReference } from '../../events/event.ts';
import { bucketOf } from '../../events/identifiers.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { type KeptStop, stopsOf } from './stops.ts';

/** What planning needs of a document; not its body, which may be large. */
export type PlanDocument = Pick<
  HubDocument,
  'id' | 'organization' | 'type' | 'number' | 'dialect' | 'stops'
>;

type PlanRow = Omit<PlanDocument, 'stops'> & { readonly stops: readonly KeptStop[] };

const planColumns = `o.id, o.organization_id as organization, o.type, o.number, o.dialect, o.stops`;

/** Conditions on a document `o` and a unit `u`: each names the other's owner. */
export const nameEachOther = `exists (select from document_parties p
    where p.bucket = o.bucket and p.document_id = o.id and p.organization_id = u.organization_id)
  and exists (select from unit_parties p
    where p.bucket = u.bucket and p.unit_id = u.id and p.organization_id = o.organization_id)`;

const byIds = {
  name: 'plans-by-id',
  text: `select ${planColumns} from unnest($1::smallint[], $2::uuid[]) as a (bucket, id)
    join documents o on o.bucket = a.bucket and o.id = a.id`,
};

export async function findPlans(
  database: Database,
  ids: readonly string[],
): Promise<PlanDocument[]> {
  const rows = await database.query<PlanRow>(byIds, [ids.map(bucketOfId), [...ids]]);
  return rows.map(planFromRow);
}

function planFromRow({ stops, ...plan }: PlanRow): PlanDocument {
  return { ...plan, stops: stopsOf(stops) };
}

const booked = {
  name: 'plans-booked',
  // By unit_documents_by_reference: for nearly every new document there is nothing.
  text: `select a.id from unnest($1::uuid[], $2::text[], $3::text[]) as a (id, type, number)
    where exists (
      select from unit_documents d where d.reference = a.number and d.type = a.type)`,
};

/** Those of the documents that some unit is booked under, whoever's it is. */
export async function bookedOnes<T extends PlanDocument>(
  database: Database,
  documents: readonly T[],
): Promise<T[]> {
  const rows = await database.query<{ id: string }>(booked, [
    documents.map(({ id }) => id),
    documents.map(({ type }) => type),
    documents.map(({ number }) => number),
  ]);
  const ids = new Set(rows.map(({ id }) => id));
  return documents.filter(({ id }) => ids.has(id));
}

const unitsUnder = {
  name: 'units-under-document',
  text: `select u.id from documents o
    join unit_documents d on d.reference = o.number and d.type = o.type
    join units u on u.bucket = d.bucket and u.id = d.unit_id
    where o.bucket = $1 and o.id = $2 and u.id > $3 and ${nameEachOther}
    order by u.id limit $4`,
};

/** Ids of units that travel under the document, in their order, behind `after`. */
export async function unitsOfDocument(
  database: Database,
  document: string,
  page: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const values = [bucketOfId(document), document, page.after, page.limit];
  const rows = await database.query<{ id: string }>(unitsUnder, values);
  return rows.map(({ id }) => id);
}

const documentsOver = {
  name: 'documents-over-unit',
  // By documents_by_number, once for each document of the unit and each organization that it names.
  text: `select distinct on (o.id) ${planColumns}
    from unnest($3::smallint[], $4::text[], $5::text[]) as a (bucket, type, number)
    cross join units u
    join unit_parties q on q.bucket = u.bucket and q.unit_id = u.id
    join documents o on o.bucket = a.bucket and o.number = a.number
      and o.organization_id = q.organization_id and o.type = a.type
    where u.bucket = $1 and u.id = $2 and ${nameEachOther}
    order by o.id limit $6`,
};

/** Plans that the unit travels under; at most `limit`. */
export async function plansOfUnit(
  database: Database,
  { id, documents }: Pick<HandlingUnit, 'id' | 'documents'>,
  limit: number,
): Promise<PlanDocument[]> {
  if (documents.length === 0) return [];
  const rows = await database.query<PlanRow>(documentsOver, [
    ...[bucketOfId(id), id],
    documents.map(({ reference }) => bucketOf(reference)),
    documents.map(({ type }) => type),
    documents.map(({ reference }) => reference),
    limit,
  ]);
  return rows.map(planFromRow);
}

const namesOf = {
  name: 'unit-document-names',
  text: 'select type, reference from unit_documents where bucket = $1 and unit_id = $2',
};

/** What a unit is booked under by now. */
export function documentsOfUnit(
  database: Database,
  unit: string,
): Promise<HandlingUnit['documents']> {
  return database.query<DocumentReference>(namesOf, [bucketOfId(unit), unit]);
}
