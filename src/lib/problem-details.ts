/** Problem details of RFC 9457, and the challenge of a bearer token (RFC 6750), as plain data. */
import { STATUS_CODES } from 'node:http';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export interface ProblemDetailsBody {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** `type` stays about:blank, for which the RFC wants the status phrase as title. */
export function problemDetails(status: number, detail: string): ProblemDetailsBody {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}

export interface Refusal {
  /** `missing`: no proof was sent; `scope`: the token lacks one. */
  readonly reason?: string | undefined;
  readonly scope?: string | undefined;
}

const BEARER = 'Bearer realm="portolan"';

/**
 * RFC 6750, section 3: never the bare scheme, and no error word where no proof came. Undefined where
 * there is no challenge.
 */
export function bearerChallenge(status: number, { reason, scope }: Refusal): string | undefined {
  if (status === 401) return reason === 'missing' ? BEARER : `${BEARER}, error="invalid_token"`;
  if (status !== 403 || scope === undefined) return undefined;
  return `${BEARER}, error="insufficient_scope", scope="${scope}"`;
}
