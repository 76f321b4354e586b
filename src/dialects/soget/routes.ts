/** The three operations: authenticate, decode, call the hub, answer. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../../events/problem.ts';
import { mediaTypeOf } from '../../lib/media-type.ts';
import { NO_STORE } from '../../lib/oauth-error.ts';
import { type Hub, principalOf } from '../dialect.ts';
import { authenticate } from './auth.ts';
import { decodeTokenRequest, decodeTraceQuery, decodeTracking } from './decode.ts';
import { encodePage, encodeToken } from './encode.ts';
import { BUSINESS_CODES, TOKEN_PREFIX, TRACING_PREFIX, TRACKING_PREFIX } from './errors.ts';
import type { TracingQuery } from './handling-unit-schema.ts';
import { tokenOperation, tracingOperation, trackingOperation } from './operations.ts';
import type { TokenRequest, TrackingQuery, TrackingSinglePost } from './schemas.ts';

export function routes(app: FastifyInstance, hub: Hub): void {
  app.post<{ Body: TokenRequest | null }>(
    `${TOKEN_PREFIX}/v1/openid-connect/token`,
    { schema: tokenOperation, onRequest: takeOnly('application/x-www-form-urlencoded') },
    async (request, reply) => {
      const login = decodeTokenRequest({
        authorization: request.headers.authorization,
        form: request.body,
      });
      const token = await hub.identity.clientCredentials(login);
      return reply.headers(NO_STORE).send(encodeToken(token));
    },
  );

  app.post<{ Body: TrackingSinglePost; Querystring: TrackingQuery }>(
    `${TRACKING_PREFIX}/v1/track-handling-unit`,
    {
      schema: trackingOperation,
      onRequest: [authenticate(hub.identity, 'soget.tracking'), takeOnly('application/json')],
    },
    async (request, reply) => {
      const wanted = decodeTracking(request.body, request.query);
      const { subscription } = await hub.subscriptions.create(principalOf(request), wanted);
      // Sent as text: a framework that gets a bare string would not put it into quotes.
      const id = JSON.stringify(subscription.externalId ?? subscription.id);
      return reply.code(201).type('application/json; charset=utf-8').send(id);
    },
  );

  app.get<{ Querystring: TracingQuery }>(
    `${TRACING_PREFIX}/v1/handling-units`,
    { schema: tracingOperation, onRequest: authenticate(hub.identity, 'soget.tracing') },
    async (request) => {
      const query = decodeTraceQuery(request.query);
      const result = await hub.units.trace(principalOf(request), query);
      if (result.total === 0) throw new Problem('unit-not-found', BUSINESS_CODES.R001);
      return encodePage(result, query.offset, hub.vocabulary.of('soget'));
    },
  );
}

/** The door parses JSON and forms alike, so each route says which of them it means. */
function takeOnly(mediaType: string): (request: FastifyRequest) => Promise<void> {
  return async ({ headers }) => {
    const sent = mediaTypeOf(headers['content-type']);
    const hasBody = headers['transfer-encoding'] !== undefined || bodyLength(headers) > 0;
    if (sent !== mediaType && (hasBody || sent !== undefined)) {
      throw new Problem('unsupported-media-type', `the body must be ${mediaType}`);
    }
  };
}

function bodyLength(headers: FastifyRequest['headers']): number {
  return Number(headers['content-length'] ?? 0);
}
