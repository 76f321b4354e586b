/**
 * Which records of a unit no longer hold. Records that name each other in `replaces` or `retracts`
 * are versions of one event, and the newest version alone holds; where that is a retraction, none
 * does. Senders often keep the id of their first record and correct that one again and again: the
 * second correction takes the place of the first, though it does not name it. Ours. Pure.
 */

export interface Version {
  /** A uuid v7 of the hub: sorts by the time of recording. */
  readonly id: string;
  readonly replaces?: string | undefined;
  readonly retracts?: string | undefined;
}

/**
 * Ids of the records that a later one has withdrawn, by name or by being a later version. The
 * condition `holds` of the store says the same in SQL. A retraction that is the newest version is
 * not among them, but is no event that holds either.
 */
export function withdrawnIds(records: readonly Version[]): ReadonlySet<string> {
  return withdrawnAmong(targetsOf(records));
}

function withdrawnAmong(targets: ReadonlyMap<string, string>): ReadonlySet<string> {
  const withdrawn = new Set(targets.values());
  const newest = new Map<string, string>();
  const unnamed = [...targets.keys()].filter((id) => !withdrawn.has(id)).sort();
  for (const id of unnamed) {
    const first = firstVersion(id, targets);
    const older = newest.get(first);
    if (older !== undefined) withdrawn.add(older);
    newest.set(first, id);
  }
  return withdrawn;
}

/**
 * The newest version of the event of which `id` is one; a retraction where it was withdrawn, whichever
 * version that named. Undefined where it is not among the records.
 */
export function newestVersion<T extends Version>(id: string, records: readonly T[]): T | undefined {
  const targets = targetsOf(records);
  const withdrawn = withdrawnAmong(targets);
  const first = firstVersion(id, targets);
  return records.find(
    (record) => !withdrawn.has(record.id) && firstVersion(record.id, targets) === first,
  );
}

/** Whether the event of which this is a version was withdrawn. */
export function isRetracted(id: string, records: readonly Version[]): boolean {
  return newestVersion(id, records)?.retracts !== undefined;
}

function targetsOf(records: readonly Version[]): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  for (const { id, replaces, retracts } of records) {
    const target = replaces ?? retracts;
    if (target !== undefined) targets.set(id, target);
  }
  return targets;
}

/** A record can only name one that was recorded before it; a circle would be somebody's damage. */
function firstVersion(id: string, targets: ReadonlyMap<string, string>): string {
  const seen = new Set([id]);
  let first = id;
  for (let next = targets.get(id); next !== undefined; next = targets.get(next)) {
    if (seen.has(next)) break;
    seen.add(next);
    first = next;
  }
  return first;
}
