/**
 * The canonical words: what can be said of a handling unit, independent of any partner.
 * Types are plain words in the past tense. A partner's code that has no word here is recorded as
 * `other` with its own code beside it, never refused.
 */

export const EVENT_TYPES = [
  'announced',
  'received',
  'loading',
  'loaded',
  'unloaded',
  'discharged',
  'gated-in',
  'gated-out',
  'arrived',
  'departed',
  'in-transit',
  'stuffed',
  'stripped',
  'shifted',
  'sealed',
  'resealed',
  'seal-removed',
  'inspected',
  'held',
  'released',
  'customs-held',
  'customs-released',
  'picked-up',
  'dropped-off',
  'forwarded-to-service-point',
  'arrived-at-service-point',
  'handed-to-service-point',
  'collection-deadline-extended',
  'delivered',
  'not-delivered',
  'returned',
  'lost',
  'communication-sent',
  'communication-received',
  'communication-failed',
  'booking-failed',
  'other',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export const CLASSIFIERS = ['planned', 'estimated', 'actual'] as const;
export type Classifier = (typeof CLASSIFIERS)[number];

export const DIRECTIONS = ['import', 'export', 'transit', 'transhipment', 'domestic'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const WAYS = ['in', 'out'] as const;
export type Way = (typeof WAYS)[number];

export const DOCUMENT_TYPES = ['booking', 'billOfLading', 'order', 'consignment'] as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[number];

/** Families of freight. All but `Parcel` are the port community's words; `Parcel` is ours. */
export const FREIGHT_FAMILIES = [
  'Container',
  'BreakBulk',
  'SolidBulk',
  'LiquidBulk',
  'MobileUnits',
  'Parcel',
] as const;
export type FreightFamily = (typeof FREIGHT_FAMILIES)[number];

/** Customs regime of a unit's passage; `Unknown` is the default. */
export const CUSTOMS_FLAGS = ['Unknown', 'Import', 'Export', 'Transhipment', 'Transit'] as const;
export type CustomsFlag = (typeof CUSTOMS_FLAGS)[number];

const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

export function isEventType(word: string): word is EventType {
  return TYPES.has(word);
}
