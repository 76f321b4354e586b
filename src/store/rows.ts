/**
 * Between rows and the domain: one mapping per table, shared by every action that reads or writes
 * it. The members of an event that no query filters by live in one jsonb column, `content`.
 */
import type { EventFacts, RecordedEvent, UnitSnapshot } from '../events/event.ts';
import type {
  Subscription,
  SubscriptionFilter,
  SubscriptionState,
} from '../events/subscription.ts';
import type { Classifier, CustomsFlag, EventType, FreightFamily } from '../events/types.ts';
import type { HandlingUnit, Party } from '../events/unit.ts';
import type { UnitDetails } from '../events/unit-details.ts';
import { present } from '../lib/present.ts';
import { stateAt } from './subscriptions/alive.ts';

/* ---- events -------------------------------------------------------------------------------- */

/** Facts that have a column of their own. */
type InColumns = 'type' | 'classifier' | 'replaces' | 'retracts';

/**
 * What `events.content` holds. `occurredAt` is kept whole although a column holds the instant:
 * the column sorts, this one gives back the text, offset and digits as they were told.
 */
export interface EventContent extends Omit<EventFacts, InColumns> {
  /** The unit as it was when the event was recorded; its id has a column. */
  readonly unit: Omit<UnitSnapshot, 'id'>;
  readonly sourceName?: string;
}

/** An `EventContent` as JSON; `unitText` is made by `unitContentText`, once for many events. */
export function contentText(event: EventFacts, unitText: string): string {
  // Members that are undefined are left out by JSON itself.
  const facts = JSON.stringify({
    occurredAt: event.occurredAt,
    mode: event.mode,
    direction: event.direction,
    way: event.way,
    place: event.place,
    vehicle: event.vehicle,
    full: event.full,
    documents: event.documents,
    message: event.message,
    additionalInfo: event.additionalInfo,
    channel: event.channel,
    codes: event.codes,
  });
  return `${facts.slice(0, -1)},${unitText}`;
}

/** The end of an event's content, from the member `unit` on. */
export function unitContentText(unit: UnitSnapshot, sourceName?: string): string {
  const { reference, spi, freightFamily, customsFlag, documents } = unit;
  const ordered = { reference, spi, freightFamily, customsFlag, documents };
  return JSON.stringify({ unit: ordered, sourceName }).slice(1);
}

export interface EventRow {
  readonly id: string;
  readonly unitId: string;
  readonly type: EventType;
  readonly classifier: Classifier;
  readonly recordedAt: Date;
  readonly organizationId: string;
  readonly dialect: string;
  readonly sourceCode: string | null;
  readonly replaces: string | null;
  readonly retracts: string | null;
  readonly content: EventContent;
}

/** The select list of an `EventRow`; `event` is the table's alias. */
export function eventColumns(event: string): string {
  return `${event}.id, ${event}.unit_id as "unitId", ${event}.type, ${event}.classifier,
  ${event}.recorded_at as "recordedAt", ${event}.organization_id as "organizationId",
  ${event}.dialect, ${event}.source_code as "sourceCode", ${event}.replaces, ${event}.retracts,
  ${event}.content`;
}

export function eventFromRow(row: EventRow): RecordedEvent {
  const { replaces, retracts, organizationId: organization, dialect, sourceCode } = row;
  // Plain copies, spread first: this runs for every event that is read, and anything else is dearer.
  const event: Writable<RecordedEvent> = {
    ...row.content,
    id: row.id,
    type: row.type,
    classifier: row.classifier,
    unit: { ...row.content.unit, id: row.unitId },
    recordedAtMs: row.recordedAt.getTime(),
    source:
      sourceCode === null ? { organization, dialect } : { organization, dialect, code: sourceCode },
  };
  if (replaces !== null) event.replaces = replaces;
  if (retracts !== null) event.retracts = retracts;
  return event;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/* ---- units --------------------------------------------------------------------------------- */

export interface UnitRow {
  readonly id: string;
  readonly bucket: number;
  readonly organizationId: string;
  readonly reference: string;
  readonly spi: string | null;
  readonly freightFamily: FreightFamily;
  readonly customsFlag: CustomsFlag;
  readonly details: UnitDetails;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly documents: HandlingUnit['documents'];
  readonly parties: readonly Party[];
}

/**
 * The select list of a `UnitRow`; `unit` is the table's alias. Documents and parties come in a
 * fixed order, by primary-key look-ups that name the bucket. The owner is no party of its own.
 */
export function unitColumns(unit: string): string {
  return `${unit}.id, ${unit}.bucket, ${unit}.organization_id as "organizationId",
  ${unit}.reference, ${unit}.spi, ${unit}.freight_family as "freightFamily",
  ${unit}.customs_flag as "customsFlag", ${unit}.details, ${unit}.created_at as "createdAt",
  ${unit}.updated_at as "updatedAt",
  (select coalesce(jsonb_agg(jsonb_build_object('type', d.type, 'reference', d.reference)
     order by d.type collate "C", d.reference collate "C"), '[]')
   from unit_documents d
   where d.bucket = ${unit}.bucket and d.unit_id = ${unit}.id) as documents,
  (select coalesce(jsonb_agg(jsonb_build_object('organization', p.organization_id, 'role', p.role)
     order by p.role collate "C", p.organization_id), '[]')
   from unit_parties p
   where p.bucket = ${unit}.bucket and p.unit_id = ${unit}.id and p.role <> 'owner') as parties`;
}

export function unitFromRow(row: UnitRow): HandlingUnit {
  return {
    ...present({ spi: row.spi }),
    id: row.id,
    organization: row.organizationId,
    reference: row.reference,
    freightFamily: row.freightFamily,
    customsFlag: row.customsFlag,
    documents: row.documents,
    parties: row.parties,
    details: row.details,
    createdAtMs: row.createdAt.getTime(),
    updatedAtMs: row.updatedAt.getTime(),
  };
}

/* ---- subscriptions ------------------------------------------------------------------------- */

export interface SubscriptionRow {
  readonly id: string;
  readonly organizationId: string;
  readonly dialect: string;
  readonly externalId: string | null;
  readonly endpointId: string;
  readonly url: string;
  readonly state: SubscriptionState;
  readonly stateReason: string | null;
  readonly filter: SubscriptionFilter;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date | null;
  readonly since: Date | null;
  readonly lastSequence: number;
  readonly previousSecretUntil: Date | null;
  readonly ratePerSecond: number | null;
  readonly concurrency: number | null;
  readonly notices: boolean;
  readonly failingSince: Date | null;
  readonly warnedAt: Date | null;
}

/**
 * The select list of a `SubscriptionRow`, from a subscription joined with its sequence; `now` is a
 * placeholder, by which one whose time is over is expired; without it the state is as stored.
 */
export function subscriptionColumns(s: string, sequence: string, now?: string): string {
  return `${s}.id, ${s}.organization_id as "organizationId", ${s}.dialect,
  ${s}.external_id as "externalId", ${s}.endpoint_id as "endpointId", ${s}.url,
  ${now === undefined ? `${s}.state` : stateAt(s, now)} as state,
  ${s}.state_reason as "stateReason", ${s}.filter, ${s}.settings, ${s}.created_at as "createdAt",
  ${s}.updated_at as "updatedAt", ${s}.expires_at as "expiresAt", ${s}.since,
  ${sequence}.last_sequence as "lastSequence", ${s}.previous_secret_until as "previousSecretUntil",
  (select rate_per_second from endpoints where id = ${s}.endpoint_id) as "ratePerSecond",
  (select sends_max from endpoints where id = ${s}.endpoint_id) as concurrency, ${s}.notices,
  (select failing_since from subscription_failures f where f.subscription_id = ${s}.id)
    as "failingSince",
  (select warned_at from subscription_failures f where f.subscription_id = ${s}.id) as "warnedAt"`;
}

export function subscriptionFromRow(row: SubscriptionRow): Subscription {
  return {
    ...present({
      externalId: row.externalId,
      stateReason: row.stateReason,
      sinceMs: row.since?.getTime(),
      expiresAtMs: row.expiresAt?.getTime(),
      previousSecretUntilMs: row.previousSecretUntil?.getTime(),
      ratePerSecond: row.ratePerSecond,
      concurrency: row.concurrency,
      failingSinceMs: row.failingSince?.getTime(),
      warnedAtMs: row.warnedAt?.getTime(),
      notices: row.notices || undefined,
    }),
    id: row.id,
    organization: row.organizationId,
    dialect: row.dialect,
    url: row.url,
    state: row.state,
    filter: row.filter,
    settings: row.settings,
    createdAtMs: row.createdAt.getTime(),
    updatedAtMs: row.updatedAt.getTime(),
    lastSequence: row.lastSequence,
  };
}
