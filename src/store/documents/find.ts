/** Documents by what they are called, for those who may see them. */
import type { Principal } from '../../dialects/dialect.ts';
import type { HubDocument } from '../../events/document.ts';
import { bucketOf } from '../../events/identifiers.ts';
import type { DocumentType } from '../../events/types.ts';
import { findBadText } from '../../lib/text.ts';
import type { Database } from '../database.ts';
import { organizationOf } from '../entitlement.ts';
import { type DocumentRow, documentColumns, documentFromRow } from './row.ts';

/** As many owners may use one number as like; a caller has to do with few of them. */
const foundMax = 50;

export interface DocumentName {
  readonly type: DocumentType;
  readonly number: string;
}

// By documents_by_number (bucket, number, organization_id, type).
const seen = {
  name: 'documents-find',
  text: `select ${documentColumns}
    from documents d join organizations o on o.id = d.organization_id
    where d.bucket = $1 and d.number = $2 and d.type = $3 and ($4::uuid is null or exists (
      select from document_parties seen where seen.bucket = d.bucket
        and seen.document_id = d.id and seen.organization_id = $4))
    order by d.organization_id is not distinct from $4 desc, d.id desc
    limit ${foundMax}`,
};

/** Those that the principal may see, its own first, then newest. */
export async function findDocuments(
  database: Database,
  principal: Principal,
  { type, number }: DocumentName,
): Promise<readonly HubDocument[]> {
  if (findBadText(number) !== undefined) return [];
  const values = [bucketOf(number), number, type, organizationOf(principal) ?? null];
  return (await database.query<DocumentRow>(seen, values)).map(documentFromRow);
}
