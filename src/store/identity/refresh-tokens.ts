/** The refresh tokens that are good: one row for each login of a user through an application. */
import type { Database } from '../database.ts';
import { deleteOld } from './delete-old.ts';

export interface RefreshTokenRow {
  readonly family: Buffer;
  readonly tokenSha256: Buffer;
  readonly clientId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

const FIND = {
  name: 'refresh-tokens-find',
  text: `
    select family, token_sha256 as "tokenSha256", client_id as "clientId", user_id as "userId",
      scopes, expires_at as "expiresAt"
    from refresh_tokens where family = $1`,
};

const INSERT = {
  name: 'refresh-tokens-insert',
  text: `
    with too_many as (
      delete from refresh_tokens where family in (
        select family from refresh_tokens where user_id = $4 and client_id = $3
        order by created_at desc, family offset $8))
    insert into refresh_tokens
      (family, token_sha256, client_id, user_id, scopes, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)`,
};

const ROTATE = {
  name: 'refresh-tokens-rotate',
  text: `
    update refresh_tokens set token_sha256 = $3, expires_at = $4
    where family = $1 and token_sha256 = $2
    returning family`,
};

/** Adds a login. Of its user with its application, only the newest `loginsMax` are kept. */
export async function insertRefreshToken(
  database: Database,
  row: RefreshTokenRow & { readonly createdAt: Date; readonly loginsMax: number },
): Promise<void> {
  const { family, tokenSha256, clientId, userId, scopes, createdAt, expiresAt, loginsMax } = row;
  await database.query(INSERT, [
    ...[family, tokenSha256, clientId, userId, scopes, createdAt, expiresAt],
    loginsMax - 1,
  ]);
}

export async function findRefreshToken(
  database: Database,
  family: Buffer,
): Promise<RefreshTokenRow | undefined> {
  const [row] = await database.query<RefreshTokenRow>(FIND, [family]);
  return row;
}

/**
 * Puts the next token in the place of the one given. False where that one is no longer good: of
 * several calls with the same token, one gets true.
 */
export async function rotateRefreshToken(
  database: Database,
  family: Buffer,
  change: { readonly from: Buffer; readonly to: Buffer; readonly expiresAt: Date },
): Promise<boolean> {
  const { from, to, expiresAt } = change;
  const rows = await database.query(ROTATE, [family, from, to, expiresAt]);
  return rows.length > 0;
}

/** Ends a login: none of its tokens is good from then on. */
export async function deleteRefreshToken(database: Database, family: Buffer): Promise<void> {
  await database.query('delete from refresh_tokens where family = $1', [family]);
}

/** Removes at most `rowsMax` tokens that ended before `before`; how many were removed. */
export function deleteEndedRefreshTokens(
  database: Database,
  before: Date,
  rowsMax: number,
): Promise<number> {
  return deleteOld(database, { table: 'refresh_tokens', by: 'expires_at', before, rowsMax });
}
