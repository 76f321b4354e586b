/** The two forms in which SOGET's callers meet an event, and what each of them leaves out. */
import type { RecordedEvent } from '../../events/event.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import { approximated, defaulted, dropped, kept, type Rendering, type Said } from '../dialect.ts';
import { encodeHandlingUnit, encodeWebhook } from './encode.ts';
import { toldCode } from './vocabulary.ts';

const noMember = 'SOGET has no member for it';
const notWithEvent = 'tracing tells it of the handling unit, not with its events';

/** What the two forms say alike; `type` and `code` are the names of their members. */
function common(type: string) {
  const isTold = (event: RecordedEvent) => toldCode(event) !== undefined;
  return {
    type: approximated("the source's own SOGET code stands in its place", type, isTold),
    'source.code': approximated('only the code of a SOGET source is said', type),
    'source.dialect': approximated('only decides whose code is said', type),
    codes: approximated('only the SOGET code is said', type),
    ...dropped(noMember, 'id', 'recordedAt', 'place.name', 'place.latitude', 'place.longitude'),
    ...dropped(noMember, 'message', 'additionalInfo', 'channel', 'source.organization'),
    ...dropped(noMember, 'source.name', 'unit.id'),
  };
}

function cutTo(what: string, fractionDigits: number, as: string): Said {
  const whole = `${'0'.repeat(6 - fractionDigits)}Z`;
  return approximated(`cut to ${what}`, as, ({ occurredAt }) => !occurredAt.iso.endsWith(whole));
}

const webhook: Rendering = {
  form: 'webhook',
  say(event, vocabulary) {
    if (event.classifier !== 'actual') return { unsaid: 'a tracking tells only what happened' };
    const subscription = { id: '', url: '', dialect: 'soget', settings: {} };
    return { body: encodeWebhook({ event, subscription, vocabulary }) };
  },
  fields: {
    ...common('Type'),
    classifier: kept('only actual events are told'),
    occurredAt: cutTo('the second', 0, 'AlertDate'),
    'occurredAt.offset': kept('AlertDate'),
    ...dropped('always to the second', 'occurredAt.precision'),
    direction: approximated('a domestic one is told only with a way', 'Direction'),
    way: approximated('said of domestic events only', 'Direction'),
    'place.location': kept('Location'),
    'place.unlocode': approximated('only where there is no location code', 'Location'),
    replaces: approximated('that it corrects is said, not which event', 'AlertType'),
    retracts: approximated('that it withdraws is said, not which event', 'AlertType, State'),
    'unit.reference': kept('Reference'),
    'unit.spi': kept('Spi'),
    'unit.freightFamily': kept('FreightFamily'),
    'unit.customsFlag': approximated('only where the event has no direction', 'Direction'),
    ...dropped(noMember, 'mode', 'vehicle.id', 'vehicle.name', 'vehicle.voyage', 'full'),
    ...dropped(noMember, 'documents', 'unit.documents'),
  },
};

/** The handling unit as far as this event tells it; a caller reads it with all else that is known. */
const tracing: Rendering = {
  form: 'tracing event',
  say(event, vocabulary) {
    const unsaid = untraced(event);
    if (unsaid !== undefined) return { unsaid };
    const item = encodeHandlingUnit({ unit: unitOf(event), events: [event] }, vocabulary);
    const { reference, pswId, freightFamily, customsFlag, indicators, huLocation } = item;
    const { events } = item;
    return {
      body: { reference, pswId, freightFamily, customsFlag, indicators, huLocation, events },
    };
  },
  fields: {
    ...common('events[].eventType'),
    classifier: kept('only actual events are shown'),
    occurredAt: cutTo('the millisecond', 3, 'events[].eventDate'),
    'occurredAt.offset': kept('events[].eventDate'),
    'occurredAt.precision': approximated(
      'a minute is printed with seconds, and at most three digits of a fraction',
      'events[].eventDate',
    ),
    mode: kept('events[].eventTransportMode'),
    way: defaulted('Undefined', 'events[].eventWay'),
    'place.unlocode': kept('events[].eventPlace'),
    'place.location': kept('events[].eventLocation'),
    full: kept('indicators.empty'),
    retracts: approximated('a retraction is not shown, nor what it withdraws'),
    ...dropped('shown in the place of what it corrects, without saying so', 'replaces'),
    'unit.reference': approximated(
      'null where it has more than 17 characters',
      'reference',
      ({ unit }) => !fitsCharacters(unit.reference, 17),
    ),
    'unit.spi': kept('pswId'),
    'unit.freightFamily': kept('freightFamily'),
    'unit.customsFlag': kept('customsFlag'),
    ...dropped(notWithEvent, 'direction', 'vehicle.id', 'vehicle.name', 'vehicle.voyage'),
    ...dropped(notWithEvent, 'documents', 'unit.documents'),
  },
};

export const renderings: readonly Rendering[] = [webhook, tracing];

function untraced({ unit, classifier, retracts }: RecordedEvent): string | undefined {
  if (unit.freightFamily === 'Parcel') return 'tracing never shows parcels';
  if (classifier !== 'actual') return 'tracing shows only what happened';
  return retracts === undefined ? undefined : 'a retraction is not shown, nor what it withdraws';
}

/** The unit as the event remembers it. */
function unitOf({ unit, source, recordedAtMs }: RecordedEvent): HandlingUnit {
  const times = { createdAtMs: recordedAtMs, updatedAtMs: recordedAtMs };
  return { ...unit, organization: source.organization, parties: [], details: {}, ...times };
}
