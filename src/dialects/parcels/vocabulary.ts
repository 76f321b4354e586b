/**
 * Event type ids of the parcel network ↔ canonical types. The ids and their meanings are the
 * network's published table; every pairing with our words is ours. The table is known to be
 * incomplete: an id outside it is recorded as `other` with the id kept beside it.
 */
import type { RecordedEvent } from '../../events/event.ts';
import type { EventType } from '../../events/types.ts';
import type { Vocabulary, VocabularyEntry } from '../dialect.ts';
import { codeFor } from '../hub-port.ts';

// Everything the network reports has happened; it knows neither plans nor estimates.
const classifier = 'actual';

function entry(type: EventType, label: string): VocabularyEntry {
  return { type, classifier, label };
}

const codes: Readonly<Record<string, VocabularyEntry>> = {
  '001': entry('announced', 'Announced, transport booked'),
  '002': entry('received', 'Received'),
  '003': entry('loading', 'Being loaded for transport'),
  '004': entry('in-transit', 'In transit'),
  '005': entry('forwarded-to-service-point', 'On the way to a service point'),
  '006': entry('arrived-at-service-point', 'At the service point, ready for collection'),
  '007': entry('communication-sent', 'Address form sent to the recipient'),
  '008': entry('communication-received', 'Address form returned by the recipient'),
  '009': entry('communication-sent', 'Order confirmation sent'),
  '010': entry('communication-sent', 'Message "on its way" sent'),
  '011': entry('communication-sent', 'Message "delivered" sent'),
  '012': entry('communication-sent', 'Message "a partner delivers" sent'),
  '013': entry('delivered', 'Delivered'),
  '015': entry('returned', 'Return, delivery cannot be completed'),
  // A status of the network whose meaning is not published.
  '028': entry('other', 'Status 028'),
  '030': entry('lost', 'Lost'),
  '057': entry('not-delivered', 'Not delivered'),
  '062': entry('loaded', 'Loaded for transport'),
  '063': entry('unloaded', 'Unloaded from the vehicle'),
  '104': entry('handed-to-service-point', 'Handed to the service point'),
  '148': entry('booking-failed', 'Booking with the external carrier failed'),
  '152': entry('communication-sent', 'Communication sent'),
  '153': entry('communication-failed', 'Communication failed'),
  '155': entry('collection-deadline-extended', 'Collection deadline extended'),
};

const notParcel = { none: 'said of containers and port cargo, never of a parcel' };
const noId = { none: 'no published id says this' };

const types: Vocabulary['types'] = {
  announced: { code: '001' },
  received: { code: '002' },
  loading: { code: '003' },
  loaded: { code: '062' },
  unloaded: { code: '063' },
  discharged: notParcel,
  'gated-in': notParcel,
  'gated-out': notParcel,
  arrived: noId,
  departed: noId,
  'in-transit': { code: '004' },
  stuffed: notParcel,
  stripped: notParcel,
  shifted: notParcel,
  sealed: notParcel,
  resealed: notParcel,
  'seal-removed': notParcel,
  inspected: noId,
  held: noId,
  released: noId,
  'customs-held': noId,
  'customs-released': noId,
  'picked-up': noId,
  'dropped-off': noId,
  'forwarded-to-service-point': { code: '005' },
  'arrived-at-service-point': { code: '006' },
  'handed-to-service-point': { code: '104' },
  'collection-deadline-extended': { code: '155' },
  delivered: { code: '013' },
  'not-delivered': { code: '057' },
  returned: { code: '015' },
  lost: { code: '030' },
  // The general id; 007 and 009 to 012 each say which message it was, which our word does not.
  'communication-sent': { code: '152' },
  'communication-received': { code: '008' },
  'communication-failed': { code: '153' },
  'booking-failed': { code: '148' },
  other: { none: 'an event of this type keeps the id that its source gave' },
};

/** What can be an id of an event type or of an addition: three digits, known or not. */
export function isEventId(text: string): boolean {
  return idPattern.test(text);
}

const idPattern = /^[0-9]{3}$/;

export const vocabulary: Vocabulary = {
  codes,
  types,
  shape: { pattern: idPattern.source, words: 'an id of three digits' },
};

/** Whether the source told the event in this network's codes. */
export function speaksOurCodes({ codes: told, source }: ToldEvent): boolean {
  return source.dialect === 'parcels' || told?.['parcels'] !== undefined;
}

type ToldEvent = Pick<RecordedEvent, 'codes' | 'source'>;

/**
 * The id of an event of any source: the one that its source told, else that of its type. Undefined
 * where there is no counterpart: the nearest guess is never sent.
 */
export function codeOf(event: RecordedEvent, words: Vocabulary): string | undefined {
  return toldCode(event) ?? codeFor(words, event);
}

/** The id that the event's source told. */
export function toldCode({ codes: told, source }: ToldEvent): string | undefined {
  const ofSource = source.dialect === 'parcels' ? source.code : undefined;
  const code = told?.['parcels'] ?? ofSource;
  return code !== undefined && isEventId(code) ? code : undefined;
}
