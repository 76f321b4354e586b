/** API keys: adding one, and finding one with its offer by the hash of the key. */
import type { Database } from '../database.ts';

export interface ApiKeyRow {
  readonly id: string;
  readonly organizationId: string;
  /** Null: all dialects. */
  readonly dialects: readonly string[] | null;
  /** Null: no limit. */
  readonly requestsPerMinute: number | null;
}

const FIND = {
  name: 'api-keys-find',
  text: `
    select k.id, k.organization_id as "organizationId", f.dialects,
      f.requests_per_minute as "requestsPerMinute"
    from api_keys k
    join organizations o on o.id = k.organization_id
    join offers f on f.id = k.offer_id
    where k.key_sha256 = $1`,
};

export async function findApiKey(
  database: Database,
  keySha256: Buffer,
): Promise<ApiKeyRow | undefined> {
  const [row] = await database.query<ApiKeyRow>(FIND, [keySha256]);
  return row;
}

/** False where the organization does not exist; no statement fails, so a transaction goes on. */
export async function insertApiKey(
  database: Database,
  row: {
    readonly id: string;
    readonly organizationId: string;
    readonly name: string;
    readonly keySha256: Buffer;
    readonly offerId: string;
    readonly createdAt: Date;
  },
): Promise<boolean> {
  const rows = await database.query(
    `insert into api_keys (id, organization_id, name, key_sha256, offer_id, created_at)
     select $1, o.id, $3, $4, $5, $6 from organizations o where o.id = $2
     returning id`,
    [row.id, row.organizationId, row.name, row.keySha256, row.offerId, row.createdAt],
  );
  return rows.length > 0;
}
