/** One event as both logs print it. Pure. */
import type { RecordedEvent } from '../../events/event.ts';
import { formatInZone, type OriginalTime } from '../../events/time.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import { sha256Hex } from '../../lib/hash.ts';
import type { Vocabulary } from '../dialect.ts';
import { entryOf } from '../hub-port.ts';
import { additionalInfoFacts } from './additional-info.ts';
import { eventIdFacts } from './event-ids.ts';
import type { Locale } from './locales.ts';
import type { ParcelLogEvent } from './log-schemas.ts';
import { isEventId, speaksOurCodes } from './vocabulary.ts';

export interface LogEventGiven {
  readonly event: RecordedEvent;
  /** Its event type id. */
  readonly code: string;
  readonly locale: Locale;
  /** Names of organizations by id. */
  readonly organizations: ReadonlyMap<string, string>;
  readonly vocabulary: Vocabulary;
}

// Published lengths.
const coordinateCharactersMax = 9;
export const textCharactersMax = 255;
const placeIdCharactersMax = 10;

export function encodeLogEvent(given: LogEventGiven): ParcelLogEvent {
  const { event, code, locale, organizations, vocabulary } = given;
  const { group, description, i18nKey } = eventIdFacts(code);
  const { organization } = event.source;
  return {
    eventTime: formatInZone(event.occurredAt.epochMs, 'Europe/Oslo', 'yyyy-MM-dd HH:mm:ss'),
    eventTimeUtc: utcText(event.occurredAt),
    lat: coordinate(event.place?.latitude),
    lon: coordinate(event.place?.longitude),
    locationContext: cut(event.place?.name),
    locationContextId: placeId(event.place),
    eventType: {
      apiKey: code,
      // An operator's label has one language, and is shown in all.
      description: entryOf(vocabulary, code)?.operatorLabel ?? description?.[locale] ?? null,
      i18nKey: i18nKey ?? null,
    },
    additionalInfo: additionalInfo(event, locale),
    eventGroup: { id: group.id, name: group.name },
    communicationChannel: textOrNull(event.channel),
    changeUserId: null,
    regSystem: {
      id: systemNumber(organization),
      name: organizations.get(organization) ?? null,
    },
    message: cut(event.message),
  };
}

/** As many fraction digits as were told, up to six. */
function utcText({ iso, fractionDigits }: OriginalTime): string {
  const digits = Math.min(fractionDigits, 6);
  return `${iso.slice(0, digits === 0 ? 19 : 20 + digits)}Z`;
}

/** Rounded to the most decimals that fit; never printed with an exponent. */
export function coordinate(degrees: number | undefined): number | null {
  if (degrees === undefined) return null;
  for (let decimals = coordinateCharactersMax - 2; decimals > 0; decimals--) {
    const rounded = Number(degrees.toFixed(decimals));
    const text = String(rounded);
    if (text.length <= coordinateCharactersMax && !text.includes('e')) return rounded;
  }
  return Math.round(degrees);
}

/** An id that is too long would be another id when cut; the UN/LOCODE names the place too. */
function placeId(place: RecordedEvent['place']): string | null {
  return (placeIdFits(place) ? place?.location : undefined) ?? place?.unlocode ?? null;
}

export function placeIdFits(place: RecordedEvent['place']): boolean {
  return fitsCharacters(place?.location ?? '', placeIdCharactersMax);
}

/** Other sources may number their additions as they like; only ours mean what our table says. */
function additionalInfo(event: RecordedEvent, locale: Locale): ParcelLogEvent['additionalInfo'] {
  const id = event.additionalInfo;
  if (id === undefined || !isEventId(id) || !speaksOurCodes(event)) return null;
  const facts = additionalInfoFacts(id);
  return {
    apiKey: id,
    description: facts?.description[locale] ?? null,
    i18nKey: facts?.i18nKey ?? null,
  };
}

/** Empty values are sent as null. */
export function textOrNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text.trim() === '' ? null : text;
}

function cut(told: string | undefined): string | null {
  const text = textOrNull(told);
  if (text === null) return null;
  if (fitsCharacters(text, textCharactersMax)) return text;
  return `${[...text].slice(0, textCharactersMax - 1).join('')}…`;
}

/**
 * The network numbers its systems; ours have UUIDs. 31 bits of a hash, so that the same organization
 * always has the same number and a reader's 32-bit integer holds it.
 */
function systemNumber(organization: string): number {
  return Number.parseInt(sha256Hex(organization).slice(0, 8), 16) >>> 1;
}
