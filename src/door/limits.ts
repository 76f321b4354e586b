/** Requests per minute of an API key's offer, told in `RateLimit` headers. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../events/problem.ts';

const keysRememberedMax = 10_000;
const windowMs = 60_000;

/** To be registered before the routes; counts after authentication, before the body is read. */
export async function limitRates(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    global: true,
    hook: 'preParsing',
    timeWindow: windowMs,
    cache: keysRememberedMax,
    enableDraftSpec: true,
    max: (request) => request.principal?.requestsPerMinute ?? Number.MAX_SAFE_INTEGER,
    keyGenerator: (request) => request.principal?.id ?? '',
    allowList: (request) => request.principal?.requestsPerMinute === undefined,
    errorResponseBuilder: (_request, { max, ttl }) =>
      new Problem('rate-limited', `this key may ask ${max} times a minute`, {
        retryAfterSec: Math.ceil(ttl / 1000),
      }),
  });
}
