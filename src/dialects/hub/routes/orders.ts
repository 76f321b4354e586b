/** Calls about orders: the order in the hub's words, and how far its units have come. */
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../../dialect.ts';
import type { Hub } from '../../hub-port.ts';
import { decodePage } from '../decode.ts';
import { encodeOrder, encodeProgress } from '../encode-order.ts';
import { Order, Progress, ProgressQuery } from '../schemas/orders.ts';
import { IdParams } from '../schemas.ts';
import { base, call, found, idOf } from './call.ts';

const tags = ['orders'];
const path = `${base}/orders`;
const what = 'order';

export function registerOrders(app: FastifyInstance, hub: Hub): void {
  app.get<{ Params: IdParams }>(
    `${path}/:id`,
    call(hub, ['hub.read'], {
      summary: 'One order',
      description: 'For its owner and its parties.',
      tags,
      params: IdParams,
      response: { 200: Order },
    }),
    async (request, reply) => {
      const document = await hub.documents.get(principalOf(request), idOf(request, what));
      const order = found(document?.type === 'order' ? document : undefined, what);
      // Text goes out as it is: no serialiser between the order and its digits.
      return reply.type('application/json; charset=utf-8').send(encodeOrder(order));
    },
  );
  app.get<{ Params: IdParams; Querystring: ProgressQuery }>(
    `${path}/:id/progress`,
    call(hub, ['hub.read'], {
      summary: 'Planned beside actual, stop by stop',
      description:
        'Of the units that travel under the order those that you may see. A loading or unloading ' +
        'belongs to the stop at its place; where a place cannot be compared, to the next stop of ' +
        'its kind in the order of time.',
      tags,
      params: IdParams,
      querystring: ProgressQuery,
      response: { 200: Progress },
    }),
    async (request) => {
      const page = decodePage(request.query);
      const id = idOf(request, what);
      const progress = await hub.documents.progress(principalOf(request), id, page);
      const isOrder = progress?.document.type === 'order';
      return encodeProgress(found(isOrder ? progress : undefined, what));
    },
  );
}
