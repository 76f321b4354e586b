/**
 * Which passage of a unit an event belongs to. A container's number comes back with every voyage,
 * so a reference may match several handling units; an SPI or a unit id names one, and then there
 * is nothing to choose. Pure. No partner publishes a rule for the rest, so the rules are ours:
 *
 * 1. Documents decide: an event that names a document belongs to the passage travelling under it.
 * 2. Else time decides. An event from a passage's first event on belongs to it or to a newer one.
 *    Before a newer passage has any event, it begins when the one before has ended: a closing
 *    event was its last word, or nothing was heard of it for 30 days. Once it has one, what lies
 *    between the two belongs to the nearer: a late aftermath stays with what it follows.
 *
 * So a late event of the old passage does not land on the new one, and a booking made ahead does
 * not draw the events of the passage that is still under way.
 */
import type { DocumentReference } from './event.ts';
import type { EventType } from './types.ts';

/** After one of these the unit has left; what follows without a new booking is an aftermath. */
export const CLOSING_TYPES = [
  'gated-out',
  'departed',
  'delivered',
  'returned',
  'lost',
] as const satisfies readonly EventType[];

export const idleMsMax = 30 * 86_400_000;

/** What is known of a passage's actual events by now. */
export interface PassageTimes {
  /** Epoch milliseconds of the earliest and of the latest actual event. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly hasClosed: boolean;
}

export interface Passage {
  /** A uuid v7 of the hub: sorts by the time of booking. */
  readonly id: string;
  readonly documents: readonly DocumentReference[];
  readonly createdAtMs: number;
  /** Absent while there is no actual event. */
  readonly times?: PassageTimes | undefined;
}

export interface Occurrence {
  readonly occurredAtMs: number;
  readonly documents: readonly DocumentReference[];
}

const sameDocument = (one: DocumentReference, other: DocumentReference) =>
  one.type === other.type && one.reference === other.reference;

/** Whether one of these is among the documents of the passage. */
export function travelsUnder(
  passage: Pick<Passage, 'documents'>,
  documents: readonly DocumentReference[],
): boolean {
  return documents.some((document) =>
    passage.documents.some((known) => sameDocument(known, document)),
  );
}

function hasEndedBefore(passage: Passage, next: Passage, timeMs: number): boolean {
  const { times } = passage;
  if (times === undefined) return timeMs >= next.createdAtMs;
  return timeMs > times.lastMs && (times.hasClosed || timeMs - times.lastMs > idleMsMax);
}

/** Whether a time between two passages, both heard of, is nearer to the older one's end. */
function isAftermath(older: Passage, next: Passage, timeMs: number): boolean {
  if (older.times === undefined || next.times === undefined) return false;
  return timeMs - older.times.lastMs <= next.times.firstMs - timeMs;
}

/**
 * In the order of their booking; those that have events among them in the order of these, since an
 * older passage may be booked after a newer one.
 */
function newestFirst<T extends Passage>(passages: readonly T[]): T[] {
  const byBooking = [...passages].sort((one, other) => (one.id < other.id ? 1 : -1));
  const begun = byBooking
    .filter(({ times }) => times !== undefined)
    .sort((one, other) => (other.times?.firstMs ?? 0) - (one.times?.firstMs ?? 0))
    .values();
  return byBooking.map((passage) =>
    passage.times === undefined ? passage : (begun.next().value ?? passage),
  );
}

/** The passage an event belongs to; undefined when there is none. */
export function choosePassage<T extends Passage>(
  passages: readonly T[],
  { occurredAtMs, documents }: Occurrence,
): T | undefined {
  const byDocument = passages.filter((passage) => travelsUnder(passage, documents));
  const choice = byDocument.length > 0 ? byDocument : [...passages];
  const ordered = newestFirst(choice);
  for (const [index, passage] of ordered.entries()) {
    const older = ordered[index + 1];
    if (older === undefined) return passage;
    if (passage.times !== undefined && occurredAtMs >= passage.times.firstMs) return passage;
    if (!hasEndedBefore(older, passage, occurredAtMs)) continue;
    if (!isAftermath(older, passage, occurredAtMs)) return passage;
  }
  return undefined;
}

/** What is known of a passage once this event has been recorded on it too. */
export function withOccurrence(
  times: PassageTimes | undefined,
  event: { readonly type: EventType; readonly occurredAtMs: number },
): PassageTimes {
  const closes = (CLOSING_TYPES as readonly EventType[]).includes(event.type);
  return {
    firstMs: Math.min(times?.firstMs ?? event.occurredAtMs, event.occurredAtMs),
    lastMs: Math.max(times?.lastMs ?? event.occurredAtMs, event.occurredAtMs),
    hasClosed: closes || (times?.hasClosed ?? false),
  };
}
