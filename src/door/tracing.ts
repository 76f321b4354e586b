/** A span for every request, and the asynchronous context in which it is known. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TracedRequest, Tracing } from '../telemetry/tracing.ts';

/** Asked every few seconds by machines. */
const untraced: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

export type TraceIdOf = (request: FastifyRequest) => string | undefined;

export function traceRequests(app: FastifyInstance, trace: Tracing['request']): TraceIdOf {
  const traced = new WeakMap<FastifyRequest, TracedRequest>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { url: route = 'none' } = request.routeOptions;
    const { traceparent } = request.headers;
    if (!untraced.has(route)) {
      const given = { method: request.method, route };
      const parent = typeof traceparent === 'string' ? traceparent : undefined;
      traced.set(request, trace({ ...given, traceparent: parent }));
    }
    done();
  });
  // Not before the body has been read: that leaves the context.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = traced.get(request);
    if (span === undefined) done();
    else span.run(done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    traced.get(request)?.ended(reply.statusCode, request.principal?.organization);
    done();
  });
  return (request) => traced.get(request)?.traceId;
}
