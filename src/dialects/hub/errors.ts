/** Our problem codes → RFC 9457 problem details with the code as a member of its own. */
import type { Problem } from '../../events/problem.ts';
import { present } from '../../lib/present.ts';
import { bearerChallenge, PROBLEM_MEDIA_TYPE, problemDetails } from '../../lib/problem-details.ts';
import type { ProblemAnswer, ProblemContext } from '../dialect.ts';
import { usualStatuses } from '../statuses.ts';
import type { ProblemBody } from './schemas.ts';

export function renderProblem(problem: Problem, context: ProblemContext): ProblemAnswer {
  const status = usualStatuses[problem.code];
  const errors = problem.details.issues?.map(({ path, message }) => ({ path, message }));
  const body: ProblemBody = {
    ...problemDetails(status, problem.message),
    instance: context.path,
    code: problem.code,
    requestId: context.requestId,
    ...present({ errors }),
  };
  const headers = headersOf(problem, status);
  return { status, contentType: PROBLEM_MEDIA_TYPE, headers, body };
}

function headersOf({ details }: Problem, status: number): Record<string, string> {
  return present({
    Allow: details.allow?.join(', '),
    'Retry-After': details.retryAfterSec?.toString(),
    'WWW-Authenticate': bearerChallenge(status, details),
  });
}
