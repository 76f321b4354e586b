/** The part of the hub's port that tells others: subscriptions, their deliveries and attempts. */
import type {
  Subscription,
  SubscriptionFilter,
  SubscriptionState,
} from '../events/subscription.ts';
import type { Principal } from './dialect.ts';
import type { Page, PageRequest } from './hub-port.ts';

export interface SubscriptionsPort {
  /**
   * Creates a subscription, or finds the live one of the same organization and dialect with the
   * same `sameAs` text. The secret is returned on creation only. Throws `invalid-input` naming
   * `url` when the operator's rules forbid the address. With `sinceMs` it resolves when the past
   * events are queued; inside `Hub.once` they are queued after it, and the state told is `filling`.
   * Throws `invalid-input` naming `since` when they are too many, and `overloaded`.
   */
  readonly create: (
    principal: Principal,
    given: NewSubscription,
  ) => Promise<{
    readonly subscription: Subscription;
    readonly created: boolean;
    readonly secret?: string;
  }>;
  /** One whose time is over is `expired` from that moment on, here and in `list`. */
  readonly get: (principal: Principal, id: string) => Promise<Subscription | undefined>;
  readonly list: (
    principal: Principal,
    query: { readonly dialect?: string; readonly state?: SubscriptionState },
    page: PageRequest,
  ) => Promise<Page<Subscription>>;
  /** Undefined where there is none to be seen. */
  readonly update: (
    principal: Principal,
    id: string,
    change: {
      readonly url?: string;
      readonly filter?: SubscriptionFilter;
      readonly state?: 'active' | 'paused';
      /** Null takes the limit away. */
      readonly ratePerSecond?: number | null;
      readonly concurrency?: number | null;
      readonly notices?: boolean;
    },
  ) => Promise<Subscription | undefined>;
  /** False where there is none to be seen. Its undelivered deliveries end as `cancelled`. */
  readonly remove: (principal: Principal, id: string) => Promise<boolean>;
  /** A new secret; the old one signs too for 24 hours. */
  readonly rotateSecret: (
    principal: Principal,
    id: string,
  ) => Promise<{ readonly secret: string; readonly previousSecretUntilMs: number } | undefined>;
  /** Sends a signed test push at once, outside the sequence, and tells how it went. */
  readonly ping: (principal: Principal, id: string) => Promise<AttemptReport | undefined>;
}

export interface NewSubscription {
  readonly dialect: string;
  readonly url: string;
  readonly filter: SubscriptionFilter;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Prefix and digits of a partner-style id, e.g. `TRK` and 10; absent: the uuid is used. */
  readonly externalId?: { readonly prefix: string; readonly digits: number };
  /** Requests with the same text mean the same subscription. */
  readonly sameAs?: string;
  /** Owner; only the operator may and must give it. */
  readonly organization?: string;
  readonly expiresAtMs?: number;
  /** Events recorded from then on are wished for: past ones are delivered first, in order. */
  readonly sinceMs?: number;
  /**
   * Ends the subscription `afterMs` after this unit has left (events/leaving.ts), whenever that
   * becomes known; a leaving that is corrected or retracted moves the end. For a unit that the
   * principal has found.
   */
  readonly endsAfterLeaving?: { readonly unit: string; readonly afterMs: number };
  /** Of the address; without one it keeps what it has. */
  readonly ratePerSecond?: number;
  readonly concurrency?: number;
  /** Only for a dialect whose push is the text of a notice as it is. */
  readonly notices?: boolean;
}

export const DELIVERY_STATES = ['pending', 'delivered', 'parked', 'cancelled'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface Delivery {
  readonly id: string;
  readonly subscription: string;
  readonly sequence: number;
  readonly event: string;
  readonly unit: string;
  readonly state: DeliveryState;
  readonly attemptCount: number;
  /** When the next attempt is due; absent unless pending. */
  readonly dueAtMs?: number;
  readonly finishedAtMs?: number;
}

export interface AttemptReport {
  readonly number: number;
  readonly atMs: number;
  /** `delivered`, or what went wrong and where. */
  readonly outcome: 'delivered' | 'refused' | 'failed';
  /** Stage of a failure without an answer: `address`, `dns`, `connect`, `tls`, `timeout`, … */
  readonly stage?: string;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number;
  readonly durationMs: number;
  /** First 1 KiB of the answer, or a short text on the failure. */
  readonly response?: string;
}

export interface DeliveriesPort {
  readonly list: (
    principal: Principal,
    query: {
      readonly subscription?: string;
      readonly unit?: string;
      readonly state?: DeliveryState;
    },
    page: PageRequest,
  ) => Promise<Page<Delivery>>;
  readonly get: (
    principal: Principal,
    id: string,
  ) => Promise<(Delivery & { readonly attempts: readonly AttemptReport[] }) | undefined>;
  /**
   * Puts one finished delivery back; false where there is none to be seen. Same id, same bytes.
   * Throws `conflict` when its subscription has ended.
   */
  readonly replay: (principal: Principal, id: string) => Promise<boolean>;
  /**
   * Puts back a subscription's finished deliveries within all bounds given; how many. Undefined
   * where there is none to be seen. Throws `conflict` when it has expired.
   */
  readonly replayRange: (
    principal: Principal,
    subscription: string,
    range: ReplayRange,
  ) => Promise<number | undefined>;
  /** From the hour of `fromMs` to that of `toMs`; undefined where there is none to be seen. */
  readonly digest: (
    principal: Principal,
    subscription: string,
    range: { readonly fromMs: number; readonly toMs: number },
  ) => Promise<Digest | undefined>;
}

/** Deliveries whose ids carry a time within one hour of UTC. */
export interface DigestHour {
  readonly startMs: number;
  readonly count: number;
  /** Of these, still to be sent. */
  readonly waiting: number;
  /** SHA-256, in hex, of their ids in ascending order, each followed by a line feed. */
  readonly sha256: string;
}

export interface Digest {
  readonly asOfMs: number;
  readonly lastSequence: number;
  /** In their order; without those that hold nothing. */
  readonly hours: readonly DigestHour[];
}

export interface ReplayRange {
  /** When it was recorded: from this moment on, and before that one; epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Sequence numbers, both included. */
  readonly fromSequence?: number;
  readonly toSequence?: number;
}
