/**
 * What every dialect is given: the hub, as functions. Entitlement is enforced behind this port:
 * each call takes the principal and sees only what that principal may see. The operator
 * (`principal.organization` absent) sees everything.
 */
import type { EventDraft, RecordedEvent, UnitSelector } from '../events/event.ts';
import type { Issue, ProblemCode } from '../events/problem.ts';
import type {
  Subscription,
  SubscriptionFilter,
  SubscriptionState,
} from '../events/subscription.ts';
import type { EventType, FreightFamily } from '../events/types.ts';
import type { HandlingUnit, UnitWithEvents } from '../events/unit.ts';
import type { UnitDetails } from '../events/unit-details.ts';
import type { Principal } from './dialect.ts';

export interface Hub {
  readonly nowMs: () => number;
  /** Base of links, without a trailing slash. */
  readonly publicUrl: string;
  readonly identity: IdentityPort;
  /**
   * Records drafts durably: when it resolves, every `recorded` or `duplicate` one is on disk with
   * its deliveries. One bad draft rejects itself only. Results come in the order of the drafts.
   * Throws `overloaded` when the queue is full.
   */
  readonly record: (
    principal: Principal,
    drafts: readonly EventDraft[],
  ) => Promise<readonly RecordResult[]>;
  readonly units: UnitsPort;
  readonly events: EventsPort;
  readonly subscriptions: SubscriptionsPort;
  readonly deliveries: DeliveriesPort;
  readonly provisioning: ProvisioningPort;
  /**
   * Runs `work` once per principal and `Idempotency-Key`, in one transaction with the note of its
   * answer; a repeat gets the first answer again. Throws `idempotency-mismatch` when the same key
   * comes with another request. Without a key it just runs `work`.
   */
  readonly once: (
    principal: Principal,
    request: {
      readonly key: string | undefined;
      readonly method: string;
      readonly path: string;
      readonly bodyText: string;
    },
    work: () => Promise<StoredAnswer>,
  ) => Promise<StoredAnswer>;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type RecordResult =
  | { readonly status: 'recorded' | 'duplicate'; readonly id: string }
  | {
      readonly status: 'rejected';
      /** `unit-not-found`: unknown or not entitled, the same to the caller. */
      readonly code: Extract<ProblemCode, 'unit-not-found' | 'forbidden' | 'invalid-input'>;
      readonly issue: Issue;
    };

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface PageRequest {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

/* ---- identity ------------------------------------------------------------------------------ */

export interface IdentityPort {
  /** Checks an `Authorization: Bearer …` header. Throws `unauthenticated`. */
  readonly bearer: (header: string | undefined) => Promise<Principal>;
  /** Checks an API key. Throws `unauthenticated`. */
  readonly apiKey: (key: string | undefined) => Promise<Principal>;
  /** The operator when the header holds the admin key, else undefined. Constant time. */
  readonly operator: (header: string | undefined) => Principal | undefined;
  /** OAuth 2 client credentials. Throws `invalid-client`, `invalid-scope`. */
  readonly clientCredentials: (given: {
    clientId: string;
    clientSecret: string;
    /** Space-separated; absent means all scopes of the application. */
    scope?: string;
  }) => Promise<AccessToken>;
  /** Username and password of a person or service user. Throws `unauthenticated`. */
  readonly login: (given: {
    username: string;
    password: string;
    lifetimeSec: number;
  }) => Promise<AccessToken>;
}

export interface AccessToken {
  readonly accessToken: string;
  readonly expiresInSec: number;
  /** Space-separated scopes granted. */
  readonly scope: string;
}

/* ---- units --------------------------------------------------------------------------------- */

export interface UnitsPort {
  /** Books or updates a unit; the owner is the principal's organization (operator: as given). */
  readonly put: (
    principal: Principal,
    given: PutUnit,
  ) => Promise<{ readonly unit: HandlingUnit; readonly created: boolean }>;
  readonly get: (principal: Principal, id: string) => Promise<HandlingUnit | undefined>;
  readonly find: (
    principal: Principal,
    query: UnitSelector & { readonly document?: string },
    page: PageRequest,
  ) => Promise<Page<HandlingUnit>>;
  /** Units with their events, counted, by index: newest or oldest passage first. */
  readonly trace: (principal: Principal, query: TraceQuery) => Promise<TraceResult>;
}

export interface PutUnit {
  readonly reference: string;
  readonly spi?: string;
  readonly freightFamily: FreightFamily;
  readonly customsFlag?: HandlingUnit['customsFlag'];
  /** Owner; the operator must give it, everyone else may only name their own. */
  readonly organization?: string;
  readonly documents?: HandlingUnit['documents'];
  readonly parties?: HandlingUnit['parties'];
  readonly details?: UnitDetails;
}

export interface TraceQuery {
  readonly reference?: string;
  readonly spi?: string;
  readonly families: readonly FreightFamily[];
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
  /** Newest events kept per unit. */
  readonly eventsMax: number;
}

export interface TraceResult {
  readonly total: number;
  readonly items: readonly UnitWithEvents[];
}

/* ---- events -------------------------------------------------------------------------------- */

export interface EventsPort {
  readonly get: (principal: Principal, id: string) => Promise<RecordedEvent | undefined>;
  /** Ordered by occurredAt, then id. */
  readonly list: (
    principal: Principal,
    query: EventQuery,
    page: PageRequest,
  ) => Promise<Page<RecordedEvent>>;
}

export interface EventQuery {
  /** Unit id, reference or SPI. */
  readonly unit?: string;
  readonly type?: EventType;
  readonly occurredFromMs?: number;
  readonly occurredToMs?: number;
  readonly recordedFromMs?: number;
  readonly recordedToMs?: number;
  /** Answers as things were known then: nothing recorded later, and only what then held. */
  readonly asOfMs?: number;
}

/* ---- subscriptions and deliveries ---------------------------------------------------------- */

export interface SubscriptionsPort {
  /**
   * Creates a subscription, or finds the live one of the same organization and dialect with the
   * same `sameAs` text. The secret is returned on creation only. Throws `invalid-input` when the
   * operator's rules forbid the address.
   */
  readonly create: (
    principal: Principal,
    given: NewSubscription,
  ) => Promise<{
    readonly subscription: Subscription;
    readonly created: boolean;
    readonly secret?: string;
  }>;
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
  /** Puts one finished delivery back; false where there is none to be seen. Same id, same bytes. */
  readonly replay: (principal: Principal, id: string) => Promise<boolean>;
  /** Puts back a subscription's finished deliveries recorded in [fromMs, toMs); how many. */
  readonly replayRange: (
    principal: Principal,
    subscription: string,
    range: { readonly fromMs?: number; readonly toMs?: number },
  ) => Promise<number | undefined>;
}

/* ---- provisioning: the operator's calls ------------------------------------------------------ */

export interface ProvisioningPort {
  readonly createOrganization: (given: { name: string }) => Promise<Organization>;
  readonly listOrganizations: (page: PageRequest) => Promise<Page<Organization>>;
  /** The calls below throw `not-found` for an unknown organization, `conflict` for a taken name. */
  readonly createApplication: (
    organization: string,
    given: { name: string; scopes: readonly string[] },
  ) => Promise<{ clientId: string; clientSecret: string; scopes: readonly string[] }>;
  readonly createApiKey: (
    organization: string,
    given: { name: string; offer?: string },
  ) => Promise<{ id: string; apiKey: string; offer: string }>;
  readonly createUser: (
    organization: string,
    given: { username: string; password: string; services?: readonly string[] },
  ) => Promise<{ id: string; username: string; services: readonly string[] }>;
  readonly createOffer: (given: NewOffer) => Promise<Offer>;
  readonly listOffers: () => Promise<readonly Offer[]>;
  /** A new token signing key; tokens of the old one stay good until they expire. */
  readonly rotateSigningKey: () => Promise<{ kid: string }>;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
}

export interface NewOffer {
  readonly name: string;
  /** Dialects that a key of this offer opens; absent means all. */
  readonly dialects?: readonly string[];
  /** Requests per minute and key; absent means no limit. */
  readonly requestsPerMinute?: number;
}

export interface Offer extends NewOffer {
  readonly id: string;
}
