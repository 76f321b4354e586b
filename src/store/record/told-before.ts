/**
 * Where a reference names several passages: which of them has an equal event already. The same event
 * told twice is stored once, also when a newer passage has begun in between.
 */
import type { Database } from '../database.ts';
import { duplicateKey, speakerOf, type Waiting } from './prepare.ts';
import type { VisibleUnit } from './resolve-units.ts';
import { knownEvents } from './write-events.ts';

/** Unit ids by draft; drafts that are new, or have one passage to go to, are left out. */
export async function toldBefore(
  database: Database,
  items: readonly Waiting[],
  answers: readonly (readonly VisibleUnit[])[],
): Promise<ReadonlyMap<Waiting, string>> {
  const asked = items.flatMap((item, index) => {
    const visible = answers[index] ?? [];
    if (visible.length <= 1) return [];
    return visible.map((unit) => {
      const key = duplicateKey(item.draft, speakerOf(item, unit), unit.id);
      return { item, unit: unit.id, bucket: unit.bucket, key };
    });
  });
  if (asked.length === 0) return new Map();
  const known = await knownEvents(database, asked);
  const told = asked.filter(({ key }) => known.has(key));
  return new Map(told.map(({ item, unit }) => [item, unit]));
}
