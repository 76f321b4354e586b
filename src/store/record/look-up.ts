/**
 * Finds out what a batch of drafts speaks of: its units with the rights of the askers, what it
 * corrects, who tells it. What can be used again is remembered.
 */
import type { Database } from '../database.ts';
import type { KnownUnits } from './known-units.ts';
import { createOrganizationNames, type OrganizationNames } from './organization-names.ts';
import { passageTimes } from './passage-times.ts';
import {
  correctedBy,
  isPlain,
  judge,
  type Known,
  questionOf,
  type Rejection,
  type Subject,
  speakerOf,
  unstorable,
  type Waiting,
} from './prepare.ts';
import { knownOrganizations, relatedEvents } from './related-events.ts';
import { resolveUnits, type VisibleUnit } from './resolve-units.ts';
import { toldBefore } from './told-before.ts';
import { unitFactsOf } from './unit-facts.ts';

/** What a draft is about, or why it is refused. */
export type Resolved = Subject | Rejection;

/** Results in the order of the items. */
export type LookUp = (items: readonly Waiting[]) => Promise<Resolved[]>;

export function createLookUp(database: Database, knownUnits: KnownUnits): LookUp {
  const namesOf = createOrganizationNames(database);
  return async (items) => {
    const [units, told] = await Promise.all([
      resolveUnits(database, items.map(questionOf)),
      knownTo(database, items),
    ]);
    const [times, toldOn] = await Promise.all([
      passageTimes(database, units),
      toldBefore(database, items, units),
    ]);
    const known = { ...told, times, toldOn };
    const judged = items.map((item, index) => judge(item, units[index] ?? [], known));
    const answers = await named(items, judged, { namesOf, known });
    items.forEach((item, index) => {
      const answer = answers[index];
      if (answer === undefined || 'status' in answer || !isPlain(item)) return;
      knownUnits.keep(item, units[index] ?? [], answer);
    });
    return answers;
  };
}

async function knownTo(
  database: Database,
  items: readonly Waiting[],
): Promise<Pick<Known, 'related' | 'organizations'>> {
  const events: string[] = [];
  const organizations: string[] = [];
  for (const { principal, draft } of items) {
    if (draft.replaces !== undefined) events.push(draft.replaces);
    if (draft.retracts !== undefined) events.push(draft.retracts);
    const speaker = draft.source.organization;
    if (principal.organization === undefined && speaker !== undefined) organizations.push(speaker);
  }
  return {
    related: await relatedEvents(database, events),
    organizations: await knownOrganizations(database, organizations),
  };
}

async function named(
  items: readonly Waiting[],
  judged: readonly (VisibleUnit | Rejection)[],
  { namesOf, known }: { readonly namesOf: OrganizationNames; readonly known: Known },
): Promise<Resolved[]> {
  const speakers = items.map((item, index) => {
    const unit = judged[index];
    return unit === undefined || 'status' in unit ? undefined : speakerOf(item, unit);
  });
  const names = await namesOf(new Set(speakers.filter((speaker) => speaker !== undefined)));
  return items.map(({ draft }, index) => {
    const unit = judged[index] ?? unstorable;
    if ('status' in unit) return unit;
    const corrected = correctedBy(draft, known.related);
    return { ...unitFactsOf(unit, names.get(speakers[index] ?? '')), corrected };
  });
}
