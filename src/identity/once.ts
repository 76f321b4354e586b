/**
 * Runs a request once per principal and `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header).
 *
 * One transaction holds the note of the key, the work and the note of its answer: either all are
 * there afterwards or none. A repeat that comes meanwhile waits: in this process by taking turns, so that
 * it holds no connection; in another one by the unique index. Few run at once, because each holds
 * a connection for as long as its work takes, and that work may need others to get on.
 */
import type { Hub, StoredAnswer } from '../dialects/hub-port.ts';
import { invalid, Problem } from '../events/problem.ts';
import type { Sealer } from '../lib/seal.ts';
import type { Database } from '../store/database.ts';
import {
  claimIdempotencyKey,
  deleteIdempotencyKeys,
  type IdempotencyKey,
  keepAnswer,
  readKeptAnswer,
} from '../store/identity/idempotency-keys.ts';
import { createLimiter, createTurns, type Limits } from './limiter.ts';
import { sha256 } from './secrets.ts';

const KEPT_MS = 24 * 3_600_000;
const PURGED_ROWS_MAX = 10_000;
const SAME_KEY_WAITING_MAX = 100;
/** Well below the size of a process's pool. */
const LIMITS: Limits = { runningMax: 8, waitingMax: 500 };
const KEY = /^[\x21-\x7e]{1,255}$/;

interface Attempt extends IdempotencyKey {
  readonly requestSha256: Buffer;
}

export interface OnceParts {
  readonly database: Database;
  /** Answers may hold secrets that are shown once. */
  readonly sealer: Sealer;
  readonly nowMs: () => number;
  /** `runningMax` must stay below the pool's size. */
  readonly limits?: Limits;
}

/** Carries an answer that is not kept out of the transaction, which it thereby undoes. */
class Unkept extends Error {
  readonly answer: StoredAnswer;

  constructor(answer: StoredAnswer) {
    super('this answer is not kept');
    this.answer = answer;
  }
}

/** Throws `invalid-input` for a bad key, `idempotency-mismatch`, `overloaded`, and what work throws. */
export function createOnce(parts: OnceParts): Hub['once'] {
  const limiter = createLimiter(parts.limits ?? LIMITS);
  const inTurn = createTurns(SAME_KEY_WAITING_MAX);
  return async (principal, { key, method, path, bodyText }, work) => {
    if (key === undefined) return work();
    if (!KEY.test(key)) {
      throw invalid('Idempotency-Key', 'must be 1 to 255 visible ASCII characters', 'pattern');
    }
    const attempt = {
      principal: `${principal.kind}:${principal.id}`,
      key,
      requestSha256: sha256(JSON.stringify([method, path, bodyText])),
    };
    return inTurn(`${attempt.principal} ${key}`, () =>
      limiter.run(() => runOrRepeat(parts, attempt, work)),
    );
  };
}

async function runOrRepeat(
  { database, sealer, nowMs }: OnceParts,
  attempt: Attempt,
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const createdAt = new Date(nowMs());
  const forgetBefore = new Date(nowMs() - KEPT_MS);
  try {
    return await database.transaction(async () => {
      const isOurs = await claimIdempotencyKey(database, { ...attempt, createdAt, forgetBefore });
      if (!isOurs) return repeat(database, sealer, attempt);
      const answer = await work();
      if (answer.status >= 500) throw new Unkept(answer);
      const answerSealed = sealer.seal(JSON.stringify({ body: answer.body }), sealedFor(attempt));
      await keepAnswer(database, { ...attempt, status: answer.status, answerSealed });
      return answer;
    });
  } catch (error) {
    if (error instanceof Unkept) return error.answer;
    throw error;
  }
}

async function repeat(database: Database, sealer: Sealer, attempt: Attempt): Promise<StoredAnswer> {
  const kept = await readKeptAnswer(database, attempt);
  // Gone or without an answer between two statements: only a purge at this very moment does that.
  if (kept === undefined || kept.status === null || kept.answerSealed === null) {
    throw new Problem('overloaded', 'the first request is being forgotten', { retryAfterSec: 1 });
  }
  if (!kept.requestSha256.equals(attempt.requestSha256)) {
    throw new Problem('idempotency-mismatch', 'this Idempotency-Key came with another request');
  }
  const { body }: { body?: unknown } = JSON.parse(
    sealer.open(kept.answerSealed, sealedFor(attempt)),
  );
  return { status: kept.status, body };
}

function sealedFor({ principal, key }: IdempotencyKey): string {
  return `idempotency_keys/${principal}/${key}`;
}

/** Removes keys older than a day, at most 10,000 at a time; how many. Called now and then. */
export function purgeIdempotencyKeys(database: Database, nowMs: number): Promise<number> {
  return deleteIdempotencyKeys(database, new Date(nowMs - KEPT_MS), PURGED_ROWS_MAX);
}
