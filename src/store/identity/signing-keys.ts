/** The keys that sign access tokens. Few rows: the live key and those retired not long ago. */
import type { Database } from '../database.ts';

/** Any constant will do, as long as every process uses the same. */
const LOCK = 7_061_995;

export interface SigningKeyRow {
  readonly kid: string;
  /** Public JWK: `kty`, `n`, `e`. */
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly privateSealed: string;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
}

const READ = {
  name: 'signing-keys-read',
  text: `
    select kid, public_jwk as "publicJwk", private_sealed as "privateSealed",
      created_at as "createdAt", retired_at as "retiredAt"
    from signing_keys
    order by created_at desc, kid`,
};

/** Newest first. */
export function readSigningKeys(database: Database): Promise<SigningKeyRow[]> {
  return database.query<SigningKeyRow>(READ);
}

/** Keeps every other process from changing the keys until the surrounding transaction ends. */
export async function lockSigningKeys(database: Database): Promise<void> {
  await database.query('select pg_advisory_xact_lock($1)', [LOCK]);
}

/** Retires the live key, adds its successor and forgets keys retired before `forgetBefore`. */
export async function replaceSigningKey(
  database: Database,
  key: Omit<SigningKeyRow, 'retiredAt'>,
  forgetBefore: Date,
): Promise<void> {
  await database.query('delete from signing_keys where retired_at < $1', [forgetBefore]);
  await database.query('update signing_keys set retired_at = $1 where retired_at is null', [
    key.createdAt,
  ]);
  await database.query(
    `insert into signing_keys (kid, public_jwk, private_sealed, created_at)
     values ($1, $2, $3, $4)`,
    [key.kid, JSON.stringify(key.publicJwk), key.privateSealed, key.createdAt],
  );
}
