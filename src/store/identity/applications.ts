/** OAuth 2 clients: adding one, and finding one by its client id. */
import type { Database } from '../database.ts';

export interface ApplicationRow {
  readonly clientId: string;
  readonly organizationId: string;
  readonly secretSha256: Buffer;
  readonly scopes: readonly string[];
}

const FIND = {
  name: 'applications-find',
  text: `
    select a.client_id as "clientId", a.organization_id as "organizationId",
      a.secret_sha256 as "secretSha256", a.scopes
    from applications a
    join organizations o on o.id = a.organization_id
    where a.client_id = $1`,
};

/** `clientId` must be storable text. */
export async function findApplication(
  database: Database,
  clientId: string,
): Promise<ApplicationRow | undefined> {
  const [row] = await database.query<ApplicationRow>(FIND, [clientId]);
  return row;
}

/** False where the organization does not exist; no statement fails, so a transaction goes on. */
export async function insertApplication(
  database: Database,
  row: ApplicationRow & { readonly name: string; readonly createdAt: Date },
): Promise<boolean> {
  const rows = await database.query(
    `insert into applications (client_id, organization_id, name, secret_sha256, scopes, created_at)
     select $1, o.id, $3, $4, $5, $6 from organizations o where o.id = $2
     returning client_id`,
    [row.clientId, row.organizationId, row.name, row.secretSha256, row.scopes, row.createdAt],
  );
  return rows.length > 0;
}
