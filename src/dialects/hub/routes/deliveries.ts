/** Calls about deliveries: what became of each push, and sending it again. */
import type { FastifyInstance } from 'fastify';
import { isUuid } from '../../../lib/id.ts';
import { present } from '../../../lib/present.ts';
import { principalOf } from '../../dialect.ts';
import type { Hub } from '../../hub-port.ts';
import { decodeDigestRange, decodePage, decodeRange } from '../decode.ts';
import { encodeAttempt, encodeDelivery, encodeDigest, encodePage } from '../encode.ts';
import {
  Delivery,
  DeliveryPage,
  DeliveryQuery,
  Digest,
  DigestQuery,
  Replayed,
  ReplayRange,
} from '../schemas/subscriptions.ts';
import { IdParams } from '../schemas.ts';
import { type Access, base, call, found, idOf, notFound } from './call.ts';

const tags = ['deliveries'];
const path = `${base}/deliveries`;
const readers: Access = ['hub.subscriptions', 'hub.read'];
const writers: Access = ['hub.subscriptions'];

/** Ids may be sent in upper case; a reference, an SPI or a partner's id keeps its case. */
function lowerId(text: string | undefined): string | undefined {
  return text !== undefined && isUuid(text.toLowerCase()) ? text.toLowerCase() : text;
}

export function registerDeliveries(app: FastifyInstance, hub: Hub): void {
  registerReads(app, hub);
  registerDigest(app, hub);
  registerReplays(app, hub);
}

function registerReads(app: FastifyInstance, hub: Hub): void {
  app.get<{ Querystring: DeliveryQuery }>(
    path,
    call(hub, readers, {
      summary: 'Deliveries by subscription, unit and state',
      tags,
      querystring: DeliveryQuery,
      response: { 200: DeliveryPage },
    }),
    async (request) => {
      const { subscription, unit, state } = request.query;
      const query = present({
        subscription: lowerId(subscription),
        unit: lowerId(unit),
        state,
      });
      const page = decodePage(request.query);
      const deliveries = await hub.deliveries.list(principalOf(request), query, page);
      return encodePage(deliveries, encodeDelivery);
    },
  );
  app.get<{ Params: IdParams }>(
    `${path}/:id`,
    call(hub, readers, {
      summary: 'One delivery with its attempts',
      tags,
      params: IdParams,
      response: { 200: Delivery },
    }),
    async (request) => {
      const id = idOf(request, 'delivery');
      const delivery = found(await hub.deliveries.get(principalOf(request), id), 'delivery');
      return { ...encodeDelivery(delivery), attempts: delivery.attempts.map(encodeAttempt) };
    },
  );
}

function registerDigest(app: FastifyInstance, hub: Hub): void {
  app.get<{ Params: IdParams; Querystring: DigestQuery }>(
    `${base}/subscriptions/:id/digest`,
    call(hub, readers, {
      summary: 'Counts and hashes by which a receiver proves that it has everything',
      description:
        'Of the hours that `from` and `to` lie in and those between, 744 at most; without them the ' +
        'last 24. The hour of a delivery is that of its webhook-id, a UUID of version 7.',
      tags,
      params: IdParams,
      querystring: DigestQuery,
      response: { 200: Digest },
    }),
    async (request) => {
      const id = idOf(request, 'subscription');
      const range = decodeDigestRange(request.query, hub.nowMs());
      const digest = await hub.deliveries.digest(principalOf(request), id, range);
      return encodeDigest(id, found(digest, 'subscription'));
    },
  );
}

function registerReplays(app: FastifyInstance, hub: Hub): void {
  app.post<{ Params: IdParams }>(
    `${path}/:id/replay`,
    call(hub, writers, {
      summary: 'Send a finished delivery again',
      tags,
      params: IdParams,
      response: { 202: Replayed },
    }),
    async (request, reply) => {
      const id = idOf(request, 'delivery');
      if (!(await hub.deliveries.replay(principalOf(request), id))) throw notFound('delivery');
      reply.code(202);
      return { replayed: 1 };
    },
  );
  app.post<{ Params: IdParams; Body: ReplayRange }>(
    `${base}/subscriptions/:id/replay`,
    call(hub, writers, {
      summary: 'Send the finished deliveries of a time, or by their numbers, again',
      tags,
      params: IdParams,
      body: ReplayRange,
      response: { 202: Replayed },
    }),
    async (request, reply) => {
      const id = idOf(request, 'subscription');
      const range = decodeRange(request.body);
      const count = await hub.deliveries.replayRange(principalOf(request), id, range);
      reply.code(202);
      return { replayed: found(count, 'subscription') };
    },
  );
}
