/** Between rows of documents and the domain. */
import type { HubDocument } from '../../events/document.ts';
import type { DocumentType } from '../../events/types.ts';
import type { Party } from '../../events/unit.ts';
import { type KeptStop, stopsOf } from './stops.ts';

export interface DocumentRow {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly type: DocumentType;
  readonly number: string;
  readonly dialect: string;
  readonly stops: readonly KeptStop[];
  readonly body: string;
  readonly createdAt: Date;
  readonly parties: readonly Party[];
}

/**
 * The select list of a `DocumentRow`, from `documents d` joined with its owner `organizations o`.
 * Parties come in a fixed order; the owner is no party of its own.
 */
export const documentColumns = `d.id, d.organization_id as "organizationId",
  o.name as "organizationName", d.type, d.number, d.dialect, d.stops, d.body,
  d.created_at as "createdAt",
  (select coalesce(jsonb_agg(jsonb_build_object('organization', p.organization_id, 'role', p.role)
     order by p.role collate "C", p.organization_id), '[]')
   from document_parties p
   where p.bucket = d.bucket and p.document_id = d.id and p.role <> 'owner') as parties`;

export function documentFromRow(row: DocumentRow): HubDocument {
  return {
    id: row.id,
    organization: row.organizationId,
    organizationName: row.organizationName,
    type: row.type,
    number: row.number,
    dialect: row.dialect,
    parties: row.parties,
    stops: stopsOf(row.stops),
    body: row.body,
    createdAtMs: row.createdAt.getTime(),
  };
}
