/**
 * Our problems in this dialect's shape. The partner publishes no error bodies; `code`, `message` and
 * `timestamp` are those seen at TradeLens, after which its events are modelled. `errors` is ours.
 */
import type { Issue, Problem } from '../../events/problem.ts';
import { formatUtc } from '../../events/time.ts';
import type { ProblemAnswer, ProblemContext } from '../dialect.ts';
import { usualStatuses } from '../statuses.ts';
import { KEY_HEADER } from './names.ts';
import type { ErrorBody } from './schemas.ts';

/** An unknown container is a wrong field here: it has no address of its own. */
const STATUSES = { ...usualStatuses, 'unit-not-found': 400 } as const;

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
