/** Parcels with their events → the two event logs. Pure; what is shown and what not: README. */
import type { RecordedEvent } from '../../events/event.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { shipmentKey } from '../../events/unit-aliases.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import type { Vocabulary } from '../dialect.ts';
import type { UnitsWithEvents } from '../hub-port.ts';
import { encodeLogEvent, textOrNull } from './encode-log-event.ts';
import type { Locale } from './locales.ts';
import type { LogEvent, LogItem, Shipment } from './log-schemas.ts';
import { statusText } from './statuses.ts';
import { codeOf } from './vocabulary.ts';

export interface LogGiven extends UnitsWithEvents {
  readonly locale: Locale;
  readonly onlyLastEvent: boolean;
  readonly nowMs: number;
  readonly vocabulary: Vocabulary;
}

/** Published: of what is older there are no events, only the latest status. */
const monthsShown = 6;
const shipmentNumberCharactersMax = 35;

interface Parcel {
  readonly unit: HandlingUnit;
  /** Oldest first. */
  readonly events: readonly { readonly event: RecordedEvent; readonly code: string }[];
  readonly status: string | null;
}

/** Events of all parcels together, oldest first. */
export function encodeLogV1(given: LogGiven): LogEvent[] {
  return given.items
    .map((item) => parcelOf(item, given))
    .flatMap(({ unit, events }) => events.map((shown) => ({ unit, ...shown })))
    .sort((left, right) => byTime(left.event, right.event))
    .map(({ unit, event, code }) => ({
      shipmentNumber: shipmentNumberOf(unit),
      trackingReference: unit.reference,
      ...encodeLogEvent({ event, code, ...given }),
    }));
}

/**
 * One shipment with the parcels found. What is said of the shipment is what all its parcels agree on:
 * an identifier may match parcels of several shipments, and none of them speaks for the others.
 */
export function encodeLogV2(given: LogGiven): Shipment {
  const parcels = given.items.map((item) => parcelOf(item, given));
  const details = parcels.map(({ unit }) => unit.details.parcel ?? {});
  return {
    shipmentNumber: agreed(
      parcels.map(({ unit }) => shipmentNumberOf(unit)),
      shipmentKey,
    ),
    shopName: agreed(details.map((parcel) => textOrNull(parcel.shopName))),
    shopId: agreed(details.map((parcel) => parcel.shopId)),
    consigneeReference: agreed(details.map((parcel) => textOrNull(parcel.consigneeReference))),
    consignorReference: agreed(details.map((parcel) => textOrNull(parcel.consignorReference))),
    properties: null,
    items: parcels.map((parcel) => encodeItem(parcel, given)),
  };
}

function encodeItem({ unit, events, status }: Parcel, given: LogGiven): LogItem {
  const parcel = unit.details.parcel ?? {};
  return {
    trackingNumber: unit.reference,
    returnCode: textOrNull(parcel.returnCode),
    freightProductId: parcel.freightProductId ?? null,
    freightProductName: textOrNull(parcel.freightProductName),
    parcelStatus: status,
    linkedParcelNumbers: parcel.linkedParcelNumbers ?? [],
    events: events.map(({ event, code }) => encodeLogEvent({ event, code, ...given })),
  };
}

/**
 * The age is that of the parcel, by the newest event that it shows: the answer for a parcel is the
 * same whether it was asked for by its own number or by its shipment's.
 */
function parcelOf(
  { unit, events }: UnitsWithEvents['items'][number],
  { locale, onlyLastEvent, nowMs, vocabulary }: LogGiven,
): Parcel {
  const all = events
    .flatMap((event) => {
      const code = codeOf(event, vocabulary);
      return code === undefined ? [] : [{ event, code }];
    })
    .sort((left, right) => byTime(left.event, right.event));
  const newest = all.at(-1);
  const isOld =
    newest !== undefined && newest.event.occurredAt.epochMs < monthsBefore(nowMs, monthsShown);
  const texts = all.map(({ event }) => statusText(event.type));
  const status = texts.findLast((text) => text !== undefined)?.[locale] ?? null;
  const wanted = onlyLastEvent ? all.slice(-1) : all;
  return { unit, events: isOld ? [] : wanted, status };
}

/** To the microsecond; ids are ordered by time of recording, so a later record comes later. */
function byTime(left: RecordedEvent, right: RecordedEvent): number {
  const leftKey = `${left.occurredAt.iso} ${left.id}`;
  return leftKey < `${right.occurredAt.iso} ${right.id}` ? -1 : 1;
}

/** The same day and time in UTC; the last day of the month where that has fewer days. */
export function monthsBefore(epochMs: number, months: number): number {
  const date = new Date(epochMs);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() - months);
  // An overflow into the next month is taken back: day 0 is the last of the month before.
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}

/** As booked; else the first consignment among the parcel's documents that fits. */
function shipmentNumberOf({ details, documents }: HandlingUnit): string | null {
  const told = textOrNull(details.parcel?.shipmentNumber);
  if (told !== null) return told;
  const consignment = documents.find(
    ({ type, reference }) =>
      type === 'consignment' && fitsCharacters(reference, shipmentNumberCharactersMax),
  );
  return consignment?.reference ?? null;
}

/** The one value that is told, by its key; null where none is, or where two differ. */
function agreed<T extends string | number>(
  values: readonly (T | null | undefined)[],
  keyOf: (value: T) => unknown = (value) => value,
): T | null {
  const told = values.filter((value) => value !== null && value !== undefined);
  const [first] = told;
  return first !== undefined && new Set(told.map(keyOf)).size === 1 ? first : null;
}
