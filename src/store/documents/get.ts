/** One document by its id. */
import type { Principal } from '../../dialects/dialect.ts';
import type { HubDocument } from '../../events/document.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { organizationOf } from '../entitlement.ts';
import { type DocumentRow, documentColumns, documentFromRow } from './row.ts';

// By the primary keys of documents and of document_parties; an id tells its bucket.
const statement = {
  name: 'document-get',
  text: `select ${documentColumns}
    from documents d join organizations o on o.id = d.organization_id
    where d.bucket = $1 and d.id = $2 and ($3::uuid is null or exists (
      select from document_parties seen where seen.bucket = d.bucket
        and seen.document_id = d.id and seen.organization_id = $3))`,
};

/** Undefined where there is none to be seen, also for a text that is no id of the hub. */
export async function getDocument(
  database: Database,
  principal: Principal,
  id: string,
): Promise<HubDocument | undefined> {
  const bucket = bucketOfId(id);
  if (bucket === undefined) return undefined;
  const organization = organizationOf(principal) ?? null;
  const [row] = await database.query<DocumentRow>(statement, [bucket, id, organization]);
  return row === undefined ? undefined : documentFromRow(row);
}
