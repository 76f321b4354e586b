/**
 * What a subscription wishes for, and how an event is matched against it: pure.
 *
 * Subscriptions are found by an index, so it must be a look-up by equality. An
 * event offers `matchKeys`; a subscription stores exactly one `matchKey`, its most selective
 * wish, found by equality. The rest of its wishes are tags that the event must all carry, and a
 * list of types of which it must have one.
 */
import type { EventDraft, EventFacts, RecordedEvent, UnitSnapshot } from './event.ts';
import { directionOf } from './event.ts';
import { referenceKey } from './identifiers.ts';
import type { Classifier, Direction, EventType, FreightFamily, Way } from './types.ts';

/** `filling`: new, its past events are being queued; what is recorded meanwhile waits behind them. */
export const SUBSCRIPTION_STATES = ['active', 'paused', 'disabled', 'expired', 'filling'] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/** All members that are given must hold; an empty filter wishes for every event one may see. */
export interface SubscriptionFilter {
  readonly reference?: string;
  readonly spi?: string;
  /** Reference of any document that the unit travels under. */
  readonly document?: string;
  /** Id of one unit. */
  readonly unit?: string;
  readonly types?: readonly EventType[];
  readonly classifier?: Classifier;
  readonly direction?: Direction;
  readonly way?: Way;
  /** UN/LOCODE or location code of the event's place. */
  readonly place?: string;
  readonly freightFamily?: FreightFamily;
}

export interface Subscription {
  readonly id: string;
  readonly organization: string;
  readonly dialect: string;
  /** The id that the dialect's partner knows it by, where that is not `id`. */
  readonly externalId?: string;
  readonly url: string;
  readonly state: SubscriptionState;
  readonly stateReason?: string;
  readonly filter: SubscriptionFilter;
  /** What the dialect wants to remember for its pushes, e.g. the subscriber's own reference. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Events recorded from then on were asked for, also those from before the subscription. */
  readonly sinceMs?: number;
  /** When it ends by itself; moves while it is bound to the leaving of a unit. */
  readonly expiresAtMs?: number;
  /** Sequence number of the newest delivery; 0 when there was none. */
  readonly lastSequence: number;
  /** Until when the previous signing secret signs too, after a rotation. */
  readonly previousSecretUntilMs?: number;
  /** Pushes begun per second, and open at once, at most: of its address, whoever shares it. */
  readonly ratePerSecond?: number;
  readonly concurrency?: number;
  /** Since then every attempt has failed; absent where the last one that counts succeeded. */
  readonly failingSinceMs?: number;
  /** When it was told that it will be disabled if that goes on. */
  readonly warnedAtMs?: number;
  /** It is told what becomes of the other subscriptions of its organization. */
  readonly notices?: boolean;
}

/** The key of what names no unit, no reference, no SPI and no document. */
export const everyUnitKey = '*';

/** The one key under which a subscription is found: its most selective wish. */
export function matchKeyOf(filter: SubscriptionFilter): string {
  if (filter.unit !== undefined) return `unit:${filter.unit}`;
  if (filter.spi !== undefined) return `spi:${filter.spi}`;
  if (filter.reference !== undefined) return `reference:${referenceKey(filter.reference)}`;
  if (filter.document !== undefined) return `document:${filter.document}`;
  return everyUnitKey;
}

/** Every key under which subscriptions for this unit can be found. */
export function matchKeysOf(unit: UnitSnapshot): string[] {
  const keys = [everyUnitKey, `unit:${unit.id}`, `reference:${referenceKey(unit.reference)}`];
  if (unit.spi !== undefined) keys.push(`spi:${unit.spi}`);
  for (const document of unit.documents) keys.push(`document:${document.reference}`);
  return keys;
}

/** The tags an event must carry to satisfy the filter; types are matched apart. */
export function requiredTags(filter: SubscriptionFilter): string[] {
  const tags: string[] = [];
  if (filter.unit !== undefined) tags.push(`unit:${filter.unit}`);
  if (filter.spi !== undefined) tags.push(`spi:${filter.spi}`);
  if (filter.reference !== undefined) tags.push(`reference:${referenceKey(filter.reference)}`);
  if (filter.document !== undefined) tags.push(`document:${filter.document}`);
  if (filter.classifier !== undefined) tags.push(`classifier:${filter.classifier}`);
  if (filter.direction !== undefined) tags.push(`direction:${filter.direction}`);
  if (filter.way !== undefined) tags.push(`way:${filter.way}`);
  if (filter.place !== undefined) tags.push(`place:${filter.place.toUpperCase()}`);
  if (filter.freightFamily !== undefined) tags.push(`family:${filter.freightFamily}`);
  return tags;
}

/** Every tag that an event about this unit carries, beside the keys of the unit. */
function tagsOf(event: EventFacts | EventDraft, unit: UnitSnapshot): string[] {
  const tags = [`classifier:${event.classifier}`, `family:${unit.freightFamily}`];
  const direction = directionOf(event, unit.customsFlag);
  if (direction !== undefined) tags.push(`direction:${direction}`);
  if (event.way !== undefined) tags.push(`way:${event.way}`);
  const place = event.place;
  if (place?.unlocode !== undefined) tags.push(`place:${place.unlocode.toUpperCase()}`);
  if (place?.location !== undefined) tags.push(`place:${place.location.toUpperCase()}`);
  return tags;
}

/** By what an event is matched, beside the keys of its unit. */
export interface Matchable {
  /** A subscription that asks for types asks for one of these. */
  readonly types: readonly EventType[];
  /** A subscription's required tags are among these and the keys. */
  readonly tags: readonly string[];
}

/** A correction is matched by what it corrects, too: who was told the first version is told it. */
export function matchableOf(
  event: EventFacts | EventDraft,
  unit: UnitSnapshot,
  corrected: RecordedEvent | undefined,
): Matchable {
  const own = tagsOf(event, unit);
  const types = typesOf(event, corrected);
  if (corrected === undefined) return { types, tags: own };
  return {
    types,
    tags: [...own, ...matchKeysOf(corrected.unit), ...tagsOf(corrected, corrected.unit)],
  };
}

/** What a subscription asks for beside the key under which it is found. */
export interface Wish {
  /** The event must carry them all. */
  readonly requiredTags: readonly string[];
  /** Null: any type will do. */
  readonly anyType: readonly string[] | null;
}

/** What the types alone tell: for most events enough, and nothing has to be made for it. */
export function isOfType({ anyType }: Pick<Wish, 'anyType'>, types: readonly string[]): boolean {
  return anyType === null || types.some((type) => anyType.includes(type));
}

/** Those of an event; a correction counts as what it corrects, too. */
export function typesOf(
  event: Pick<EventFacts, 'type'>,
  corrected: RecordedEvent | undefined,
): Matchable['types'] {
  return corrected === undefined ? [event.type] : [event.type, corrected.type];
}

/** Whether an event is wished for, by a subscription that was found under one of the keys. */
export function isWished(
  { requiredTags, anyType }: Wish,
  keys: readonly string[],
  { types, tags }: Matchable,
): boolean {
  if (!isOfType({ anyType }, types)) return false;
  return requiredTags.every((tag) => keys.includes(tag) || tags.includes(tag));
}

/**
 * Whether a recorded event is what the filter wishes for: what recording decides by index, told of
 * one event, with its unit as it was then.
 */
export function matchesFilter(
  filter: SubscriptionFilter,
  event: RecordedEvent,
  corrected: RecordedEvent | undefined,
): boolean {
  const keys = matchKeysOf(event.unit);
  if (!keys.includes(matchKeyOf(filter))) return false;
  const wish = { requiredTags: requiredTags(filter), anyType: filter.types ?? null };
  return isWished(wish, keys, matchableOf(event, event.unit, corrected));
}
