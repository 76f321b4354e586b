/**
 * The words that provisioning takes as scopes and services; published in docs/dialects and fixed.
 * A scope's name is the partner's or ours, and is checked by the dialect that it opens.
 */

export const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  'hub.read',
  'hub.units.write',
  'hub.events.write',
  'hub.subscriptions',
  'soget.tracking',
  'soget.tracing',
  'orders.orders.basic.read',
  'orders.shipping-orders.basic.create',
]);

/** What a user, who signs in by name and password, may use: all of them unless told otherwise. */
export const KNOWN_SERVICES: ReadonlySet<string> = new Set([
  'parcel-register-event',
  'parcel-event-log',
]);
