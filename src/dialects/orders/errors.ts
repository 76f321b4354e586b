/** Our problem codes → RFC 9457 problem details, with `validation_messages` at a 422. */
import type { Issue, Problem, ProblemCode } from '../../events/problem.ts';
import { present } from '../../lib/present.ts';
import { bearerChallenge, PROBLEM_MEDIA_TYPE, problemDetails } from '../../lib/problem-details.ts';
import type { ProblemAnswer } from '../dialect.ts';
import { usualStatuses } from '../statuses.ts';
import type { ProblemBody } from './schemas.ts';

const statuses: Readonly<Record<ProblemCode, number>> = {
  ...usualStatuses,
  // Published: 415 for the wrong Accept, too, and 422 for what is well-formed but wrong.
  'not-acceptable': 415,
  'invalid-input': 422,
};

export function renderProblem(problem: Problem): ProblemAnswer {
  const { code, details } = problem;
  const status = statuses[code];
  const body: ProblemBody = {
    ...problemDetails(status, detailOf(problem)),
    ...(code === 'invalid-input' && messagesOf(details.issues ?? [])),
  };
  const headers = present({ 'www-authenticate': bearerChallenge(status, details) });
  return { status, contentType: PROBLEM_MEDIA_TYPE, headers, body };
}

/** What cannot be read has no `validation_messages`, so the text says where it is. */
function detailOf({ code, message, details }: Problem): string {
  if (code === 'internal') return 'internal error';
  const path = code === 'malformed-body' ? (details.issues?.[0]?.path ?? '') : '';
  return path === '' ? message : `${path}: ${message}`;
}

/** By field path, then by rule. What is wrong with the whole body stands under its own name. */
function messagesOf(issues: readonly Issue[]): Pick<ProblemBody, 'validation_messages'> {
  const byPath = new Map<string, Record<string, string>>();
  for (const { path, rule = 'invalid', message } of issues) {
    const key = path === '' ? 'order' : path;
    byPath.set(key, { ...byPath.get(key), [rule]: message });
  }
  return byPath.size === 0 ? {} : { validation_messages: Object.fromEntries(byPath) };
}
