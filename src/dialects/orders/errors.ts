/** Our problem codes → RFC 9457 problem details, with `validation_messages` at a 422. */
import { STATUS_CODES } from 'node:http';
import type { Issue, Problem, ProblemCode } from '../../events/problem.ts';
import { present } from '../../lib/present.ts';
import type { ProblemAnswer } from '../dialect.ts';
import type { ProblemBody } from './schemas.ts';

const statuses: Readonly<Record<ProblemCode, number>> = {
  'malformed-body': 400,
  'unsupported-media-type': 415,
  // Published: 415 for the wrong Accept, too.
  'not-acceptable': 415,
  'body-too-large': 413,
  'headers-too-large': 431,
  'request-timeout': 408,
  'invalid-input': 422,
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
  'idempotency-mismatch': 422,
  'rate-limited': 429,
  overloaded: 503,
  internal: 500,
};

export function renderProblem(problem: Problem): ProblemAnswer {
  const { code, details } = problem;
  const status = statuses[code];
  const body: ProblemBody = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: detailOf(problem),
    ...(code === 'invalid-input' && messagesOf(details.issues ?? [])),
  };
  const challenge = challengeOf(status, details);
  return {
    status,
    contentType: 'application/problem+json',
    headers: present({ 'www-authenticate': challenge }),
    body,
  };
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

/** RFC 6750, section 3: no error word where no proof came. */
function challengeOf(status: number, details: Problem['details']): string | undefined {
  if (status === 401) {
    return details.reason === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"';
  }
  if (status !== 403 || details.scope === undefined) return undefined;
  return `Bearer error="insufficient_scope", scope="${details.scope}"`;
}
