/** What the hub knows → the hub's own JSON. Pure. Members without a value are left out. */
import type { RecordedEvent } from '../../events/event.ts';
import type { Issue } from '../../events/problem.ts';
import type { Subscription } from '../../events/subscription.ts';
import { formatUtc } from '../../events/time.ts';
import type { HandlingUnit, UnitAsKnown } from '../../events/unit.ts';
import { present } from '../../lib/present.ts';
import type { PushGiven, PushRequest } from '../dialect.ts';
import type { AttemptReport, Delivery, Digest, Offer, Page, RecordResult } from '../hub-port.ts';
import type { Warning } from './decode-event.ts';

/**
 * The canonical event, in answers and in pushes. Members without a value are undefined, which JSON
 * leaves out: this is made for every push, and a copy without them costs more than all the rest.
 */
export function encodeEvent(event: RecordedEvent) {
  const { id, reference, spi } = event.unit;
  return {
    id: event.id,
    unit: { id, reference, spi },
    type: event.type,
    classifier: event.classifier,
    occurredAt: event.occurredAt.text,
    occurredAtUtc: event.occurredAt.iso,
    recordedAt: formatUtc(event.recordedAtMs, 3),
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
    source: event.source,
    replaces: event.replaces,
    retracts: event.retracts,
  };
}

export function encodePush({ event, sequence }: PushGiven): PushRequest {
  const unit = encodeUnitRef(event.unit);
  return { body: JSON.stringify({ sequence, event: encodeEvent(event), unit }) };
}

export interface EventResult {
  readonly id?: string;
  readonly status: RecordResult['status'];
  readonly error?: { readonly code: string; readonly path: string; readonly message: string };
  readonly warnings?: readonly Warning[];
}

export function encodeRejected(code: string, { path, message }: Issue): EventResult {
  return { status: 'rejected', error: { code, path, message } };
}

export function encodeResult(result: RecordResult, warnings: readonly Warning[]): EventResult {
  if (result.status === 'rejected') return encodeRejected(result.code, result.issue);
  const { id, status } = result;
  return warnings.length > 0 ? { id, status, warnings } : { id, status };
}

export function encodeUnitRef({
  id,
  reference,
  spi,
}: Pick<HandlingUnit, 'id' | 'reference' | 'spi'>) {
  return { id, reference, spi: spi ?? null };
}

export function encodeUnit(unit: UnitAsKnown) {
  const { organization, freightFamily, customsFlag, documents, parties, details } = unit;
  return {
    ...encodeUnitRef(unit),
    ...{ organization, freightFamily, customsFlag, documents, parties, details },
    createdAt: formatUtc(unit.createdAtMs, 3),
    updatedAt: formatUtc(unit.updatedAtMs, 3),
    ...present({ state: unit.state }),
  };
}

export function encodeSubscription(subscription: Subscription) {
  const { id, organization, dialect, url, state, filter, lastSequence } = subscription;
  return {
    ...{ id, organization, dialect, url, state, filter, lastSequence },
    createdAt: formatUtc(subscription.createdAtMs, 3),
    updatedAt: formatUtc(subscription.updatedAtMs, 3),
    ...present({
      externalId: subscription.externalId,
      stateReason: subscription.stateReason,
      since: maybeUtc(subscription.sinceMs),
      expiresAt: maybeUtc(subscription.expiresAtMs),
      previousSecretUntil: maybeUtc(subscription.previousSecretUntilMs),
      ratePerSecond: subscription.ratePerSecond,
      concurrency: subscription.concurrency,
      failingSince: maybeUtc(subscription.failingSinceMs),
      warnedAt: maybeUtc(subscription.warnedAtMs),
      notices: subscription.notices,
    }),
  };
}

export function encodeDelivery(delivery: Delivery) {
  const { id, subscription, sequence, event, unit, state, attemptCount } = delivery;
  return {
    ...{ id, subscription, sequence, event, unit, state, attemptCount },
    ...present({
      dueAt: maybeUtc(delivery.dueAtMs),
      finishedAt: maybeUtc(delivery.finishedAtMs),
    }),
  };
}

export function encodeDigest(subscription: string, { asOfMs, lastSequence, hours }: Digest) {
  return {
    subscription,
    asOf: formatUtc(asOfMs, 3),
    lastSequence,
    hours: hours.map(({ startMs, ...rest }) => ({ hour: formatUtc(startMs, 0), ...rest })),
  };
}

export function encodeAttempt({ atMs, ...attempt }: AttemptReport) {
  return { ...attempt, at: formatUtc(atMs, 3) };
}

export function encodeOffer({ id, name, dialects, requestsPerMinute }: Offer) {
  return { id, name, dialects: dialects ?? null, requestsPerMinute: requestsPerMinute ?? null };
}

export function encodePage<T, U>({ items, nextCursor }: Page<T>, encode: (item: T) => U) {
  return { items: items.map(encode), nextCursor };
}

function maybeUtc(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : formatUtc(epochMs, 3);
}
