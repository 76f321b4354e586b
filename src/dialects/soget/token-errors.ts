/** Our problems at the token endpoint, in the shape of RFC 6749, section 5.2. */
import type { Problem } from '../../events/problem.ts';
import { renderOAuthError } from '../../lib/oauth-error.ts';
import type { ProblemAnswer } from '../dialect.ts';

/** Problems of units and stored requests cannot come up here; should one, it is no fault of ours. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'unit-not-found',
  'conflict',
  'idempotency-mismatch',
]);

export function renderTokenProblem(problem: Problem): ProblemAnswer {
  const code = ELSEWHERE.has(problem.code) ? 'invalid-request' : problem.code;
  const message = code === 'internal' ? 'internal error' : problem.message;
  const answer = renderOAuthError({ code, message, details: problem.details });
  return { ...answer, contentType: 'application/json; charset=utf-8' };
}
