/** Whom an event is told to: pure. */
import type { EventDraft } from '../../events/event.ts';
import {
  isOfType,
  isWished,
  type Matchable,
  matchableOf,
  typesOf,
} from '../../events/subscription.ts';
import type { Subject } from './prepare.ts';
import type { Subscribed } from './wishes.ts';

export interface ToMatch {
  readonly draft: EventDraft;
  readonly subject: Subject;
  readonly nowMs: number;
}

const nobody: readonly Subscribed[] = [];

/**
 * Each once, since a subscription is found under one key of one organization. Nothing is made before
 * somebody may wish for the event: most concern nobody.
 */
export function wishedBy({ draft, subject, nowMs }: ToMatch): readonly Subscribed[] {
  const { snapshot, matchKeys, wishes, corrected } = subject;
  let types: Matchable['types'] | undefined;
  let told: Matchable | undefined;
  let wished: Subscribed[] | undefined;
  const take = (wish: Subscribed): void => {
    if (wish.expiresAtMs !== null && wish.expiresAtMs <= nowMs) return;
    types ??= typesOf(draft, corrected);
    if (!isOfType(wish, types)) return;
    told ??= matchableOf(draft, snapshot, corrected);
    if (!isWished(wish, matchKeys, told)) return;
    wished ??= [];
    wished.push(wish);
  };
  for (const wish of wishes.ofThisUnit) take(wish);
  for (const { ofEveryUnit } of wishes.parties) for (const wish of ofEveryUnit) take(wish);
  return wished ?? nobody;
}

/** Those of them whose dialect can say the event. */
export function toldTo(
  wished: readonly Subscribed[],
  unsaid: readonly string[],
): readonly Subscribed[] {
  return unsaid.length === 0 ? wished : wished.filter(({ dialect }) => !unsaid.includes(dialect));
}
