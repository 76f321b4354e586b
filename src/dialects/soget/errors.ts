/**
 * Our problems as SOGET's `HttpBusinessError`, and as RFC 6749 errors at the token endpoint.
 *
 * Codes: R001 to R003 are published (API Tracing Code v1). T… (tracking) and G… (both APIs) are
 * ours, because SOGET publishes none; its own letter R is never extended.
 */
import type { Issue, Problem, ProblemCode } from '../../events/problem.ts';
import { formatUtc } from '../../events/time.ts';
import type { ProblemAnswer, ProblemContext } from '../dialect.ts';
import type { HttpBusinessSubError, TracingError, TrackingError } from './schemas.ts';
import { renderTokenProblem } from './token-errors.ts';

export const TOKEN_PREFIX = '/soget-connect';
export const TRACKING_PREFIX = '/api-tracking-code';
export const TRACING_PREFIX = '/api-tracing-code';

/** The header of the API key; the gateway in front of SOGET named it. */
export const KEY_HEADER = 'Ocp-Apim-Subscription-Key';

/** The one parameter of tracking that stands in the query (ours). */
const SINCE = 'since';

/** Rule of an issue that means: neither a reference nor an SPI was given. */
export const NO_UNIT_RULE = 'handling-unit-null';

/** Every code that a caller of tracking or tracing can meet. */
export const BUSINESS_CODES = {
  R001: 'No handling unit was found',
  R002: 'The handling unit is null',
  R003: 'The handling unit is not correctly formated',
  T001: 'The tracking request is not valid',
  T002: 'The webhook URL cannot be used',
  G001: 'A parameter is not valid',
  G002: 'The body is not valid JSON',
  G003: 'The content type is not supported',
  G004: 'No answer of an accepted type exists',
  G005: 'The body or the headers are too large',
  G006: 'The request came in too slowly',
  G007: 'The token or the API key is missing or not valid',
  G008: 'The token or the API key does not open this API',
  G009: 'No such path',
  G010: 'The path does not have this method',
  G011: 'The request conflicts with another one',
  G012: 'Too many requests',
  G013: 'Not ready to take requests, try again',
  G014: 'Internal error',
} as const;
export type BusinessCode = keyof typeof BUSINESS_CODES;

/** Status with the name that SOGET prints for it: .NET's, as in the published sample `NotFound`. */
type Status = readonly [number, string];
const BAD_REQUEST: Status = [400, 'BadRequest'];
const UNAUTHORIZED: Status = [401, 'Unauthorized'];
const CONFLICT: Status = [409, 'Conflict'];

const RULES: Readonly<Record<ProblemCode, readonly [Status, BusinessCode]>> = {
  'malformed-body': [BAD_REQUEST, 'G002'],
  'unsupported-media-type': [[415, 'UnsupportedMediaType'], 'G003'],
  'not-acceptable': [[406, 'NotAcceptable'], 'G004'],
  'body-too-large': [[413, 'RequestEntityTooLarge'], 'G005'],
  'headers-too-large': [[431, 'RequestHeaderFieldsTooLarge'], 'G005'],
  'request-timeout': [[408, 'RequestTimeout'], 'G006'],
  'invalid-input': [BAD_REQUEST, 'G001'],
  unauthenticated: [UNAUTHORIZED, 'G007'],
  'invalid-client': [UNAUTHORIZED, 'G007'],
  'invalid-request': [BAD_REQUEST, 'G001'],
  'invalid-scope': [BAD_REQUEST, 'G001'],
  'unsupported-grant-type': [BAD_REQUEST, 'G001'],
  forbidden: [[403, 'Forbidden'], 'G008'],
  'not-found': [[404, 'NotFound'], 'G009'],
  'unit-not-found': [[404, 'NotFound'], 'R001'],
  'method-not-allowed': [[405, 'MethodNotAllowed'], 'G010'],
  conflict: [CONFLICT, 'G011'],
  'idempotency-mismatch': [CONFLICT, 'G011'],
  'rate-limited': [[429, 'TooManyRequests'], 'G012'],
  overloaded: [[503, 'ServiceUnavailable'], 'G013'],
  internal: [[500, 'InternalServerError'], 'G014'],
};

export function renderProblem(problem: Problem, context: ProblemContext): ProblemAnswer {
  if (isBelow(context.path, TOKEN_PREFIX)) return renderTokenProblem(problem);
  const isTracing = isBelow(context.path, TRACING_PREFIX);
  const [[status, statusName], general] = RULES[problem.code];
  const code = codeOf(problem, general, isTracing);
  const error: TracingError = {
    status: statusName,
    timestamp: formatUtc(context.nowMs, 3),
    code,
    message: messageOf(problem, code),
  };
  const tracking: TrackingError = { ...error, subErrors: subErrorsOf(problem) };
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    headers: headersOf(problem),
    body: isTracing ? error : tracking,
  };
}

function codeOf(problem: Problem, general: BusinessCode, isTracing: boolean): BusinessCode {
  if (problem.code !== 'invalid-input') return general;
  const issues = problem.details.issues ?? [];
  if (!isTracing) return isAboutUrl(issues) ? 'T002' : 'T001';
  if (issues.some((issue) => issue.rule === NO_UNIT_RULE)) return 'R002';
  const isAboutUnit = issues.some((issue) => issue.path === 'reference' || issue.path === 'spi');
  return isAboutUnit ? 'R003' : general;
}

function isAboutUrl(issues: readonly Issue[]): boolean {
  return issues.length > 0 && issues.every((i) => i.path === 'url' && i.rule !== 'required');
}

// R001 and R002 are printed exactly as published. An internal error tells nothing of itself.
function messageOf(problem: Problem, code: BusinessCode): string {
  const text = BUSINESS_CODES[code];
  if (code === 'R001' || code === 'R002' || code === 'G014') return text;
  return problem.message === '' ? text : `${text}: ${problem.message}`;
}

function subErrorsOf(problem: Problem): HttpBusinessSubError[] | null {
  const issues = problem.details.issues ?? [];
  if (issues.length === 0) return null;
  return issues.map((issue) => ({
    // A parameter of the query is in no object.
    section: issue.path === SINCE ? null : 'TrackingSinglePost',
    field: issue.path === '' ? null : issue.path,
    rejectedValue: issue.value ?? null,
    message: issue.message,
  }));
}

/** The door adds what every dialect has alike: Retry-After, Allow. */
function headersOf({ code, details }: Problem): Record<string, string> {
  const headers: Record<string, string> = {};
  if (code === 'unauthenticated') headers['www-authenticate'] = challenge(details);
  if (code === 'forbidden' && details.scope !== undefined) {
    headers['www-authenticate'] = `${BEARER}, error="insufficient_scope", scope="${details.scope}"`;
  }
  return headers;
}

const BEARER = 'Bearer realm="soget"';

/** RFC 6750 section 3 for the token; for the key the scheme that the gateway's clients know. */
function challenge({ proof, reason }: Problem['details']): string {
  if (proof === 'key') {
    return `AzureApiManagementKey realm="soget", name="${KEY_HEADER}", type="header"`;
  }
  return reason === 'missing' ? BEARER : `${BEARER}, error="invalid_token"`;
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
