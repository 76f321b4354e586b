/** Whom an event is told to: pure. */
import type { EventDraft, RecordedEvent } from '../../events/event.ts';
import { isWished, type Matchable, matchableOf } from '../../events/subscription.ts';
import type { Subject } from './prepare.ts';
import type { Subscribed } from './wishes.ts';

export interface ToMatch {
  readonly draft: EventDraft;
  readonly subject: Subject;
  readonly nowMs: number;
  /** Called only when somebody wishes for the event. */
  readonly event: () => RecordedEvent;
  /** Names of the dialects that cannot say the event. */
  readonly unsaidIn: (event: RecordedEvent) => readonly string[];
}

const nobody: readonly Subscribed[] = [];

/** Each once: a subscription is found under one key of one organization. */
export function matchesOf(given: ToMatch): readonly Subscribed[] {
  const { parties, ofThisUnit } = given.subject.wishes;
  const wishes = parties.flatMap(({ ofEveryUnit }) => ofEveryUnit);
  if (wishes.length + ofThisUnit.length === 0) return nobody;
  const { snapshot, matchKeys, corrected } = given.subject;
  let told: Matchable | undefined;
  const wished = [...ofThisUnit, ...wishes].filter((wish) => {
    if (wish.expiresAtMs !== null && wish.expiresAtMs <= given.nowMs) return false;
    told ??= matchableOf(given.draft, snapshot, corrected);
    return isWished(wish, matchKeys, told);
  });
  if (wished.length === 0) return nobody;
  const unsaid = given.unsaidIn(given.event());
  return unsaid.length === 0 ? wished : wished.filter(({ dialect }) => !unsaid.includes(dialect));
}
