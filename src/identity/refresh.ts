/**
 * Refresh tokens (RFC 6749, section 6): each is good once and gives the next one. All tokens of a
 * login begin with the same random bytes, which name its row; the row holds the hash of the one that
 * is good. Another one of the same login has been used before: somebody has a copy, so the login
 * ends (RFC 9700, section 4.14.2). See docs/adr/0015-refresh-tokens.md.
 */
import { randomBytes } from 'node:crypto';
import { Problem } from '../events/problem.ts';
import type { Database } from '../store/database.ts';
import {
  deleteEndedRefreshTokens,
  deleteRefreshToken,
  findRefreshToken,
  insertRefreshToken,
  type RefreshTokenRow,
  rotateRefreshToken,
} from '../store/identity/refresh-tokens.ts';
import { matchesSha256, sha256 } from './secrets.ts';

const PREFIX = 'refresh_';
const FAMILY_BYTES = 16;
const SECRET_BYTES = 32;
const FORM = /^refresh_[\w-]{64}$/;

/** The partner's figure: 60 days, counted anew with each refresh. */
const LIFE_MS = 60 * 86_400_000;
/** Logins of one user through one application; the oldest make room. */
const LOGINS_MAX = 100;
const PURGED_ROWS_MAX = 10_000;

export interface Login {
  readonly clientId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
}

export interface RefreshTokens {
  /** The first token of a login. */
  readonly begin: (login: Login) => Promise<string>;
  /**
   * The login of a token that is good and this client's. Throws `unauthenticated`, and ends the
   * login when the token was used before.
   */
  readonly read: (token: string, clientId: string) => Promise<RefreshTokenRow>;
  /** The next token; throws `unauthenticated` and ends the login when another call was faster. */
  readonly next: (row: RefreshTokenRow) => Promise<string>;
}

export function createRefreshTokens(given: {
  readonly database: Database;
  readonly nowMs: () => number;
}): RefreshTokens {
  const { database, nowMs } = given;
  const expiresAt = () => new Date(nowMs() + LIFE_MS);
  return {
    async begin(login) {
      const family = randomBytes(FAMILY_BYTES);
      const token = newToken(family);
      await insertRefreshToken(database, {
        ...{ ...login, family, tokenSha256: sha256(token), loginsMax: LOGINS_MAX },
        ...{ createdAt: new Date(nowMs()), expiresAt: expiresAt() },
      });
      return token;
    },

    async read(token, clientId) {
      const family = familyOf(token);
      const row = family && (await findRefreshToken(database, family));
      if (row === undefined || row.clientId !== clientId) throw notGood();
      if (!matchesSha256(token, row.tokenSha256)) {
        await deleteRefreshToken(database, row.family);
        throw notGood();
      }
      if (row.expiresAt.getTime() <= nowMs()) throw notGood();
      return row;
    },

    async next({ family, tokenSha256 }) {
      const token = newToken(family);
      const change = { from: tokenSha256, to: sha256(token), expiresAt: expiresAt() };
      if (await rotateRefreshToken(database, family, change)) return token;
      await deleteRefreshToken(database, family);
      throw notGood();
    },
  };
}

/** Removes tokens past their end, at most 10,000 at a time; how many. Called now and then. */
export function purgeRefreshTokens(database: Database, nowMs: number): Promise<number> {
  return deleteEndedRefreshTokens(database, new Date(nowMs), PURGED_ROWS_MAX);
}

function newToken(family: Buffer): string {
  return PREFIX + Buffer.concat([family, randomBytes(SECRET_BYTES)]).toString('base64url');
}

function familyOf(token: string): Buffer | undefined {
  if (!FORM.test(token)) return undefined;
  return Buffer.from(token.slice(PREFIX.length), 'base64url').subarray(0, FAMILY_BYTES);
}

/** One text for all causes: whoever tries copies learns nothing of them. */
function notGood(): Problem {
  const details = { reason: 'invalid', proof: 'token' } as const;
  return new Problem('unauthenticated', 'the refresh token is not valid', details);
}
