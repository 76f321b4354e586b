/** Our problem codes → RFC 9457 problem details with the code as a member of its own. */
import { STATUS_CODES } from 'node:http';
import type { Problem, ProblemCode } from '../../events/problem.ts';
import { present } from '../../lib/present.ts';
import type { ProblemAnswer, ProblemContext } from '../dialect.ts';
import type { ProblemBody } from './schemas.ts';

const statuses: Readonly<Record<ProblemCode, number>> = {
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
};

/** `type` stays about:blank, for which the RFC wants the status phrase as title. */
export function renderProblem(problem: Problem, context: ProblemContext): ProblemAnswer {
  const status = statuses[problem.code];
  const errors = problem.details.issues?.map(({ path, message }) => ({ path, message }));
  const body: ProblemBody = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: problem.message,
    instance: context.path,
    code: problem.code,
    requestId: context.requestId,
    ...present({ errors }),
  };
  return {
    status,
    contentType: 'application/problem+json',
    headers: headersOf(problem, status),
    body,
  };
}

function headersOf({ details }: Problem, status: number): Record<string, string> {
  return present({
    Allow: details.allow?.join(', '),
    'Retry-After': details.retryAfterSec?.toString(),
    'WWW-Authenticate': challengeOf(status, details),
  });
}

/** RFC 6750, section 3: no error word where no proof came. */
function challengeOf(status: number, details: Problem['details']): string | undefined {
  if (status === 401) {
    return details.reason === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"';
  }
  if (status !== 403 || details.reason !== 'scope') return undefined;
  return `Bearer error="insufficient_scope", scope="${details.scope ?? ''}"`;
}
