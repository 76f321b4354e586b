/** People and service users: adding one, finding one by its name or its id. */
import type { Database } from '../database.ts';

export interface UserRow {
  readonly id: string;
  readonly organizationId: string;
  readonly passwordHash: string;
  readonly services: readonly string[];
}

const COLUMNS = `
  select u.id, u.organization_id as "organizationId", u.password_hash as "passwordHash", u.services
  from users u
  join organizations o on o.id = u.organization_id`;

const BY_NAME = { name: 'users-by-name', text: `${COLUMNS} where u.username = $1` };
const BY_ID = { name: 'users-by-id', text: `${COLUMNS} where u.id = $1` };

/** `username` must be storable text. */
export async function findUserByName(
  database: Database,
  username: string,
): Promise<UserRow | undefined> {
  const [row] = await database.query<UserRow>(BY_NAME, [username]);
  return row;
}

/** `id` must be a uuid. */
export async function findUserById(database: Database, id: string): Promise<UserRow | undefined> {
  const [row] = await database.query<UserRow>(BY_ID, [id]);
  return row;
}

/** False where the name is taken or the organization does not exist; no statement fails. */
export async function insertUser(
  database: Database,
  row: UserRow & { readonly username: string; readonly createdAt: Date },
): Promise<boolean> {
  const rows = await database.query(
    `insert into users (id, organization_id, username, password_hash, services, created_at)
     select $1, o.id, $3, $4, $5, $6 from organizations o where o.id = $2
     on conflict (username) do nothing
     returning id`,
    [row.id, row.organizationId, row.username, row.passwordHash, row.services, row.createdAt],
  );
  return rows.length > 0;
}
