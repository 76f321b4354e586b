/**
 * Writes a batch that is made up, in one transaction: by what is remembered of the wishes of its
 * units' parties, or, where that has just changed, by a statement that looks them up. So an event makes its
 * way also while subscriptions come and go all the time, only not as cheaply.
 */
import type { RecordedEvent } from '../../events/event.ts';
import { matchableOf } from '../../events/subscription.ts';
import type { Database } from '../database.ts';
import { settleLeaving } from '../subscriptions/settle-leaving.ts';
import type { Prepared } from './prepare.ts';
import {
  createEventWriter,
  isStale,
  type Matching,
  type OrganizationVersion,
  type ReferenceVersion,
  type Telling,
  type Written,
  type WrittenRow,
} from './write-events.ts';

export interface BatchWriterOptions {
  readonly database: Database;
  readonly nowMs: () => number;
  readonly unsaidIn: (event: RecordedEvent) => readonly string[];
  /** What was remembered for this event counts no more. */
  readonly forget: (item: Prepared) => void;
}

/**
 * The rows of what was written, or else the items whose reference was booked anew since it was looked
 * up: then nothing was written, and the others may be tried again at once.
 */
export type WriteBatch = (
  items: readonly Prepared[],
) => Promise<readonly WrittenRow[] | { readonly stale: ReadonlySet<Prepared> }>;

/** Where wishes have just changed they may well change again: trying first would be for nothing. */
const restlessMs = 100;

export function createBatchWriter(options: BatchWriterOptions): WriteBatch {
  const { database, unsaidIn } = options;
  const writer = createEventWriter(database);
  let restlessSinceMs = Number.NEGATIVE_INFINITY;
  /** A clock that was set back must not make it last. */
  const isRestless = (nowMs: number) =>
    nowMs >= restlessSinceMs && nowMs < restlessSinceMs + restlessMs;

  async function write(
    items: readonly Prepared[],
    references: readonly ReferenceVersion[],
    nowMs: number,
  ): Promise<Written> {
    const now = new Date(nowMs).toISOString();
    const rows = items.map(({ row }) => row);
    if (!isRestless(nowMs)) {
      const organizations = organizationsOf(items);
      const tellings = tellingsOf(items);
      const written = await writer.write({ rows, references, organizations, tellings, now });
      if (!isStale(written) || written.staleReferences.size > 0) return written;
      restlessSinceMs = nowMs;
      for (const item of items) options.forget(item);
    }
    const matchings = items.map((item) => matchingOf(item, unsaidIn));
    return writer.match({ rows, references, matchings, now });
  }

  return async (items) => {
    const nowMs = options.nowMs();
    const leaving = new Set(items.flatMap((item) => item.leaving ?? []));
    const relied = referencesOf(items);
    // A statement by itself is a transaction too, and the cheapest one.
    const written = await (leaving.size === 0
      ? write(items, relied, nowMs)
      : database.transaction(async () => {
          const result = await write(items, relied, nowMs);
          if (!isStale(result)) await settleLeaving(database, [...leaving], nowMs);
          return result;
        }));
    if (!isStale(written)) return written;
    // All of a unit's events together, however they name it: they keep their order.
    const keys = new Set(
      relied.flatMap(({ referenceKey }, at) =>
        written.staleReferences.has(at) ? [referenceKey] : [],
      ),
    );
    return { stale: new Set(items.filter(({ facts }) => keys.has(facts.unit.referenceKey))) };
  };
}

/** Each version once. Where a reference comes in two, one of them is stale. */
function referencesOf(items: readonly Prepared[]): ReferenceVersion[] {
  const references = new Map<string, ReferenceVersion>();
  for (const { facts } of items) {
    references.set(`${facts.unit.version} ${facts.unit.referenceKey}`, facts.unit);
  }
  return [...references.values()];
}

function organizationsOf(items: readonly Prepared[]): OrganizationVersion[] {
  const organizations = new Set<OrganizationVersion>();
  for (const { facts } of items) {
    for (const party of facts.wishes.parties) organizations.add(party);
  }
  return [...organizations];
}

function tellingsOf(items: readonly Prepared[]): Telling[] {
  return items.flatMap(({ matches }, ord) =>
    matches.map(({ subscriptionId, endpointId, due }) => ({
      ord,
      subscriptionId,
      endpointId,
      due,
    })),
  );
}

function matchingOf(
  { waiting, facts, event }: Prepared,
  unsaidIn: BatchWriterOptions['unsaidIn'],
): Matching {
  const { types, tags } = matchableOf(waiting.draft, facts.snapshot, facts.corrected);
  return { matchKeys: facts.matchKeys, types, tags, unsaid: unsaidIn(event()) };
}
