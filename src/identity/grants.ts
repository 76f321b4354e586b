/** Gives access tokens for the proofs of an application (client id, secret) or a user (password). */
import type { IdentityPort } from '../dialects/hub-port.ts';
import { invalid, Problem } from '../events/problem.ts';
import { findBadText } from '../lib/text.ts';
import type { Database } from '../store/database.ts';
import { type ApplicationRow, findApplication } from '../store/identity/applications.ts';
import { findUserByName, type UserRow } from '../store/identity/users.ts';
import { TOKEN_LIFE_SEC_MAX } from './key-ring.ts';
import type { Passwords } from './passwords.ts';
import { PASSWORD_CHARS_MAX, USERNAME_CHARS_MAX } from './rules.ts';
import { isSecret, matchesSha256 } from './secrets.ts';
import { serviceScopes } from './service-scopes.ts';
import type { Tokens } from './tokens.ts';

/** Of tokens given through an application. */
export const APPLICATION_TOKEN_LIFE_SEC = 3600;

export interface GrantParts {
  readonly database: Database;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
}

export type Grants = Pick<IdentityPort, 'clientCredentials' | 'login'>;

export function createGrants(parts: GrantParts): Grants {
  const { database, tokens } = parts;
  return {
    async clientCredentials({ scope, ...proof }) {
      const row = await checkClient(database, proof);
      const scopes = grantedScopes(row.scopes, scope);
      const subject = {
        kind: 'application',
        id: row.clientId,
        organization: row.organizationId,
        scopes,
      } as const;
      const accessToken = await tokens.issue(subject, APPLICATION_TOKEN_LIFE_SEC);
      return { accessToken, expiresInSec: APPLICATION_TOKEN_LIFE_SEC, scope: scopes.join(' ') };
    },

    async login({ username, password, lifetimeSec }) {
      checkLifetime(lifetimeSec);
      const row = await checkUser(parts, { username, password });
      const { id, organizationId: organization, services } = row;
      const scopes = serviceScopes(services);
      const subject = { kind: 'user', id, organization, scopes, services } as const;
      const accessToken = await tokens.issue(subject, lifetimeSec);
      return { accessToken, expiresInSec: lifetimeSec, scope: scopes.join(' ') };
    },
  };
}

/** The application whose secret this is. Throws `invalid-client`. */
export async function checkClient(
  database: Database,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): Promise<ApplicationRow> {
  // Ids that we never gave out are not looked up; they could hold what no column can.
  const row = isSecret('app_', clientId) ? await findApplication(database, clientId) : undefined;
  if (row === undefined || !matchesSha256(clientSecret, row.secretSha256)) {
    const details = { reason: 'invalid', proof: 'client' } as const;
    throw new Problem('invalid-client', 'client id or secret is wrong', details);
  }
  return row;
}

/**
 * The user whose password this is, of that organization if one is given. Throws `unauthenticated`
 * after the same time for every cause, and `overloaded`: all logins share the bound on such work.
 */
export async function checkUser(
  { database, passwords }: Pick<GrantParts, 'database' | 'passwords'>,
  given: {
    readonly username: string;
    readonly password: string;
    readonly ofOrganization?: { readonly organizationId: string };
  },
): Promise<UserRow> {
  const { username, password, ofOrganization } = given;
  const isPossible = isPossibleLogin(username, password);
  const row = isPossible ? await findUserByName(database, username) : undefined;
  const fits = await passwords.verify(isPossible ? password : '', row?.passwordHash);
  const isOfThem =
    ofOrganization === undefined || row?.organizationId === ofOrganization.organizationId;
  if (row === undefined || !fits || !isOfThem) {
    const details = { reason: 'invalid', proof: 'user' } as const;
    throw new Problem('unauthenticated', 'username or password is wrong', details);
  }
  return row;
}

/** An empty `scope` counts as absent (RFC 6749, section 3.2); absent means all. */
export function grantedScopes(
  scopes: readonly string[],
  scope: string | undefined,
): readonly string[] {
  const asked = new Set((scope ?? '').split(' ').filter((word) => word !== ''));
  if (asked.size === 0) return scopes;
  for (const word of asked) {
    if (!scopes.includes(word)) {
      throw new Problem('invalid-scope', 'a scope asked for cannot be had');
    }
  }
  return scopes.filter((held) => asked.has(held));
}

/** Texts that no user can have are not looked up, but cost the same computation. */
function isPossibleLogin(username: string, password: string): boolean {
  return (
    username.length <= USERNAME_CHARS_MAX &&
    password.length <= PASSWORD_CHARS_MAX &&
    findBadText(username) === undefined
  );
}

function checkLifetime(lifetimeSec: number): void {
  if (!Number.isInteger(lifetimeSec) || lifetimeSec < 1 || lifetimeSec > TOKEN_LIFE_SEC_MAX) {
    throw invalid('lifetimeSec', `must be a whole number from 1 to ${TOKEN_LIFE_SEC_MAX}`, 'range');
  }
}
