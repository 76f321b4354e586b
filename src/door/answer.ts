/** Answers a fault in the shape of the dialect it happened in. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect, ProblemAnswer } from '../dialects/dialect.ts';
import { Problem, type ProblemCode } from '../events/problem.ts';
import { PROBLEM_MEDIA_TYPE, problemDetails } from '../lib/problem-details.ts';
import { type ProblemSource, problemOf } from './problems.ts';

export type Renderer = Dialect['renderProblem'];

const plainStatus: Partial<Record<ProblemCode, number>> = {
  'not-found': 404,
  'method-not-allowed': 405,
  'unsupported-media-type': 415,
  'body-too-large': 413,
  'headers-too-large': 431,
  'request-timeout': 408,
  'rate-limited': 429,
  unauthenticated: 401,
  internal: 500,
  overloaded: 503,
};

/** For paths below no dialect's prefix: RFC 9457 in its smallest form, with our code. */
export const plainProblem: Renderer = ({ code, message }) => {
  const status = plainStatus[code] ?? 400;
  const body = { ...problemDetails(status, message), code };
  return { status, contentType: PROBLEM_MEDIA_TYPE, body };
};

export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function headersOf(problem: Problem, answer: ProblemAnswer): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': answer.contentType };
  const { retryAfterSec, allow } = problem.details;
  if (retryAfterSec !== undefined) headers['retry-after'] = String(retryAfterSec);
  if (allow !== undefined) headers['allow'] = allow.join(', ');
  return { ...headers, ...answer.headers };
}

export interface Answerer {
  /** Sends any error in the given shape; without one, in that of the path's dialect. */
  readonly fault: (
    error: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    renderer?: Renderer,
  ) => FastifyReply;
  readonly notFound: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
}

export interface AnswererOptions extends ProblemSource {
  readonly dialects: ReadonlyMap<string, Dialect>;
  readonly nowMs: () => number;
}

export function createAnswerer(options: AnswererOptions): Answerer {
  const dialects = [...options.dialects.values()];
  const rendererAt = (path: string): Renderer =>
    dialects.find(({ prefixes }) =>
      prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
    )?.renderProblem ?? plainProblem;

  const fault: Answerer['fault'] = (error, request, reply, renderer) => {
    const path = pathOf(request.url);
    const problem = problemOf(error, options);
    const render = renderer ?? rendererAt(path);
    const answer = render(problem, { nowMs: options.nowMs(), requestId: request.id, path });
    reply.code(answer.status).headers(headersOf(problem, answer));
    // A ready text skips the route's response schema: problems have the renderer's own shape.
    return reply.serializer((text: string) => text).send(JSON.stringify(answer.body));
  };

  const nothing = new Problem('not-found', 'there is nothing at this path');
  return { fault, notFound: (request, reply) => fault(nothing, request, reply) };
}
