/**
 * Identity: who is asking, whatever proof a partner documents, and the tokens that prove it. Tokens
 * are standard JWTs, so standard clients and verifiers work unchanged (docs/adr/0006-identity.md).
 */
import type { JWK } from 'jose';
import type { Logger } from 'pino';
import type { IdentityPort } from '../dialects/hub-port.ts';
import type { Sealer } from '../lib/seal.ts';
import type { Database } from '../store/database.ts';
import { createAuthenticate } from './authenticate.ts';
import { discoveryDocument } from './discovery.ts';
import { createGrants } from './grants.ts';
import { createKeyRing } from './key-ring.ts';
import { createPasswords } from './passwords.ts';
import { createRefreshTokens } from './refresh.ts';
import { createTokens } from './tokens.ts';
import { createUserGrants, type UserGrants } from './user-grants.ts';

export interface Identity extends IdentityPort {
  /** What the token endpoint gives to users of an application. */
  readonly userGrants: UserGrants;
  /** The JSON Web Key Set (RFC 7517): the live key and those whose tokens may still be about. */
  readonly jwks: () => Promise<{ readonly keys: readonly JWK[] }>;
  /** OpenID Connect discovery 1.0, also good for RFC 8414. */
  readonly openIdConfiguration: () => object;
  /** A new signing key; tokens of the old one stay good until they expire. */
  readonly rotateSigningKey: () => Promise<{ readonly kid: string }>;
  /** For storing. Shares the bound on such work with `login`: throws `overloaded`. */
  readonly hashPassword: (password: string) => Promise<string>;
  /** Forgets what it remembers. There are no timers and no connections of its own. */
  readonly close: () => void;
}

export interface IdentityOptions {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly nowMs: () => number;
  /** The hub's public URL, without a trailing slash; known for sure once the door listens. */
  readonly issuer: () => string;
  readonly adminKey: string;
  readonly logger: Pick<Logger, 'info'>;
}

/** Makes the first signing key where there is none. Throws when the master key is another one. */
export async function createIdentity(options: IdentityOptions): Promise<Identity> {
  const { database, sealer, nowMs, issuer, adminKey, logger } = options;
  const onRotated = (kid: string) => logger.info({ kid }, 'new token signing key');
  const keyRing = await createKeyRing({ database, sealer, nowMs, onRotated });
  const tokens = createTokens({ keyRing, nowMs, issuer });
  const passwords = createPasswords();
  const grantParts = { database, tokens, passwords };
  const refreshTokens = createRefreshTokens({ database, nowMs });
  const { forget, ...proofs } = createAuthenticate({ database, tokens, nowMs, adminKey });
  return {
    ...proofs,
    ...createGrants(grantParts),
    userGrants: createUserGrants({ ...grantParts, refreshTokens }),
    jwks: async () => ({ keys: await keyRing.published() }),
    openIdConfiguration: () => discoveryDocument(issuer()),
    rotateSigningKey: keyRing.rotate,
    hashPassword: passwords.hash,
    close: forget,
  };
}
