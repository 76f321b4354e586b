/** Reads `Authorization: Bearer …` headers (RFC 6750, section 2.1). Linear in their length. */
import { Problem } from '../events/problem.ts';

/** Our tokens have about 900 characters. */
const TOKEN_CHARS_MAX = 4096;

/** `b64token` of RFC 6750. */
const TOKEN = /^bearer +([\w.~+/-]+=*)$/i;
/** An admin key may hold any visible character, because its owner chooses it. */
const VISIBLE = /^bearer +([\x21-\x7e]+)$/i;

/** The token. Throws `unauthenticated`: `missing` for no header, `invalid` for any other form. */
export function readToken(header: string | undefined): string {
  if (header === undefined || header === '') {
    throw new Problem('unauthenticated', 'an access token is needed', {
      reason: 'missing',
      proof: 'token',
    });
  }
  const token = match(TOKEN, header);
  if (token === undefined) throw invalidToken();
  return token;
}

/** What stands behind `Bearer`, if it could be an admin key at all. */
export function readAdminKey(header: string | undefined): string | undefined {
  return header === undefined ? undefined : match(VISIBLE, header);
}

export function invalidToken(): Problem {
  const details = { reason: 'invalid', proof: 'token' } as const;
  return new Problem('unauthenticated', 'the access token is not valid', details);
}

export function expiredToken(): Problem {
  const details = { reason: 'expired', proof: 'token' } as const;
  return new Problem('unauthenticated', 'the access token has expired', details);
}

function match(pattern: RegExp, header: string): string | undefined {
  return header.length > TOKEN_CHARS_MAX ? undefined : pattern.exec(header)?.[1];
}
