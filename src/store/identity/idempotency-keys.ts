/** Notes of answers given under an `Idempotency-Key`. Run inside the transaction of the work. */
import type { Database } from '../database.ts';
import { deleteOld } from './delete-old.ts';

export interface IdempotencyKey {
  readonly principal: string;
  readonly key: string;
}

/**
 * True when the key is now ours: it is new, or what it stood for was before `forgetBefore`. While
 * another transaction holds the same key, this waits for its end.
 */
export async function claimIdempotencyKey(
  database: Database,
  row: IdempotencyKey & {
    readonly requestSha256: Buffer;
    readonly createdAt: Date;
    readonly forgetBefore: Date;
  },
): Promise<boolean> {
  const rows = await database.query(
    `insert into idempotency_keys as kept (principal, key, request_sha256, created_at)
     values ($1, $2, $3, $4)
     on conflict (principal, key) do update
       set request_sha256 = excluded.request_sha256, created_at = excluded.created_at,
         status = null, answer_sealed = null
       where kept.created_at < $5
     returning key`,
    [row.principal, row.key, row.requestSha256, row.createdAt, row.forgetBefore],
  );
  return rows.length > 0;
}

export interface KeptAnswer {
  readonly requestSha256: Buffer;
  readonly status: number | null;
  readonly answerSealed: string | null;
}

export async function readKeptAnswer(
  database: Database,
  { principal, key }: IdempotencyKey,
): Promise<KeptAnswer | undefined> {
  const [row] = await database.query<KeptAnswer>(
    `select request_sha256 as "requestSha256", status, answer_sealed as "answerSealed"
     from idempotency_keys where principal = $1 and key = $2`,
    [principal, key],
  );
  return row;
}

export async function keepAnswer(
  database: Database,
  row: IdempotencyKey & { readonly status: number; readonly answerSealed: string },
): Promise<void> {
  await database.query(
    `update idempotency_keys set status = $3, answer_sealed = $4
     where principal = $1 and key = $2`,
    [row.principal, row.key, row.status, row.answerSealed],
  );
}

/** Removes at most `rowsMax` keys made before `before`; how many were removed. */
export function deleteIdempotencyKeys(
  database: Database,
  before: Date,
  rowsMax: number,
): Promise<number> {
  return deleteOld(database, { table: 'idempotency_keys', by: 'created_at', before, rowsMax });
}
