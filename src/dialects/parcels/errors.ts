/**
 * Our problem codes → the parcel network's statuses and an error body. The statuses are the
 * network's; the body borrows the shape of a sister service's, and keys that no document prints are
 * ours. Keys marked `published` are printed by the network for a neighbouring call.
 */
import type { Problem, ProblemCode } from '../../events/problem.ts';
import { present } from '../../lib/present.ts';
import { bearerChallenge } from '../../lib/problem-details.ts';
import type { ProblemAnswer, ProblemContext } from '../dialect.ts';
import type { ErrorBody } from './schemas.ts';

const answers: Readonly<Record<ProblemCode, { readonly status: number; readonly key: string }>> = {
  'malformed-body': { status: 400, key: 'failed.to.parse.request' }, // published
  'unsupported-media-type': { status: 415, key: 'unsupported.media.type' },
  'not-acceptable': { status: 406, key: 'not.acceptable' },
  'body-too-large': { status: 413, key: 'request.too.large' },
  'headers-too-large': { status: 431, key: 'headers.too.large' },
  'request-timeout': { status: 408, key: 'request.timeout' },
  'invalid-input': { status: 400, key: 'validation.error' },
  unauthenticated: { status: 401, key: 'not.authenticated' },
  'invalid-client': { status: 401, key: 'not.authenticated' },
  'invalid-request': { status: 400, key: 'failed.to.parse.request' },
  'invalid-scope': { status: 400, key: 'validation.error' },
  'unsupported-grant-type': { status: 400, key: 'validation.error' },
  forbidden: { status: 403, key: 'no.access.parcel' },
  'not-found': { status: 404, key: 'not.found' },
  'unit-not-found': { status: 404, key: 'cannot.find.parcel' },
  'method-not-allowed': { status: 405, key: 'method.not.allowed' },
  conflict: { status: 409, key: 'conflict' },
  'idempotency-mismatch': { status: 409, key: 'conflict' },
  'rate-limited': { status: 429, key: 'too.many.requests' },
  overloaded: { status: 503, key: 'temporarily.unavailable' },
  internal: { status: 500, key: 'internal.error' },
};

export function renderProblem(problem: Problem, context: ProblemContext): ProblemAnswer {
  const { status } = answers[problem.code];
  const body: ErrorBody = {
    statusCode: status,
    errorKey: keyOf(problem),
    errorMessage: problem.message,
    errorMap: errorMapOf(problem),
    errorTrackingNr: context.requestId,
  };
  return { status, contentType: 'application/json', headers: headersOf(problem, status), body };
}

function keyOf({ code, details }: Problem): string {
  // The right to the service is missing, whatever the parcel; this key is published.
  if (code === 'forbidden' && details.reason === 'scope') return 'no.access.api';
  return answers[code].key;
}

/** Every fault that lies in one part of the request names it, also where it is no field of a body. */
function errorMapOf(problem: Problem): Record<string, string> {
  const { issues } = problem.details;
  if (issues !== undefined) {
    return Object.fromEntries(issues.map(({ path, message }) => [path, message]));
  }
  return Object.fromEntries(partsOf(problem).map((part) => [part, problem.message]));
}

function partsOf({ code, details }: Problem): readonly string[] {
  if (code === 'unauthenticated') {
    return details.proof === 'user' ? ['username', 'password'] : ['Authorization'];
  }
  // A service comes with the login, and so with the token.
  if (code === 'forbidden') return ['Authorization'];
  return code === 'method-not-allowed' ? ['method'] : [];
}

function headersOf({ details }: Problem, status: number): Record<string, string> {
  return present({
    Allow: details.allow?.join(', '),
    'Retry-After': details.retryAfterSec?.toString(),
    // RFC 9110, 15.5.2: a 401 names the scheme.
    'WWW-Authenticate': bearerChallenge(status, { reason: 'missing' }),
  });
}
