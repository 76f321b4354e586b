/**
 * Everything that can go wrong with a request, as a closed list of stable codes. Each dialect
 * renders a problem in its partner's shape; tests assert codes, never messages.
 */

export const PROBLEM_CODES = [
  'malformed-body',
  'unsupported-media-type',
  'not-acceptable',
  'body-too-large',
  'headers-too-large',
  'request-timeout',
  'invalid-input',
  'unauthenticated',
  'invalid-client',
  'invalid-request',
  'invalid-scope',
  'unsupported-grant-type',
  'forbidden',
  'not-found',
  'unit-not-found',
  'method-not-allowed',
  'conflict',
  'idempotency-mismatch',
  'rate-limited',
  'overloaded',
  'internal',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** One fault of one field. */
export interface Issue {
  /** Dotted path from the root of the body or the query, e.g. `events.0.place.latitude`. */
  readonly path: string;
  readonly message: string;
  /** Name of the broken rule, e.g. `required`, `maxLength`, `pattern`. */
  readonly rule?: string;
  /** The refused value as text, at most 100 characters. */
  readonly value?: string;
}

export interface ProblemDetails {
  readonly issues?: readonly Issue[];
  readonly retryAfterSec?: number;
  /** Methods that the path does have; for `method-not-allowed`. */
  readonly allow?: readonly string[];
  /** Why authentication failed: `missing` when nothing was sent, else what is wrong with it. */
  readonly reason?: 'missing' | 'invalid' | 'expired' | 'scope' | 'mismatch';
  /** What lacked it: `token`, `key`, `client`, `user`, … a word of ours, shown to nobody. */
  readonly proof?: 'token' | 'key' | 'client' | 'user';
  readonly scope?: string;
}

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  /** `message` is shown to the caller: it never holds a stack, SQL or another organization's data. */
  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    this.details = details;
  }
}

/** A problem about one field. */
export function invalid(path: string, message: string, rule = 'value'): Problem {
  return new Problem('invalid-input', `${path}: ${message}`, { issues: [{ path, message, rule }] });
}
