/** Adds organizations and lists them in the order in which they were added. */
import type { Database } from '../database.ts';

export interface OrganizationRow {
  readonly id: string;
  readonly name: string;
}

export async function insertOrganization(
  database: Database,
  row: OrganizationRow & { readonly createdAt: Date },
): Promise<void> {
  await database.query('insert into organizations (id, name, created_at) values ($1, $2, $3)', [
    row.id,
    row.name,
    row.createdAt,
  ]);
}

/** At most `limit` organizations behind the id `after` (null: from the start); ids grow with time. */
export function readOrganizations(
  database: Database,
  page: { readonly after: string | null; readonly limit: number },
): Promise<OrganizationRow[]> {
  return database.query<OrganizationRow>(
    `select id, name from organizations
     where $1::uuid is null or id > $1
     order by id
     limit $2`,
    [page.after, page.limit],
  );
}

export async function organizationExists(database: Database, id: string): Promise<boolean> {
  const rows = await database.query('select 1 from organizations where id = $1', [id]);
  return rows.length > 0;
}
