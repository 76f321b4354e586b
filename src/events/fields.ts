/**
 * The members of a canonical event by name: the rows of the table that says what each dialect keeps
 * of an event and what it drops. A test holds the list against the event, so none is forgotten.
 */
import type { RecordedEvent } from './event.ts';

export const CANONICAL_FIELDS = [
  'id',
  'type',
  'classifier',
  'occurredAt',
  'occurredAt.offset',
  'occurredAt.precision',
  'recordedAt',
  'mode',
  'direction',
  'way',
  'place.unlocode',
  'place.location',
  'place.name',
  'place.latitude',
  'place.longitude',
  'vehicle.id',
  'vehicle.name',
  'vehicle.voyage',
  'full',
  'documents',
  'message',
  'additionalInfo',
  'channel',
  'codes',
  'source.organization',
  'source.name',
  'source.dialect',
  'source.code',
  'replaces',
  'retracts',
  'unit.id',
  'unit.reference',
  'unit.spi',
  'unit.freightFamily',
  'unit.customsFlag',
  'unit.documents',
] as const;

export type CanonicalField = (typeof CANONICAL_FIELDS)[number];

const readers: Readonly<Record<CanonicalField, (event: RecordedEvent) => unknown>> = {
  id: ({ id }) => id,
  type: ({ type }) => type,
  classifier: ({ classifier }) => classifier,
  occurredAt: ({ occurredAt }) => occurredAt.iso,
  'occurredAt.offset': ({ occurredAt }) => occurredAt.offsetMinutes,
  'occurredAt.precision': ({ occurredAt }) => occurredAt.precision,
  recordedAt: ({ recordedAtMs }) => recordedAtMs,
  mode: ({ mode }) => mode,
  direction: ({ direction }) => direction,
  way: ({ way }) => way,
  'place.unlocode': ({ place }) => place?.unlocode,
  'place.location': ({ place }) => place?.location,
  'place.name': ({ place }) => place?.name,
  'place.latitude': ({ place }) => place?.latitude,
  'place.longitude': ({ place }) => place?.longitude,
  'vehicle.id': ({ vehicle }) => vehicle?.id,
  'vehicle.name': ({ vehicle }) => vehicle?.name,
  'vehicle.voyage': ({ vehicle }) => vehicle?.voyage,
  full: ({ full }) => full,
  documents: ({ documents }) => listed(documents),
  message: ({ message }) => message,
  additionalInfo: ({ additionalInfo }) => additionalInfo,
  channel: ({ channel }) => channel,
  codes: ({ codes }) => (Object.keys(codes ?? {}).length === 0 ? undefined : codes),
  'source.organization': ({ source }) => source.organization,
  'source.name': ({ sourceName }) => sourceName,
  'source.dialect': ({ source }) => source.dialect,
  'source.code': ({ source }) => source.code,
  replaces: ({ replaces }) => replaces,
  retracts: ({ retracts }) => retracts,
  'unit.id': ({ unit }) => unit.id,
  'unit.reference': ({ unit }) => unit.reference,
  'unit.spi': ({ unit }) => unit.spi,
  'unit.freightFamily': ({ unit }) => unit.freightFamily,
  'unit.customsFlag': ({ unit }) => unit.customsFlag,
  'unit.documents': ({ unit }) => listed(unit.documents),
};

/** What the event says there; undefined where it says nothing. An empty list says nothing. */
export function fieldOf(event: RecordedEvent, field: CanonicalField): unknown {
  return readers[field](event);
}

function listed<T>(items: readonly T[] | undefined): readonly T[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items;
}
