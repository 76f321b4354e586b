/** The calls of the hub's own API, one file per subject under `routes/`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Hub } from '../hub-port.ts';
import { registerDeliveries } from './routes/deliveries.ts';
import { registerEvents } from './routes/events.ts';
import { registerOrders } from './routes/orders.ts';
import { registerProvisioning } from './routes/provisioning.ts';
import { registerSubscriptions } from './routes/subscriptions.ts';
import { registerUnits } from './routes/units.ts';
import { registerVocabulary } from './routes/vocabulary.ts';

export function routes(app: FastifyInstance, hub: Hub): void {
  app.addHook('preValidation', (request, _reply, done) => {
    dropEmpty(request);
    done();
  });
  registerProvisioning(app, hub);
  registerUnits(app, hub);
  registerEvents(app, hub);
  registerOrders(app, hub);
  registerSubscriptions(app, hub);
  registerDeliveries(app, hub);
  registerVocabulary(app, hub);
}

/** A parameter without a value says nothing: a client's first page is often asked for by `cursor=`. */
function dropEmpty(request: FastifyRequest): void {
  if (!request.url.includes('?')) return;
  const given = Object.entries({ ...(request.query ?? {}) });
  if (given.some(([, text]) => text === '')) {
    request.query = Object.fromEntries(given.filter(([, text]) => text !== ''));
  }
}
