/**
 * Subscriptions behind the hub's port, all but `ping`, which sends and so belongs to delivery.
 *
 * Order of locks, the same in every action here and in the recording statement, so that none
 * waits in a circle: this subscription's own lock, endpoint_positions in the order of their ids,
 * subscription_sequences, the subscription's row (several in the order of their ids), its
 * deliveries by (bucket, id).
 */
import type { SubscriptionsPort } from '../../dialects/hub-port.ts';
import type { FillParts } from './backfill.ts';
import { createSubscription } from './create.ts';
import { getSubscription } from './get.ts';
import { listSubscriptions } from './list.ts';
import { removeSubscription } from './remove.ts';
import { rotateSecret } from './rotate-secret.ts';
import { updateSubscription } from './update.ts';

export type UrlVerdict =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface SubscriptionsParts extends FillParts {
  readonly newId: (bucket: number) => string;
  readonly secrets: {
    /** A new secret: `secret` to show once, `sealed` to store. */
    readonly issue: (subscriptionId: string) => {
      readonly secret: string;
      readonly sealed: string;
    };
  };
  /** The operator's rules on callback addresses. Its message is shown to the caller. */
  readonly checkUrl: (url: string) => UrlVerdict;
  /** Past events that one may ask for; 100,000 when not given. */
  readonly pastEventsMax?: number;
}

export function createSubscriptions(parts: SubscriptionsParts): Omit<SubscriptionsPort, 'ping'> {
  return {
    create: (principal, given) => createSubscription(parts, principal, given),
    get: (principal, id) => getSubscription(parts, principal, id),
    list: (principal, query, page) => listSubscriptions(parts, principal, { ...query, page }),
    update: (principal, id, change) => updateSubscription(parts, principal, { id, change }),
    remove: (principal, id) => removeSubscription(parts, principal, id),
    rotateSecret: (principal, id) => rotateSecret(parts, principal, id),
  };
}
