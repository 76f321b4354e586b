/** Many documents with their parties and a note of their planning in one statement, for group commit. */
import type { HubDocument } from '../../events/document.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import type { PlanDue } from './plans-due.ts';
import { stopsText } from './stops.ts';

/*
 * A number that is taken, also by an earlier one of the same batch, takes no row: the unique index
 * decides, so of two that come at once, in one process or in two, exactly one is made.
 */
const statement = {
  name: 'documents-insert',
  text: `with made as (
      insert into documents
        (bucket, id, organization_id, type, number, dialect, stops, body, created_at)
      select bucket, id, organization_id, type, number, dialect, stops::json, body, created_at
      from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
        string_to_array($7, E'\\x1f'), string_to_array($8, E'\\x1f'), $9::timestamptz[])
        as g (bucket, id, organization_id, type, number, dialect, stops, body, created_at)
      on conflict (bucket, number, organization_id, type) do nothing
      returning bucket, id, organization_id, type, number
    ), parties as (
      insert into document_parties (bucket, document_id, organization_id, role)
      select made.bucket, made.id, p.organization_id, p.role
      from unnest($10::uuid[], $11::uuid[], $12::text[]) as p (document_id, organization_id, role)
      join made on made.id = p.document_id
      on conflict do nothing
    ), noted as (
      insert into plans_due (bucket, id, documents, units)
      select $13::smallint, $14::uuid, $15::uuid[], '{}' where $14::uuid is not null and exists (select from made)
    )
    select made.id, o.name, exists (
        select from unit_documents d join unit_parties p on p.bucket = d.bucket
          and p.unit_id = d.unit_id and p.organization_id = made.organization_id
        where d.reference = made.number and d.type = made.type
      ) as "isBooked"
    from made join organizations o on o.id = made.organization_id`,
};

/** Between JSON texts, in which it cannot stand: quoting texts full of quotes costs both sides. */
const apart = '\x1f';

export type DocumentToInsert = Omit<HubDocument, 'organizationName'>;

export interface InsertedDocument {
  readonly id: string;
  /** Name of the owner. */
  readonly name: string;
  /** A unit that the owner sees travelled under it already: others must not be felt in the answer. */
  readonly isBooked: boolean;
}

/** By id, those that were made; the others' numbers are taken. `note` is kept in the same transaction. */
export async function insertDocuments(
  database: Database,
  documents: readonly DocumentToInsert[],
  note?: PlanDue,
): Promise<ReadonlyMap<string, InsertedDocument>> {
  const parties = documents.flatMap(({ id, organization, parties: others }) =>
    [{ organization, role: 'owner' }, ...others].map((party) => ({ id, ...party })),
  );
  const rows = await database.query<InsertedDocument>(statement, [
    documents.map(({ id }) => bucketOfId(id)),
    documents.map(({ id }) => id),
    documents.map(({ organization }) => organization),
    documents.map(({ type }) => type),
    documents.map(({ number }) => number),
    documents.map(({ dialect }) => dialect),
    documents.map(({ stops }) => stopsText(stops)).join(apart),
    documents.map(({ body }) => body).join(apart),
    documents.map(({ createdAtMs }) => timestamp(createdAtMs)),
    parties.map(({ id }) => id),
    parties.map(({ organization }) => organization),
    parties.map(({ role }) => role),
    note === undefined ? null : bucketOfId(note.id),
    note?.id ?? null,
    note?.documents ?? null,
  ]);
  return new Map(rows.map((row) => [row.id, row]));
}
