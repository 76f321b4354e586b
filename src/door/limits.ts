/** Requests per minute of an API key's offer, told in `RateLimit` headers. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../events/problem.ts';

const keysRememberedMax = 10_000;
const windowMs = 60_000;

/** To be registered before the routes; counts after authentication, before the body is read. */
export async function limitRates(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, { global: false, enableDraftSpec: true });
  const limit = app.rateLimit({
    timeWindow: windowMs,
    cache: keysRememberedMax,
    max: (request) => request.principal?.requestsPerMinute ?? Number.MAX_SAFE_INTEGER,
    keyGenerator: (request) => request.principal?.id ?? '',
    errorResponseBuilder: (_request, { max, ttl }) =>
      new Problem('rate-limited', `this key may ask ${max} times a minute`, {
        retryAfterSec: Math.ceil(ttl / 1000),
      }),
  });
  // Most requests have no limit: they pay for one look, not for the limiter's promises.
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.principal?.requestsPerMinute === undefined) done();
    else limit.call(app, request, reply).then(() => done(), done);
  });
}
