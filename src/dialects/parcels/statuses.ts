/**
 * `parcelStatus` of the second log: at most 25 characters in the language asked for. Only `Levert` is
 * published; the other words are ours. A message to the recipient says nothing of where the parcel is,
 * so communications have no status.
 */
import type { EventType } from '../../events/types.ts';
import { type Localised, localised } from './locales.ts';

const statuses: Partial<Readonly<Record<EventType, Localised>>> = {
  announced: localised('Bestilt', 'Booked', 'Bokad'),
  received: localised('Mottatt', 'Received', 'Mottagen'),
  loading: localised('Lastes', 'Being loaded', 'Lastas'),
  loaded: localised('Lastet', 'Loaded', 'Lastad'),
  unloaded: localised('Losset', 'Unloaded', 'Lossad'),
  'in-transit': localised('Under transport', 'In transit', 'Under transport'),
  'forwarded-to-service-point': localised(
    'På vei til hentestedet',
    'On way to service point',
    'På väg till utlämning',
  ),
  'arrived-at-service-point': localised('Klar til henting', 'Ready for collection', 'Kan hämtas'),
  'handed-to-service-point': localised(
    'På hentestedet',
    'At the service point',
    'På utlämningsstället',
  ),
  delivered: localised('Levert', 'Delivered', 'Levererad'),
  'not-delivered': localised('Ikke levert', 'Not delivered', 'Ej levererad'),
  returned: localised('I retur', 'Being returned', 'I retur'),
  lost: localised('Kommet bort', 'Lost', 'Bortkommen'),
  'booking-failed': localised('Bestilling mislyktes', 'Booking failed', 'Bokning misslyckades'),
};

/** Undefined for a type that says nothing of the parcel's whereabouts. */
export function statusText(type: EventType): Localised | undefined {
  return statuses[type];
}
