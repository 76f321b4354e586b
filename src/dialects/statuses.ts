/** The HTTP status of each problem, for dialects whose partner publishes no other. */
import type { ProblemCode } from '../events/problem.ts';

export const usualStatuses = {
  'malformed-body': 400,
  'unsupported-media-type': 415,
  'not-acceptable': 406,
  'body-too-large': 413,
  'headers-too-large': 431,
  'request-timeout': 408,
  'invalid-input': 400,
  unauthenticated: 401,
  'invalid-client': 401,
  'invalid-request': 400,
  'invalid-scope': 400,
  'unsupported-grant-type': 400,
  forbidden: 403,
  'not-found': 404,
  'unit-not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  // As the IETF draft on the Idempotency-Key header wants it.
  'idempotency-mismatch': 422,
  'rate-limited': 429,
  overloaded: 503,
  internal: 500,
} as const satisfies Readonly<Record<ProblemCode, number>>;
