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
  type Matching,
  type OrganizationVersion,
  type ReferenceVersion,
  type Telling,
  type Written,
} from './write-events.ts';

export interface BatchWriterOptions {
  readonly database: Database;
  readonly nowMs: () => number;
  readonly unsaidIn: (event: RecordedEvent) => readonly string[];
  /** What was remembered for this event counts no more. */
  readonly forget: (item: Prepared) => void;
}

/** `stale`: a reference was booked anew since it was looked up, and nothing was written. */
export type WriteBatch = (items: readonly Prepared[]) => Promise<Written>;

/** Where wishes have just changed they may well change again: trying first would be for nothing. */
const restlessMs = 100;

export function createBatchWriter(options: BatchWriterOptions): WriteBatch {
  const { database, unsaidIn } = options;
  const writer = createEventWriter(database);
  let restlessUntilMs = 0;

  async function write(items: readonly Prepared[], nowMs: number): Promise<Written> {
    const now = new Date(nowMs).toISOString();
    const rows = items.map(({ row }) => row);
    const references = referencesOf(items);
    if (nowMs >= restlessUntilMs) {
      const organizations = organizationsOf(items);
      const tellings = tellingsOf(items);
      const written = await writer.write({ rows, references, organizations, tellings, now });
      if (written !== 'stale') return written;
      restlessUntilMs = nowMs + restlessMs;
      for (const item of items) options.forget(item);
    }
    const matchings = items.map((item) => matchingOf(item, unsaidIn));
    return writer.match({ rows, references, matchings, now });
  }

  return async (items) => {
    const nowMs = options.nowMs();
    const leaving = new Set(items.flatMap((item) => item.leaving ?? []));
    // A statement by itself is a transaction too, and the cheapest one.
    if (leaving.size === 0) return write(items, nowMs);
    return database.transaction(async () => {
      const written = await write(items, nowMs);
      if (written !== 'stale') await settleLeaving(database, [...leaving], nowMs);
      return written;
    });
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
