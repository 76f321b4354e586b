/** Turns whatever a request met into a Problem: the framework's faults, the database's, ours. */
import { Problem } from '../events/problem.ts';

interface Faulty extends Error {
  readonly code?: string;
  readonly statusCode?: number;
}

const framework: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Problem('unsupported-media-type', 'this content type is not accepted here'),
  FST_ERR_CTP_BODY_TOO_LARGE: () => new Problem('body-too-large', 'the body is larger than 1 MiB'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new Problem('malformed-body', 'the body is empty'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new Problem('malformed-body', 'the body is not as long as Content-Length says'),
  FST_ERR_BAD_URL: () => new Problem('not-found', 'there is nothing at this path'),
};

const unavailable = () =>
  new Problem('overloaded', 'the hub cannot answer at the moment, try again', { retryAfterSec: 1 });

export interface ProblemSource {
  /** True for errors that mean the database is away or full, so trying again is right. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly onUnexpected: (error: unknown) => void;
}

/** Never reveals an unexpected error's text: that goes to the operator's log. */
export function problemOf(error: unknown, source: ProblemSource): Problem {
  if (error instanceof Problem) return error;
  const faulty = error as Faulty;
  const known = framework[faulty.code ?? ''];
  if (known !== undefined) return known();
  const status = faulty.statusCode ?? 500;
  if (status >= 400 && status < 500)
    return new Problem('malformed-body', 'the request is malformed');
  source.onUnexpected(error);
  if (source.isUnavailable(error)) return unavailable();
  return new Problem('internal', 'something went wrong on our side');
}
