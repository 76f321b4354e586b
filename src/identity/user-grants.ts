/**
 * Tokens for users of an application: the password grant and its refresh (RFC 6749, sections 4.3
 * and 6). Both need the application's own proof. A user acts with the application's scopes, so a
 * password gives no right that the client's secret alone would not give.
 */
import type { AccessToken } from '../dialects/hub-port.ts';
import { Problem } from '../events/problem.ts';
import type { ApplicationRow } from '../store/identity/applications.ts';
import { findUserById, type UserRow } from '../store/identity/users.ts';
import {
  APPLICATION_TOKEN_LIFE_SEC,
  checkClient,
  checkUser,
  type GrantParts,
  grantedScopes,
} from './grants.ts';
import type { RefreshTokens } from './refresh.ts';

export interface ClientGiven {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Space-separated; absent means all that can be had. */
  readonly scope?: string | undefined;
}

export interface UserToken extends AccessToken {
  readonly refreshToken: string;
}

export interface UserGrants {
  /**
   * Throws `invalid-client`, `invalid-scope`; `unauthenticated` for a wrong name or password and
   * for a user of another organization, all alike; `overloaded`.
   */
  readonly password: (
    given: ClientGiven & { readonly username: string; readonly password: string },
  ) => Promise<UserToken>;
  /**
   * Throws `invalid-client`, `invalid-scope` (the refresh token stays good), `unauthenticated`. The
   * scope may be narrower than the login's; the next refresh token keeps the login's.
   */
  readonly refresh: (given: ClientGiven & { readonly refreshToken: string }) => Promise<UserToken>;
}

export function createUserGrants(
  parts: GrantParts & { readonly refreshTokens: RefreshTokens },
): UserGrants {
  const { database, refreshTokens } = parts;
  return {
    async password({ username, password, scope, ...proof }) {
      const client = await checkClient(database, proof);
      const scopes = grantedScopes(client.scopes, scope);
      const user = await checkUser(parts, { username, password, ofOrganization: client });
      const token = await userToken(parts, { user, client, scopes });
      const login = { clientId: client.clientId, userId: user.id, scopes };
      return { ...token, refreshToken: await refreshTokens.begin(login) };
    },

    async refresh({ refreshToken, scope, ...proof }) {
      const client = await checkClient(database, proof);
      const row = await refreshTokens.read(refreshToken, client.clientId);
      const user = await findUserById(database, row.userId);
      if (user?.organizationId !== client.organizationId) throw noUser();
      const held = row.scopes.filter((word) => client.scopes.includes(word));
      const scopes = grantedScopes(held, scope);
      // Signed first: whatever fails before the exchange leaves the old token good.
      const token = await userToken(parts, { user, client, scopes });
      return { ...token, refreshToken: await refreshTokens.next(row) };
    },
  };
}

async function userToken(
  { tokens }: GrantParts,
  given: {
    readonly user: UserRow;
    readonly client: ApplicationRow;
    readonly scopes: readonly string[];
  },
): Promise<AccessToken> {
  const { user, client, scopes } = given;
  const subject = {
    ...({ kind: 'user', id: user.id, client: client.clientId } as const),
    ...{ organization: user.organizationId, scopes },
  };
  const expiresInSec = APPLICATION_TOKEN_LIFE_SEC;
  const accessToken = await tokens.issue(subject, expiresInSec);
  return { accessToken, expiresInSec, scope: scopes.join(' ') };
}

function noUser(): Problem {
  const details = { reason: 'invalid', proof: 'user' } as const;
  return new Problem('unauthenticated', 'the user is no more', details);
}
