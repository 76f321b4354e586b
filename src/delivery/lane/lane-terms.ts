/** What a lane is made of and told: the words of lane.ts. */
import type { WaitingDelivery } from '../../store/deliveries/read-lane.ts';
import type { Item } from './item.ts';
import type { Health, PaceSettings } from './pace.ts';
import type { RestingUnit } from './resting.ts';

export interface LaneParts {
  readonly pace: PaceSettings;
  /** A unit whose next attempt is due later than this may leave memory until then. */
  readonly restMsMin: number;
  readonly random: () => number;
  /** Whether the subscription is known and active; if not, its deliveries wait for `open`. */
  readonly isActive: (subscriptionId: string) => boolean;
}

export interface Refill {
  readonly afterPosition: number;
  readonly limit: number;
  readonly generation: number;
}

export interface End {
  /**
   * - `delivered`: its unit's next delivery may go at once, since order is about receipt.
   * - `settling`: nothing more of its unit until the outcome is durable.
   * - `returned`: no attempt at all, it goes back to the head.
   */
  readonly kind: 'delivered' | 'settling' | 'returned';
  readonly health: Health;
  readonly pauseMs: number;
  /** There was no request. */
  readonly isUnsent?: boolean | undefined;
}

/** What is durable now: it is finished, held back in the table, or to be tried again at a time. */
export type Settlement = 'finished' | 'held' | { readonly dueMs: number };

/** Where a delivery stands. */
export interface Place extends RestingUnit {
  readonly position: number;
}

export type MakeItem = (delivery: WaitingDelivery) => Item | undefined;
