/** Issues and verifies access tokens: JWTs signed with RS256, the one algorithm accepted. */
import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { expiredToken, invalidToken } from './bearer.ts';
import { ALGORITHM, type KeyRing } from './key-ring.ts';

export const AUDIENCE = 'portolan';
/** Hubs that share a database may differ this much in their clocks. */
export const LEEWAY_SEC = 5;

export interface Subject {
  readonly kind: 'application' | 'user';
  /** Client id of an application, id of a user. */
  readonly id: string;
  readonly organization: string;
  readonly scopes: readonly string[];
  /** Of users: what a person may use, without the `service:` that their scopes carry. */
  readonly services?: readonly string[];
  /** Of users that came through an application: its client id. */
  readonly client?: string;
}

export interface VerifiedToken extends Subject {
  /** From then on the token is refused; leeway included. */
  readonly untilMs: number;
}

export interface Tokens {
  readonly issue: (subject: Subject, lifetimeSec: number) => Promise<string>;
  /** Throws `unauthenticated`, `invalid` or `expired`; anything else is a failure of ours. */
  readonly verify: (token: string) => Promise<VerifiedToken>;
}

export function createTokens(given: {
  readonly keyRing: KeyRing;
  readonly nowMs: () => number;
  readonly issuer: () => string;
}): Tokens {
  const { keyRing, nowMs, issuer } = given;

  async function issue(subject: Subject, lifetimeSec: number): Promise<string> {
    const { kid, key } = await keyRing.signer();
    const issuedAtSec = Math.floor(nowMs() / 1000);
    return new SignJWT(claimsOf(subject))
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
      .setIssuer(issuer())
      .setSubject(subject.id)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAtSec)
      .setExpirationTime(issuedAtSec + lifetimeSec)
      .setJti(randomUUID())
      .sign(key);
  }

  async function verify(token: string): Promise<VerifiedToken> {
    const key = await keyRing.verifier(kidOf(token));
    if (key === undefined) throw invalidToken();
    const checks = {
      algorithms: [ALGORITHM],
      // The issuer is not compared: the signing keys are this database's alone, and its URL may
      // change, e.g. with the port, while tokens are about.
      audience: AUDIENCE,
      clockTolerance: LEEWAY_SEC,
      currentDate: new Date(nowMs()),
      requiredClaims: ['exp', 'iat', 'sub'],
    };
    const { payload } = await jwtVerify(token, key, checks).catch((error: unknown) => {
      throw error instanceof errors.JWTExpired ? expiredToken() : invalidToken();
    });
    return readClaims(payload);
  }

  return { issue, verify };
}

function claimsOf({ kind, id, client, organization, scopes, services }: Subject): JWTPayload {
  const claims = { org: organization, kind, scope: scopes.join(' ') };
  if (kind === 'application') return { ...claims, client_id: id };
  return client === undefined ? { ...claims, services } : { ...claims, client_id: client };
}

function kidOf(token: string): string {
  try {
    const { kid, alg } = decodeProtectedHeader(token);
    if (typeof kid === 'string' && alg === ALGORITHM && isCanonical(token)) return kid;
  } catch {
    // Not a JWT at all: refused like one that is not ours.
  }
  throw invalidToken();
}

/**
 * Whether the signature is written as we write it. Head and claims are signed as text, but the
 * signature's last letter has four idle bits: sixteen spellings would be one token.
 */
function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

/** The signature holds, so these are our own claims; an older version's may still lack some. */
function readClaims(claims: JWTPayload): VerifiedToken {
  const { sub, exp, kind, org, scope, client_id: client } = claims;
  const isKnownKind = kind === 'application' || kind === 'user';
  if (!isKnownKind || sub === undefined || exp === undefined) throw invalidToken();
  if (typeof org !== 'string' || typeof scope !== 'string') throw invalidToken();
  const scopes = scope === '' ? [] : scope.split(' ');
  const isThrough = kind === 'user' && typeof client === 'string';
  return {
    ...{ kind, id: sub, organization: org, scopes, untilMs: (exp + LEEWAY_SEC) * 1000 },
    ...(isThrough ? { client } : {}),
  };
}
