/** An event as each of the two parcel logs prints it, and what they leave out. */
import type { RecordedEvent } from '../../events/event.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import {
  approximated,
  dropped,
  kept,
  type Rendering,
  type Utterance,
  type Vocabulary,
} from '../dialect.ts';
import { encodeLogV1, encodeLogV2, type LogGiven } from './encode-log.ts';
import { coordinate, placeIdFits, textCharactersMax } from './encode-log-event.ts';
import { codeOf, isEventId, speaksOurCodes, toldCode } from './vocabulary.ts';

const noMember = 'the log has no member for it';
const ofSource = 'only the id of a parcel source is said';
const isLong = ({ message = '' }: RecordedEvent) => !fitsCharacters(message, textCharactersMax);

const common = {
  type: approximated(
    "the source's own id stands in its place",
    'eventType',
    (event) => toldCode(event) !== undefined,
  ),
  classifier: kept('only actual events are shown'),
  occurredAt: kept('eventTimeUtc'),
  ...dropped('printed in UTC and in the time of Oslo', 'occurredAt.offset'),
  'occurredAt.precision': approximated(
    'a minute is printed with seconds, and at most six digits of a fraction',
    'eventTimeUtc',
  ),
  'place.location': approximated(
    'only where it has at most 10 characters',
    'locationContextId',
    ({ place }) => !placeIdFits(place),
  ),
  'place.unlocode': approximated('only where there is no location code', 'locationContextId'),
  'place.name': kept('locationContext'),
  'place.latitude': approximated('rounded to 9 characters', 'lat', ({ place }) =>
    isRounded(place?.latitude),
  ),
  'place.longitude': approximated('rounded to 9 characters', 'lon', ({ place }) =>
    isRounded(place?.longitude),
  ),
  message: approximated('cut to 255 characters', 'message', isLong),
  additionalInfo: approximated(
    'only ids of the network itself',
    'additionalInfo',
    (event) => !isEventId(event.additionalInfo ?? '') || !speaksOurCodes(event),
  ),
  channel: kept('communicationChannel'),
  codes: approximated(ofSource, 'eventType'),
  'source.code': approximated(ofSource, 'eventType'),
  'source.dialect': approximated('only decides whose id is said', 'eventType'),
  'source.organization': approximated('as a number made from its id', 'regSystem.id'),
  'source.name': kept('regSystem.name'),
  retracts: approximated('a retraction is not shown, nor what it withdraws'),
  ...dropped('shown in the place of what it corrects, without saying so', 'replaces'),
  ...dropped(noMember, 'id', 'recordedAt', 'mode', 'direction', 'way', 'full', 'documents'),
  ...dropped(noMember, 'vehicle.id', 'vehicle.name', 'vehicle.voyage', 'unit.id', 'unit.spi'),
  ...dropped(noMember, 'unit.freightFamily', 'unit.customsFlag'),
} as const satisfies Partial<Rendering['fields']>;

const shipment = 'the first consignment is the number of the shipment';

const logV1: Rendering = {
  form: 'event log v-1',
  say: (event, vocabulary) => sayIn(event, vocabulary, (given) => encodeLogV1(given)[0]),
  fields: {
    ...common,
    'unit.reference': kept('trackingReference'),
    'unit.documents': approximated(shipment, 'shipmentNumber'),
  },
};

/** The shipment as far as this event tells it: the parcel's own facts are left out. */
const logV2: Rendering = {
  form: 'event log v-2',
  say: (event, vocabulary) =>
    sayIn(event, vocabulary, (given) => {
      const { shipmentNumber, items } = encodeLogV2(given);
      return {
        shipmentNumber,
        items: items.map(({ trackingNumber, parcelStatus, events }) => ({
          ...{ trackingNumber, parcelStatus, events },
        })),
      };
    }),
  fields: {
    ...common,
    'unit.reference': kept('items[].trackingNumber'),
    'unit.documents': approximated(shipment, 'shipmentNumber'),
  },
};

export const renderings: readonly Rendering[] = [logV1, logV2];

/** In English; the age from which the logs show no events any more plays no part. */
function sayIn(
  event: RecordedEvent,
  vocabulary: Vocabulary,
  encode: (given: LogGiven) => unknown,
): Utterance {
  if (event.classifier !== 'actual') return { unsaid: 'the log shows only what happened' };
  if (event.retracts !== undefined) {
    return { unsaid: 'a retraction is not shown, nor what it withdraws' };
  }
  if (codeOf(event, vocabulary) === undefined) return { unsaid: whyNot(event, vocabulary) };
  const { organization } = event.source;
  const names = event.sourceName === undefined ? [] : [[organization, event.sourceName] as const];
  return {
    body: encode({
      items: [{ unit: unitOf(event), events: [event] }],
      organizations: new Map(names),
      locale: 'EN',
      onlyLastEvent: false,
      nowMs: event.occurredAt.epochMs,
      vocabulary,
    }),
  };
}

function whyNot({ type }: RecordedEvent, { types }: Vocabulary): string {
  const word = types[type];
  return 'none' in word ? word.none : `no id says ${type}`;
}

function isRounded(degrees: number | undefined): boolean {
  return degrees !== undefined && coordinate(degrees) !== degrees;
}

/** The parcel as the event remembers it. */
function unitOf({ unit, source, recordedAtMs }: RecordedEvent): HandlingUnit {
  const times = { createdAtMs: recordedAtMs, updatedAtMs: recordedAtMs };
  return { ...unit, organization: source.organization, parties: [], details: {}, ...times };
}
