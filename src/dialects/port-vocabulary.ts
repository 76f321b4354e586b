/**
 * The part of the hub's port that knows the partners' codes: each dialect's own vocabulary merged
 * with the entries that operators add at run time. What a merged vocabulary says of a code is asked
 * through the functions below, so that decoding and encoding agree.
 */
import { CLASSIFIERS, type Classifier, EVENT_TYPES, type EventType } from '../events/types.ts';
import type { Vocabulary, VocabularyEntry } from './dialect.ts';

export interface VocabularyPort {
  /**
   * As known to this process now: a snapshot that never changes. Throws `not-found` for an unknown
   * dialect, like the calls below.
   */
  readonly of: (dialect: string) => Vocabulary;
  readonly list: (dialect: string) => Promise<VocabularyListing>;
  /**
   * Adds an entry or replaces the operator's own for that code, and knows it at once; other processes
   * know it within two seconds. Throws `invalid-input` for a code that the dialect cannot have,
   * `conflict` where another code is sent for the same type, or where there are too many entries.
   */
  readonly put: (
    dialect: string,
    entry: NewOperatorEntry,
  ) => Promise<{ readonly entry: OperatorEntry; readonly created: boolean }>;
  /** False where the operator has no entry for the code; a dialect's own are never removed. */
  readonly remove: (dialect: string, code: string) => Promise<boolean>;
}

/** What a code of a partner means, in the operator's words. */
export interface NewOperatorEntry {
  readonly code: string;
  readonly type: EventType;
  /** Absent: the code says nothing of it. */
  readonly classifier?: Classifier;
  /** In any language; absent: the dialect's own label, else the code. */
  readonly label?: string;
  /**
   * Whether events of this type, and of this classifier where one is given, are said with this code
   * from now on. One code for each type and classifier.
   */
  readonly send?: boolean;
}

export interface OperatorEntry extends NewOperatorEntry {
  readonly send: boolean;
  readonly updatedAtMs: number;
}

export interface VocabularyListing {
  /** The merged one. */
  readonly vocabulary: Vocabulary;
  readonly operator: readonly OperatorEntry[];
  /** Codes without an entry, as lately recorded; most frequent first. */
  readonly unknown: readonly UnknownCode[];
}

export interface UnknownCode {
  readonly code: string;
  /** Events with it among the newest ones recorded as `other`. */
  readonly count: number;
  readonly lastRecordedAtMs: number;
}

/* ---- one vocabulary ---------------------------------------------------------------------------- */

/** A dialect's own vocabulary with an operator's entries on top: for a code, the operator's wins. */
export function mergeVocabulary(own: Vocabulary, entries: readonly NewOperatorEntry[]): Vocabulary {
  if (entries.length === 0) return own;
  const added = entries.map((entry) => [entry.code, entryFrom(entry, own)] as const);
  // Built from pairs, so that no code can be mistaken for a member that every object has.
  const codes = Object.fromEntries([...Object.entries(own.codes), ...added]);
  const sent = sentBy(entries);
  const types = Object.fromEntries(
    EVENT_TYPES.map((type) => [type, wordOf(type, { own, codes, sent })]),
  ) as Record<EventType, Vocabulary['types'][EventType]>;
  return { ...own, codes, types, sent };
}

function entryFrom(entry: NewOperatorEntry, own: Vocabulary): VocabularyEntry {
  const { code, type, classifier, label } = entry;
  return {
    type,
    ...(classifier === undefined ? {} : { classifier }),
    label: label ?? entryOf(own, code)?.label ?? code,
    ...(label === undefined ? {} : { operatorLabel: label }),
  };
}

type Sent = NonNullable<Vocabulary['sent']>;

function sentBy(entries: readonly NewOperatorEntry[]): Sent {
  const sent = new Map<string, string>();
  for (const { code, type, classifier, send } of entries) {
    if (send === true) sent.set(sentKey(type, classifier), code);
  }
  return sent;
}

function sentKey(type: EventType, classifier: Classifier | undefined): string {
  return classifier === undefined ? type : `${type} ${classifier}`;
}

function wordOf(
  type: EventType,
  { own, codes, sent }: { own: Vocabulary; codes: Vocabulary['codes']; sent: Sent },
): Vocabulary['types'][EventType] {
  const code = sent.get(sentKey(type, undefined));
  if (code !== undefined) return { code };
  const word = own.types[type];
  if ('none' in word || codes[word.code]?.type === type) return word;
  return { none: `the operator gave the code ${word.code} another meaning` };
}

/** What the partner means by a code; undefined for one that nobody has told of. */
export function entryOf({ codes }: Vocabulary, code: string): VocabularyEntry | undefined {
  return Object.hasOwn(codes, code) ? codes[code] : undefined;
}

export type TypeAndClassifier = Readonly<{ type: EventType; classifier: Classifier }>;

/** The code that the operator chose for events of this type, if any. */
export function operatorCodeFor(
  { sent }: Vocabulary,
  { type, classifier }: TypeAndClassifier,
): string | undefined {
  return sent?.get(sentKey(type, classifier)) ?? sent?.get(type);
}

/** The code that stands for events of this type; undefined where the partner has none. */
export function codeFor(vocabulary: Vocabulary, event: TypeAndClassifier): string | undefined {
  const chosen = operatorCodeFor(vocabulary, event);
  if (chosen !== undefined) return chosen;
  const word = vocabulary.types[event.type];
  return 'code' in word ? word.code : undefined;
}

/** How each type is said, for people: one code, none and why, or codes by classifier. */
export function sayings(vocabulary: Vocabulary): readonly TypeSaying[] {
  return EVENT_TYPES.map((type) => {
    const only = CLASSIFIERS.flatMap((classifier) => {
      const code = vocabulary.sent?.get(sentKey(type, classifier));
      return code === undefined ? [] : [{ classifier, code }];
    });
    return {
      type,
      ...vocabulary.types[type],
      ...(only.length === 0 ? {} : { only }),
    };
  });
}

export interface TypeSaying {
  readonly type: EventType;
  readonly code?: string;
  /** Why there is no code. */
  readonly none?: string;
  /** Codes that go before that for one classifier. */
  readonly only?: readonly { readonly classifier: Classifier; readonly code: string }[];
}
