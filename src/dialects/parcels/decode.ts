/** Requests of the parcel network → a canonical event, or what is asked of the logs. Pure. */
import type { EventDraft } from '../../events/event.ts';
import { invalid } from '../../events/problem.ts';
import { type OriginalTime, parseInstant } from '../../events/time.ts';
import { present, presentAny } from '../../lib/present.ts';
import type { Vocabulary } from '../dialect.ts';
import { entryOf } from '../hub-port.ts';
import { LOCALES, type Locale } from './locales.ts';
import type { LogParams } from './log-schemas.ts';
import type { Registration } from './schemas.ts';

export interface ReceivedRegistration {
  /** Satisfies the schema `Registration`. */
  readonly body: Registration;
  /** The body's text as received. */
  readonly bodyText: string;
  /** Our table of ids with what operators added to it. */
  readonly vocabulary: Vocabulary;
}

/**
 * Throws `invalid-input` for a time that is not an instant and for half a coordinate. A channel on
 * an event that is no communication is kept, not refused: which ids are communications is mostly
 * unpublished.
 */
export function decodeRegistration(given: ReceivedRegistration): EventDraft {
  const { body, bodyText, vocabulary } = given;
  const code = body.eventType;
  const entry = entryOf(vocabulary, code);
  return {
    unit: { reference: body.trackingReference },
    // An id that nobody has told of is recorded all the same, and keeps itself.
    type: entry?.type ?? 'other',
    classifier: entry?.classifier ?? 'actual',
    occurredAt: instant(body.eventTime),
    ...present({
      place: placeOf(body),
      additionalInfo: textOf(body.additionalInfo),
      channel: textOf(body.comChannelType),
      message: textOf(body.message),
    }),
    source: { dialect: 'parcels', code },
    codes: { parcels: code },
    received: bodyText,
  };
}

function instant(text: string): OriginalTime {
  const parsed = parseInstant(text);
  if (!parsed.ok) throw invalid('eventTime', parsed.message, parsed.code);
  return parsed.value;
}

function placeOf(body: Registration): EventDraft['place'] {
  const { lat: latitude, lon: longitude } = present({ lat: body.lat, lon: body.lon });
  if (latitude === undefined && longitude !== undefined) {
    throw invalid('lat', 'is required together with lon', 'required');
  }
  if (longitude === undefined && latitude !== undefined) {
    throw invalid('lon', 'is required together with lat', 'required');
  }
  return presentAny({
    location: textOf(body.locationContextId),
    name: textOf(body.locationContext),
    latitude,
    longitude,
  });
}

/** Systems that always send every field send an empty text for what they do not know. */
function textOf(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text.trim() === '' ? undefined : text;
}

export interface LogQuestion {
  readonly identifier: string;
  readonly locale: Locale;
  readonly onlyLastEvent: boolean;
}

/** Throws `invalid-input` for a language that the network does not have. */
export function decodeLogParams({ identifier, locale, onlyLastEvent }: LogParams): LogQuestion {
  const known = LOCALES.find((candidate) => candidate === locale.toUpperCase());
  if (known === undefined) throw invalid('locale', `is not one of ${LOCALES.join(', ')}`, 'enum');
  return { identifier, locale: known, onlyLastEvent };
}
