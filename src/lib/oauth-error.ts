/**
 * Errors of an OAuth 2 token endpoint (RFC 6749, section 5.2), for every endpoint that gives tokens.
 * Pure, and without types of ours: a problem is taken by its code, whatever made it.
 */

export interface OAuthProblem {
  /** Stable code of the problem, e.g. `invalid-client`. */
  readonly code: string;
  readonly message: string;
  readonly details?: { readonly retryAfterSec?: number; readonly allow?: readonly string[] };
}

export interface OAuthErrorAnswer {
  readonly status: number;
  readonly body: { readonly error: string; readonly error_description: string };
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers of a token endpoint must not be kept, errors included (section 5.1). */
export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

/**
 * RFC 9110, section 11.6.1: every 401 names a scheme. RFC 6749 asks for the client's own, and Basic
 * is the only one there is.
 */
const CHALLENGE = 'Basic realm="portolan", charset="UTF-8"';

type Row = readonly [status: number, error: string];

/** Section 5.2 has 400 and 401; the rest say by their status what no word of the RFC says. */
const ERRORS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['invalid-request', [400, 'invalid_request']],
  ['invalid-input', [400, 'invalid_request']],
  ['malformed-body', [400, 'invalid_request']],
  ['unsupported-media-type', [400, 'invalid_request']],
  ['invalid-client', [401, 'invalid_client']],
  // A user's wrong password; the client itself may be right.
  ['unauthenticated', [400, 'invalid_grant']],
  ['unsupported-grant-type', [400, 'unsupported_grant_type']],
  ['invalid-scope', [400, 'invalid_scope']],
  ['forbidden', [400, 'unauthorized_client']],
  ['not-found', [404, 'invalid_request']],
  ['method-not-allowed', [405, 'invalid_request']],
  ['not-acceptable', [406, 'invalid_request']],
  ['request-timeout', [408, 'invalid_request']],
  ['body-too-large', [413, 'invalid_request']],
  ['headers-too-large', [431, 'invalid_request']],
  ['rate-limited', [429, 'temporarily_unavailable']],
  ['overloaded', [503, 'temporarily_unavailable']],
]);
const UNKNOWN: Row = [500, 'server_error'];

export function renderOAuthError({ code, message, details }: OAuthProblem): OAuthErrorAnswer {
  const [status, error] = ERRORS.get(code) ?? UNKNOWN;
  return {
    status,
    body: { error, error_description: describable(message) },
    headers: {
      ...NO_STORE,
      ...(status === 401 ? { 'www-authenticate': CHALLENGE } : {}),
      ...(details?.retryAfterSec === undefined
        ? {}
        : { 'retry-after': String(details.retryAfterSec) }),
      ...(details?.allow === undefined ? {} : { allow: details.allow.join(', ') }),
    },
  };
}

/** `error_description` holds printable ASCII without `"` and `\` only. */
function describable(message: string): string {
  return message.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?');
}
