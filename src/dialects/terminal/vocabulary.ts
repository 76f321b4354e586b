/**
 * The terminal's 24 event names ↔ our words. The names are published, in UpperCamel on the page and
 * in lowerCamel where they are used; every pairing with our words is ours. A name says type,
 * classifier and, for all but gate and status events, the mode of transport.
 */
import type { EventFacts, RecordedEvent } from '../../events/event.ts';
import type { Classifier, EventType } from '../../events/types.ts';
import type { Vocabulary, VocabularyEntry } from '../dialect.ts';
import { entryOf, operatorCodeFor } from '../hub-port.ts';
import { DIALECT, NAME_CHARS_MAX } from './names.ts';

/** UN/ECE Recommendation 19. */
const VESSEL = 1;
const RAIL = 2;
const BARGE = 8;

interface Name extends VocabularyEntry {
  readonly classifier: Classifier;
  /** Absent: the name holds whatever the mode is. */
  readonly mode?: number;
}

function name(classifier: Classifier, type: EventType, label: string, mode?: number): Name {
  return { type, classifier, label, ...(mode === undefined ? {} : { mode }) };
}

/** In the order of the page; the push address and the list of past events use these spellings. */
export const NAMES = {
  shiftCell: name('actual', 'shifted', 'Moved in the yard'),
  containerFullRelease: name('actual', 'released', 'Full container released'),
  customsHold: name('actual', 'customs-held', 'Held by customs'),
  customsRelease: name('actual', 'customs-released', 'Released by customs'),
  actualRailArrival: name('actual', 'arrived', 'Train arrived', RAIL),
  actualRailDeparture: name('actual', 'departed', 'Train departed', RAIL),
  actualDischargeFromRail: name('actual', 'discharged', 'Discharged from rail', RAIL),
  actualLoadedOnRail: name('actual', 'loaded', 'Loaded on rail', RAIL),
  estimatedGateIn: name('estimated', 'gated-in', 'Gate in expected'),
  estimatedGateOut: name('estimated', 'gated-out', 'Gate out expected'),
  actualGateIn: name('actual', 'gated-in', 'Gated in'),
  actualGateOut: name('actual', 'gated-out', 'Gated out'),
  estimatedVesselArrival: name('estimated', 'arrived', 'Vessel arrival expected', VESSEL),
  estimatedVesselDeparture: name('estimated', 'departed', 'Vessel departure expected', VESSEL),
  actualVesselArrival: name('actual', 'arrived', 'Vessel arrived', VESSEL),
  actualVesselDeparture: name('actual', 'departed', 'Vessel departed', VESSEL),
  actualDischargeFromVessel: name('actual', 'discharged', 'Discharged from vessel', VESSEL),
  actualLoadedOnVessel: name('actual', 'loaded', 'Loaded on vessel', VESSEL),
  estimatedBargeArrival: name('estimated', 'arrived', 'Barge arrival expected', BARGE),
  estimatedBargeDeparture: name('estimated', 'departed', 'Barge departure expected', BARGE),
  actualBargeArrival: name('actual', 'arrived', 'Barge arrived', BARGE),
  actualBargeDeparture: name('actual', 'departed', 'Barge departed', BARGE),
  // The page's own spelling, beside the pattern of all others.
  unitBargeDischargeActual: name('actual', 'discharged', 'Discharged from barge', BARGE),
  actualLoadedOnBarge: name('actual', 'loaded', 'Loaded on barge', BARGE),
} as const satisfies Readonly<Record<string, Name>>;
export type EventName = keyof typeof NAMES;

/** Other spellings that are understood: that of TradeLens for the odd one out. */
const ALIASES: ReadonlyMap<string, EventName> = new Map([
  ['actualDischargeFromBarge', 'unitBargeDischargeActual'],
]);

const NAME_LIST = Object.keys(NAMES).filter(isName);

function isName(text: string): text is EventName {
  return Object.hasOwn(NAMES, text);
}

/** A name in the spelling of the page, of the push address, or of TradeLens; undefined if none. */
export function readName(text: string): EventName | undefined {
  const lower = pushSpelling(text);
  return isName(lower) ? lower : ALIASES.get(lower);
}

/** The page writes names in UpperCamel, addresses have them in lowerCamel. */
function pushSpelling(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What a name says in our words; `mode` is told only where the name tells it. */
export function factsOf(given: EventName): Pick<EventFacts, 'type' | 'classifier' | 'mode'> {
  const { type, classifier, mode }: Name = NAMES[given];
  return { type, classifier, ...(mode === undefined ? {} : { mode }) };
}

/**
 * How the terminal calls an event; undefined where it has no word for it, and then nothing is said
 * rather than the nearest guess. First comes the name that the source told, then the one that the
 * operator chose, then our own pairing.
 */
export function nameOf(event: RecordedEvent, words: Vocabulary): string | undefined {
  if (event.unit.freightFamily !== 'Container' || event.retracts !== undefined) return undefined;
  const told = event.codes?.[DIALECT];
  return (told === undefined ? undefined : knownName(told, words)) ?? pairedName(event, words);
}

/** Whether the source told a name that is known, so that no pairing is asked. */
export function isTold({ codes }: EventFacts, words: Vocabulary): boolean {
  const told = codes?.[DIALECT];
  return told !== undefined && knownName(told, words) !== undefined;
}

function knownName(text: string, words: Vocabulary): string | undefined {
  const added = pushSpelling(text);
  return readName(text) ?? (entryOf(words, added) === undefined ? undefined : added);
}

function pairedName(event: EventFacts, words: Vocabulary): string | undefined {
  const chosen = operatorCodeFor(words, event);
  const own = chosen === undefined ? undefined : readName(chosen);
  // An operator's choice holds for a type; a name that says more keeps its own conditions.
  if (chosen !== undefined && (own === undefined || holds(own, event))) return chosen;
  return NAME_LIST.find((name) => entryOf(words, name)?.type === event.type && holds(name, event));
}

function holds(name: EventName, event: EventFacts): boolean {
  const { type, classifier, mode } = factsOf(name);
  if (type !== event.type || classifier !== event.classifier) return false;
  // An empty container is released too, but the name speaks of a full one.
  if (name === 'containerFullRelease' && event.full === false) return false;
  return mode === undefined || mode === mainMode(event.mode);
}

/** Two digits are a subdivision of the mode that is the first one. */
function mainMode(mode: number | undefined): number | undefined {
  return mode === undefined || mode < 10 ? mode : Math.floor(mode / 10);
}

const noWord = { none: 'none of the 24 names says this' };
const notContainer = { none: 'said of parcels; the terminal speaks of containers only' };

export const vocabulary: Vocabulary = {
  shape: {
    pattern: `^[a-z][A-Za-z0-9]{0,${NAME_CHARS_MAX - 1}}$`,
    words: `a small letter, then letters and digits, at most ${NAME_CHARS_MAX} in all`,
  },
  codes: {
    ...NAMES,
    actualDischargeFromBarge: { ...NAMES.unitBargeDischargeActual },
  },
  types: {
    announced: notContainer,
    received: notContainer,
    loading: noWord,
    loaded: { code: 'actualLoadedOnVessel' },
    unloaded: { none: 'the terminal says discharged, and of vessel, rail and barge only' },
    discharged: { code: 'actualDischargeFromVessel' },
    'gated-in': { code: 'actualGateIn' },
    'gated-out': { code: 'actualGateOut' },
    arrived: { code: 'actualVesselArrival' },
    departed: { code: 'actualVesselDeparture' },
    'in-transit': noWord,
    stuffed: { none: 'TradeLens has a name, the terminal lists none' },
    stripped: { none: 'TradeLens has a name, the terminal lists none' },
    shifted: { code: 'shiftCell' },
    sealed: noWord,
    resealed: noWord,
    'seal-removed': noWord,
    inspected: noWord,
    held: { none: 'only a hold by customs has a name' },
    released: { code: 'containerFullRelease' },
    'customs-held': { code: 'customsHold' },
    'customs-released': { code: 'customsRelease' },
    'picked-up': { none: 'happens at the customer, not at the terminal' },
    'dropped-off': { none: 'happens at the customer, not at the terminal' },
    'forwarded-to-service-point': notContainer,
    'arrived-at-service-point': notContainer,
    'handed-to-service-point': notContainer,
    'collection-deadline-extended': notContainer,
    delivered: noWord,
    'not-delivered': notContainer,
    returned: noWord,
    lost: noWord,
    'communication-sent': notContainer,
    'communication-received': notContainer,
    'communication-failed': notContainer,
    'booking-failed': notContainer,
    other: { none: 'said only where the source told one of the 24 names in codes.terminal' },
  },
};
