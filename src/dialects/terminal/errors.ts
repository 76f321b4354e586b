/**
 * Our problems in this dialect's shape. The partner publishes no error bodies; `code`, `message` and
 * `timestamp` are those seen at TradeLens, after which its events are modelled. `errors` is ours.
 */
import type { Issue, Problem, ProblemCode } from '../../events/problem.ts';
import { formatUtc } from '../../events/time.ts';
import type { ProblemAnswer, ProblemContext } from '../dialect.ts';
import { KEY_HEADER } from './names.ts';
import type { ErrorBody } from './schemas.ts';

const STATUSES: Readonly<Record<ProblemCode, number>> = {
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
  'unit-not-found': 400,
  'method-not-allowed': 405,
  conflict: 409,
  'idempotency-mismatch': 422,
  'rate-limited': 429,
  overloaded: 503,
  internal: 500,
};

/** The hub's name of a member where it is not the partner's. */
const FIELDS: Readonly<Record<string, string>> = { url: 'callbackUrl' };

export function renderProblem(problem: Problem, context: ProblemContext): ProblemAnswer {
  const { code, details } = problem;
  const body: ErrorBody = {
    code,
    message: code === 'internal' ? 'internal error' : problem.message,
    timestamp: formatUtc(context.nowMs, 3),
    ...errorsOf(details.issues ?? []),
  };
  // HTTP wants a challenge with each 401; there is no registered scheme for API keys.
  const challenge = {
    'www-authenticate': `ApiKey realm="event-subscriptions", in="${KEY_HEADER}"`,
  };
  return {
    status: STATUSES[code],
    contentType: 'application/json; charset=utf-8',
    headers: STATUSES[code] === 401 ? challenge : {},
    body,
  };
}

function errorsOf(issues: readonly Issue[]): Pick<ErrorBody, 'errors'> {
  if (issues.length === 0) return {};
  return {
    errors: issues.map(({ path, message }) => ({ field: FIELDS[path] ?? path, message })),
  };
}
