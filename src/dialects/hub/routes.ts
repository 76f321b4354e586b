/** The calls of the hub's own API, one file per subject under `routes/`. */
import type { FastifyInstance } from 'fastify';
import type { Hub } from '../hub-port.ts';
import { registerDeliveries } from './routes/deliveries.ts';
import { registerEvents } from './routes/events.ts';
import { registerOrders } from './routes/orders.ts';
import { registerProvisioning } from './routes/provisioning.ts';
import { registerSubscriptions } from './routes/subscriptions.ts';
import { registerUnits } from './routes/units.ts';
import { registerVocabulary } from './routes/vocabulary.ts';

export function routes(app: FastifyInstance, hub: Hub): void {
  registerProvisioning(app, hub);
  registerUnits(app, hub);
  registerEvents(app, hub);
  registerOrders(app, hub);
  registerSubscriptions(app, hub);
  registerDeliveries(app, hub);
  registerVocabulary(app, hub);
}
