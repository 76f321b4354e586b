/** Makes a unit's documents those given: adds what is new, removes what is gone. */
import type { HandlingUnit } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';

// Both parts see the rows as they were, so a document that stays is neither removed nor doubled.
const statement = {
  name: 'unit-documents-replace',
  text: `with wanted as (
      select type, reference from unnest($3::text[], $4::text[]) as w (type, reference)
    ), gone as (
      delete from unit_documents d where d.bucket = $1 and d.unit_id = $2 and not exists (
        select from wanted w where w.type = d.type and w.reference = d.reference)
    )
    insert into unit_documents (bucket, unit_id, type, reference)
    select $1, $2, type, reference from wanted
    on conflict do nothing`,
};

export async function replaceDocuments(
  database: Database,
  { id, documents }: Pick<HandlingUnit, 'id' | 'documents'>,
): Promise<void> {
  await database.query(statement, [
    bucketOfId(id),
    id,
    documents.map((document) => document.type),
    documents.map((document) => document.reference),
  ]);
}
