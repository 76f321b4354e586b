/** What becomes of each member of an event in what the terminal's subscribers read. */
import type { RecordedEvent } from '../../events/event.ts';
import { approximated, defaulted, dropped, kept, type Rendering } from '../dialect.ts';
import { encodeEvent } from './encode.ts';
import { factsOf, isTold, nameOf, readName, vocabulary } from './vocabulary.ts';

const time = 'eventOccurrenceTime8601';

/** The name does not follow from type, classifier and mode where the source told one. */
const hasToldName = (event: RecordedEvent) => isTold(event, vocabulary);

function losesMode(event: RecordedEvent): boolean {
  const name = nameOf(event, vocabulary);
  const own = name === undefined ? undefined : readName(name);
  return hasToldName(event) || own === undefined || factsOf(own).mode !== event.mode;
}

const isHalfPoint = ({ place }: RecordedEvent) =>
  (place?.latitude === undefined) !== (place?.longitude === undefined);

/** A push has the data as its body and the type in its address; past events have them as here. */
const transportEvent: Rendering = {
  form: 'push and past event',
  say: (event, words) => {
    const eventType = nameOf(event, words);
    if (eventType !== undefined) return { body: { eventType, eventData: encodeEvent(event, {}) } };
    return { unsaid: reasonOf(event) };
  },
  fields: {
    ...dropped('has no member in this form', 'id', 'way', 'vehicle.voyage', 'message'),
    ...dropped('has no member in this form', 'additionalInfo', 'channel', 'unit.spi'),
    ...dropped('has no member in this form', 'source.dialect', 'source.code'),
    ...dropped('times are always told to the millisecond', 'occurredAt.precision'),
    ...dropped('a correction is posted like a new event, without naming the old one', 'replaces'),
    type: approximated('a name that the source told goes before it', 'eventType', hasToldName),
    classifier: approximated(
      'a name that the source told goes before it',
      'eventType',
      hasToldName,
    ),
    mode: approximated('names of gates, customs and yard carry no mode', 'eventType', losesMode),
    codes: approximated('only the one for this dialect, where it is a known name', 'eventType'),
    occurredAt: approximated(
      'digits beyond milliseconds are cut',
      time,
      (event) => !event.occurredAt.iso.endsWith('000Z'),
    ),
    'occurredAt.offset': kept(time),
    recordedAt: kept('eventSubmissionTime8601'),
    direction: approximated(
      'transit has no word and is null',
      'transportationPhase',
      (event) => event.direction === 'transit',
    ),
    'unit.customsFlag': approximated(
      'only where the event has no direction of its own, and transit is null',
      'transportationPhase',
    ),
    'place.unlocode': kept('location.unlocode'),
    'place.location': kept('terminal'),
    'place.name': kept('location.description'),
    'place.latitude': approximated('only with a longitude', 'location.geoCoord', isHalfPoint),
    'place.longitude': approximated('only with a latitude', 'location.geoCoord', isHalfPoint),
    'vehicle.id': kept('vehicleId'),
    'vehicle.name': kept('vehicleName'),
    full: kept('fullStatus'),
    documents: approximated('the first booking and bill of lading', 'carrierBookingNumber'),
    'unit.documents': approximated(
      'the first booking and bill of lading, where the event names none',
      'carrierBookingNumber',
    ),
    'source.organization': kept('originatorId'),
    'source.name': defaulted('the id of the organization', 'originatorName'),
    'unit.id': kept('transportEquipmentId'),
    'unit.reference': kept('equipmentNumber'),
    'unit.freightFamily': approximated('containers only'),
    retracts: approximated('a retraction is not said at all'),
  },
};

function reasonOf({ unit, retracts, type, classifier }: RecordedEvent): string {
  if (unit.freightFamily !== 'Container') return 'the terminal speaks of containers only';
  if (retracts !== undefined) return 'the terminal has no way to take an event back';
  const word = vocabulary.types[type];
  if ('none' in word) return word.none;
  return `no name says ${classifier} ${type} for this mode of transport or fill`;
}

export const renderings: readonly Rendering[] = [transportEvent];
