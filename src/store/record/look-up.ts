/**
 * Finds out what a batch of drafts speaks of: its units with the rights of the askers, what it
 * corrects, who tells it, who may be told. What can be used again is remembered.
 */
import { matchKeysOf } from '../../events/subscription.ts';
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
  type Waiting,
} from './prepare.ts';
import { knownOrganizations, relatedEvents } from './related-events.ts';
import { resolveUnits, type VisibleUnit } from './resolve-units.ts';
import { toldBefore } from './told-before.ts';
import { type KeyedUnit, snapshotOf, unitFactsOf } from './unit-facts.ts';
import { createFindWishes, type FindWishes, type UnitWishes } from './wishes.ts';

/** What a draft is about, or why it is refused. */
export type Resolved = Subject | Rejection;

/** Results in the order of the items. */
export type LookUp = (items: readonly Waiting[]) => Promise<Resolved[]>;

export function createLookUp(database: Database, knownUnits: KnownUnits): LookUp {
  const namesOf = createOrganizationNames(database);
  const findWishes = createFindWishes(database);
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
    const [names, wishes] = await Promise.all([
      speakerNames(items, judged, namesOf),
      wishesOf(judged, findWishes),
    ]);
    const answers = items.map((item, index) => {
      const unit = judged[index];
      if (unit === undefined || 'status' in unit) return unit;
      const found = wishes.get(unit.id);
      if (found === undefined) return undefined;
      const facts = unitFactsOf(found.keyed, found.wishes, names.get(speakerOf(item, unit)));
      return { ...facts, corrected: correctedBy(item.draft, known.related) };
    });
    return answers.map((answer, index) => {
      const item = items[index];
      if (answer === undefined || item === undefined) throw new Error('a draft without an answer');
      if (!('status' in answer) && isPlain(item)) {
        knownUnits.keep(item, units[index] ?? [], answer);
      }
      return answer;
    });
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

function speakerNames(
  items: readonly Waiting[],
  judged: readonly (VisibleUnit | Rejection)[],
  namesOf: OrganizationNames,
): Promise<ReadonlyMap<string, string>> {
  const speakers = new Set<string>();
  items.forEach((item, index) => {
    const unit = judged[index];
    if (unit !== undefined && !('status' in unit)) speakers.add(speakerOf(item, unit));
  });
  return namesOf(speakers);
}

/** By unit id; a unit of several drafts is asked for once. */
async function wishesOf(
  judged: readonly (VisibleUnit | Rejection)[],
  findWishes: FindWishes,
): Promise<ReadonlyMap<string, { readonly keyed: KeyedUnit; readonly wishes: UnitWishes }>> {
  const keyed = new Map<string, KeyedUnit>();
  for (const unit of judged) {
    if ('status' in unit || keyed.has(unit.id)) continue;
    const snapshot = snapshotOf(unit);
    keyed.set(unit.id, { unit, snapshot, matchKeys: matchKeysOf(snapshot) });
  }
  const units = [...keyed.values()];
  const asked = units.map(({ unit: { bucket, id }, matchKeys }) => ({
    bucket,
    unit: id,
    matchKeys,
  }));
  const found = await findWishes(asked);
  const pairs = units.map((one, index) => {
    const wishes = found[index] ?? { parties: [], ofThisUnit: [] };
    return [one.unit.id, { keyed: one, wishes }] as const;
  });
  return new Map(pairs);
}
