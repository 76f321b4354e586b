/**
 * Deliveries behind the hub's port. Everything here is about subscriptions of the asker's own
 * organization; another's deliveries are the same as none.
 */
import type { DeliveriesPort } from '../../dialects/hub-port.ts';
import { digestOf } from './digest.ts';
import { getDelivery } from './get.ts';
import { listDeliveries } from './list.ts';
import { type DeliveriesParts, replayDelivery, replayRange } from './replay.ts';

export type { DeliveriesParts } from './replay.ts';

export function createDeliveries(parts: DeliveriesParts): DeliveriesPort {
  const { database } = parts;
  return {
    list: (principal, query, page) => listDeliveries(database, principal, { query, page }),
    get: (principal, id) => getDelivery(database, principal, id),
    replay: (principal, id) => replayDelivery(parts, principal, id),
    replayRange: (principal, subscriptionId, range) =>
      replayRange(parts, principal, { ...range, subscriptionId }),
    digest: (principal, subscriptionId, range) =>
      digestOf(parts, principal, { ...range, subscriptionId }),
  };
}
