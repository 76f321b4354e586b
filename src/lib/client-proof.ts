/**
 * How a client proves itself at a token endpoint (RFC 6749, section 2.3.1): by HTTP Basic or by
 * `client_id` and `client_secret` in the form, never by both. Pure.
 */

export type ClientProof =
  | { readonly ok: true; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly ok: false;
      readonly code: 'invalid-client' | 'invalid-request';
      readonly message: string;
    };

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
/** Our ids and secrets are far shorter, even percent-encoded. */
const HEADER_CHARS_MAX = 2048;

export function readClientProof(
  headers: { readonly authorization?: string | undefined },
  form: Readonly<Record<string, string>>,
): ClientProof {
  const { authorization } = headers;
  // A parameter without a value counts as absent (section 3.2).
  const clientId = ownValue(form, 'client_id');
  const clientSecret = ownValue(form, 'client_secret');
  if (authorization !== undefined && authorization !== '') {
    const proof = readBasic(authorization);
    if (!proof.ok) return proof;
    const isTwice = clientSecret !== undefined;
    const isOther = clientId !== undefined && clientId !== proof.clientId;
    return isTwice || isOther ? refuse('invalid-request', 'the client proves itself twice') : proof;
  }
  if (clientId === undefined || clientSecret === undefined) {
    return refuse('invalid-client', 'client_id and client_secret are needed');
  }
  return { ok: true, clientId, clientSecret };
}

function readBasic(header: string): ClientProof {
  const encoded = header.length > HEADER_CHARS_MAX ? undefined : BASIC.exec(header)?.[1];
  if (encoded === undefined) return malformed();
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) return malformed();
  const clientId = formDecoded(pair.slice(0, colon));
  const clientSecret = formDecoded(pair.slice(colon + 1));
  if (clientId === undefined || clientSecret === undefined) return malformed();
  return { ok: true, clientId, clientSecret };
}

/** Both parts are form-encoded before Basic encodes them (RFC 6749, appendix B). */
function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function ownValue(form: Readonly<Record<string, string>>, name: string): string | undefined {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  return value === '' ? undefined : value;
}

function malformed(): ClientProof {
  return refuse('invalid-client', 'the Authorization header holds no Basic credentials');
}

function refuse(code: 'invalid-client' | 'invalid-request', message: string): ClientProof {
  return { ok: false, code, message };
}
