/**
 * What every dialect is given: the hub, as functions. Entitlement is enforced behind this port:
 * each call takes the principal and sees only what that principal may see. The operator
 * (`principal.organization` absent) sees everything.
 */
import type { EventDraft, RecordedEvent, UnitSelector } from '../events/event.ts';
import type { Issue, ProblemCode } from '../events/problem.ts';
import type { EventType, FreightFamily } from '../events/types.ts';
import type { HandlingUnit, UnitAsKnown, UnitWithEvents } from '../events/unit.ts';
import type { UnitDetails } from '../events/unit-details.ts';
import type { Principal } from './dialect.ts';
import type { DocumentsPort } from './port-documents.ts';
import type { ProvisioningPort } from './port-provisioning.ts';
import type { RenderingsPort } from './port-renderings.ts';
import type { DeliveriesPort, SubscriptionsPort } from './port-subscriptions.ts';
import type { VocabularyPort } from './port-vocabulary.ts';

export type * from './port-documents.ts';
export type * from './port-provisioning.ts';
export type * from './port-renderings.ts';
export * from './port-subscriptions.ts';
export * from './port-vocabulary.ts';

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
  readonly documents: DocumentsPort;
  readonly subscriptions: SubscriptionsPort;
  readonly deliveries: DeliveriesPort;
  readonly provisioning: ProvisioningPort;
  readonly vocabulary: VocabularyPort;
  readonly renderings: RenderingsPort;
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
  /** What `bearer` would find, where the same header was found good some seconds ago. */
  readonly known: (header: string | undefined) => Principal | undefined;
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
  /** With `asOfMs` as it was recorded by then, for its parties of today. */
  readonly get: (
    principal: Principal,
    id: string,
    asOfMs?: number,
  ) => Promise<UnitAsKnown | undefined>;
  /** With `asOfMs` what was recorded by then, by the names that it then had. */
  readonly find: (
    principal: Principal,
    query: UnitSelector & { readonly document?: string; readonly asOfMs?: number },
    page: PageRequest,
  ) => Promise<Page<UnitAsKnown>>;
  /** Units with their events, counted, by index: newest or oldest passage first. */
  readonly trace: (principal: Principal, query: TraceQuery) => Promise<TraceResult>;
  /** Units that have any of the names, in the order of their booking, with the events that hold. */
  readonly withEvents: (principal: Principal, query: NamesQuery) => Promise<UnitsWithEvents>;
}

/** At least one name is given; a unit that has one of them is meant. */
export interface NamesQuery {
  readonly anyOf: {
    readonly reference?: string;
    /** As booked in the details, or as a consignment among a parcel's documents. */
    readonly shipmentNumber?: string;
    readonly returnCode?: string;
  };
  /** Newest units kept. */
  readonly unitsMax: number;
  /** Newest events kept per unit: actual ones that no later record replaces or retracts. */
  readonly eventsMax: number;
}

export interface UnitsWithEvents {
  readonly items: readonly UnitWithEvents[];
  /** Names of the organizations that registered these events, by id. */
  readonly organizations: ReadonlyMap<string, string>;
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
