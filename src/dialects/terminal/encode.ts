/** The hub's words → what subscribers read and are pushed. Pure. */
import { directionOf, type Place, type RecordedEvent } from '../../events/event.ts';
import type { Subscription } from '../../events/subscription.ts';
import { formatWithOffset } from '../../events/time.ts';
import type { Direction, DocumentType } from '../../events/types.ts';
import { withdrawnIds } from '../../events/versions.ts';
import { presentAny } from '../../lib/present.ts';
import type { PushGiven, PushRequest, Vocabulary } from '../dialect.ts';
import { pushUrl } from './push-address.ts';
import type { EventSubscription, PastEvent, TransportEvent } from './schemas.ts';
import { nameOf } from './vocabulary.ts';

type Settings = Subscription['settings'];

/* ---- subscription ----------------------------------------------------------------------------- */

export function encodeSubscription(
  subscription: Pick<Subscription, 'id' | 'url' | 'state' | 'settings'>,
): EventSubscription {
  const { id, url, state, settings } = subscription;
  const transportDocumentID = textOf(settings, 'transportDocumentID');
  return {
    subscriptionID: id,
    callbackUrl: url,
    bookingReference: textOf(settings, 'bookingReference'),
    transportDocumentID,
    transportDocumentType: transportDocumentID === null ? null : 'BOL',
    equipmentReference: textOf(settings, 'equipmentReference') ?? '',
    ...(state === 'active' ? {} : { state }),
  };
}

function textOf(settings: Settings, member: string): string | null {
  const value = settings[member];
  return typeof value === 'string' ? value : null;
}

/* ---- past events ------------------------------------------------------------------------------ */

/**
 * The events that hold, as far as the terminal has a name for them: of a corrected one the last
 * version, of a retracted one nothing. Their order is kept: the hub gives the oldest first.
 */
export function encodePastEvents(
  events: readonly RecordedEvent[],
  settings: Settings,
  words: Vocabulary,
): PastEvent[] {
  const past: PastEvent[] = [];
  const withdrawn = withdrawnIds(events);
  for (const event of events) {
    if (withdrawn.has(event.id)) continue;
    const eventType = nameOf(event, words);
    if (eventType !== undefined) past.push({ eventType, eventData: encodeEvent(event, settings) });
  }
  return past;
}

/* ---- push ------------------------------------------------------------------------------------- */

export function canPush(event: RecordedEvent, words: Vocabulary): boolean {
  return nameOf(event, words) !== undefined;
}

/** One event, its name in the address. Throws where there is no name: see `canPush`. */
export function push({ event, subscription, vocabulary }: PushGiven): PushRequest {
  const name = nameOf(event, vocabulary);
  if (name === undefined) throw new Error(`the terminal has no name for ${event.type}`);
  return {
    url: pushUrl(subscription.url, name),
    body: JSON.stringify(encodeEvent(event, subscription.settings)),
  };
}

/** Every published member, in the published order. */
export function encodeEvent(event: RecordedEvent, settings: Settings): TransportEvent {
  const { unit, occurredAt, place, vehicle } = event;
  const { offsetMinutes } = occurredAt;
  const time = (epochMs: number) => formatWithOffset({ epochMs, offsetMinutes, fractionDigits: 3 });
  const direction = directionOf(event, unit.customsFlag);
  return {
    originatorName: event.sourceName ?? event.source.organization,
    originatorId: event.source.organization,
    eventSubmissionTime8601: time(event.recordedAtMs),
    transportEquipmentId: unit.id,
    transportEquipmentRef: null,
    equipmentNumber: unit.reference,
    carrierBookingNumber: textOf(settings, 'bookingReference') ?? documentOf(event, 'booking'),
    billOfLadingNumber:
      textOf(settings, 'transportDocumentID') ?? documentOf(event, 'billOfLading'),
    eventOccurrenceTime8601: time(occurredAt.epochMs),
    transportationPhase: direction === undefined ? null : PHASES[direction],
    location: place === undefined ? null : locationOf(place),
    vehicleId: vehicle?.id ?? null,
    vehicleName: vehicle?.name ?? null,
    fullStatus: event.full === undefined ? null : event.full ? 'Full' : 'Empty',
    terminal: place?.location ?? null,
  };
}

/** TradeLens has no word for transit: it is nothing rather than the nearest guess. */
const PHASES = {
  import: 'Import',
  export: 'Export',
  transhipment: 'Transshipment',
  domestic: 'Domestic',
  transit: null,
} as const satisfies Record<Direction, TransportEvent['transportationPhase']>;

/** What the event names goes before what its unit travelled under. */
function documentOf({ documents = [], unit }: RecordedEvent, type: DocumentType): string | null {
  const all = [...documents, ...unit.documents];
  return all.find((document) => document.type === type)?.reference ?? null;
}

/** UN/LOCODE, a hyphen and the terminal: the form of SMDG codes as seen at TradeLens. */
const smdgPattern = /^[A-Z]{2}[A-Z2-9]{3}-[A-Z0-9]{2,6}$/;

function locationOf(place: Place): TransportEvent['location'] {
  const { unlocode, location, name, latitude, longitude } = place;
  const isSmdg = location !== undefined && smdgPattern.test(location);
  const isPoint = latitude !== undefined && longitude !== undefined;
  const known = presentAny({
    unlocode,
    smdgTerminal: isSmdg ? location : undefined,
    geoCoord: isPoint ? { latitude, longitude } : undefined,
    description: name,
  });
  return known ?? null;
}
