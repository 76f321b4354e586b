/**
 * Turns proofs into principals: bearer tokens, API keys and the operator's key. A good proof is
 * remembered for some seconds; whoever has been removed from the database is refused after that.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '../dialects/dialect.ts';
import type { IdentityPort } from '../dialects/hub-port.ts';
import { Problem } from '../events/problem.ts';
import type { Database } from '../store/database.ts';
import { findApiKey } from '../store/identity/api-keys.ts';
import { findApplication } from '../store/identity/applications.ts';
import { findUserById } from '../store/identity/users.ts';
import { invalidToken, readAdminKey, readToken } from './bearer.ts';
import { isSecret, sha256 } from './secrets.ts';
import { serviceScopes } from './service-scopes.ts';
import type { Subject, Tokens } from './tokens.ts';
import { createVerdicts, type Verdict } from './verdicts.ts';

const TOKEN_REMEMBERED_MS = 30_000;
const KEY_REMEMBERED_MS = 10_000;
/** About 20 MB when full. */
const TOKENS_REMEMBERED_MAX = 10_000;
const KEYS_REMEMBERED_MAX = 10_000;
const USUAL_SCHEME = 'Bearer ';
/** `Bearer` and the spaces that may follow it. */
const SCHEME_CHARS_MAX = 64;

const OPERATOR: Principal = { kind: 'operator', id: 'operator', scopes: new Set() };

export interface AuthenticateParts {
  readonly database: Database;
  readonly tokens: Tokens;
  readonly nowMs: () => number;
  readonly adminKey: string;
}

export type Authenticate = Pick<IdentityPort, 'bearer' | 'known' | 'apiKey' | 'operator'> & {
  readonly forget: () => void;
};

export function createAuthenticate(parts: AuthenticateParts): Authenticate {
  const { nowMs } = parts;
  const tokens = createVerdicts({ nowMs, entriesMax: TOKENS_REMEMBERED_MAX });
  const keys = createVerdicts({ nowMs, entriesMax: KEYS_REMEMBERED_MAX });
  const adminSha256 = sha256(parts.adminKey);

  /** What is remembered was parsed strictly before: an equal text needs no parsing. */
  const known: IdentityPort['known'] = (header) =>
    header?.startsWith(USUAL_SCHEME) ? tokens.get(header.slice(USUAL_SCHEME.length)) : undefined;

  return {
    known,
    async bearer(header) {
      const usual = known(header);
      if (usual !== undefined) return usual;
      const token = readToken(header);
      return tokens.get(token) ?? tokens.judge(token, () => judgeToken(parts, token));
    },
    async apiKey(key) {
      if (key === undefined || key === '') throw noKey('missing', 'an API key is needed');
      return keys.get(key) ?? keys.judge(key, () => judgeKey(parts, key));
    },
    operator(header) {
      // Before anything is parsed: most headers hold a token, which is much longer.
      if (header !== undefined && header.length > parts.adminKey.length + SCHEME_CHARS_MAX) {
        return undefined;
      }
      const given = readAdminKey(header);
      // Most headers hold a token, which has another length: a hash of each would be for nothing.
      if (given === undefined || given.length !== parts.adminKey.length) return undefined;
      return timingSafeEqual(sha256(given), adminSha256) ? OPERATOR : undefined;
    },
    forget() {
      tokens.clear();
      keys.clear();
    },
  };
}

async function judgeToken(parts: AuthenticateParts, token: string): Promise<Verdict> {
  const { untilMs, ...subject } = await parts.tokens.verify(token);
  const stillHeld = await scopesHeld(parts.database, subject);
  if (stillHeld === undefined) throw invalidToken();
  const { kind, id, organization } = subject;
  const scopes = new Set(subject.scopes.filter((scope) => stillHeld.includes(scope)));
  return {
    principal: { kind, id, organization, scopes },
    untilMs: Math.min(untilMs, parts.nowMs() + TOKEN_REMEMBERED_MS),
  };
}

/** What the subject of a token may do today; undefined when it is no more. */
async function scopesHeld(database: Database, subject: Subject) {
  const { kind, id, client } = subject;
  if (kind === 'application') return applicationScopes(database, id, subject);
  const row = await findUserById(database, id);
  if (row?.organizationId !== subject.organization) return undefined;
  if (client !== undefined) return applicationScopes(database, client, subject);
  return serviceScopes(row.services);
}

async function applicationScopes(database: Database, id: string, { organization }: Subject) {
  const row = await findApplication(database, id);
  return row?.organizationId === organization ? row.scopes : undefined;
}

async function judgeKey({ database, nowMs }: AuthenticateParts, key: string): Promise<Verdict> {
  const row = isSecret('pk_', key) ? await findApiKey(database, sha256(key)) : undefined;
  if (row === undefined) throw noKey('invalid', 'the API key is not valid');
  const { dialects, requestsPerMinute } = row;
  const principal: Principal = {
    kind: 'key',
    id: row.id,
    organization: row.organizationId,
    scopes: new Set(),
    ...(dialects === null ? {} : { dialects: new Set(dialects) }),
    ...(requestsPerMinute === null ? {} : { requestsPerMinute }),
  };
  return { principal, untilMs: nowMs() + KEY_REMEMBERED_MS };
}

function noKey(reason: 'missing' | 'invalid', message: string): Problem {
  return new Problem('unauthenticated', message, { reason, proof: 'key' });
}
