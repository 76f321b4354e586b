/**
 * The events that a subscription asks for from the past: those that it would have been told had it
 * been there, by the same rules as recording, of units that its organization may see today. As in
 * recording, an event is matched by its unit as it was when the event was recorded.
 */
import type { RecordedEvent } from '../../events/event.ts';
import { bucketOf, referenceKey } from '../../events/identifiers.ts';
import { invalid } from '../../events/problem.ts';
import { matchesFilter, type SubscriptionFilter } from '../../events/subscription.ts';
import { bucketOfId, lowerBoundId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { createPlaceholders, type Placeholders, timestamp } from '../placeholders.ts';
import { relatedEvents } from '../record/related-events.ts';
import { type EventRow, eventColumns, eventFromRow } from '../rows.ts';

export interface Wish {
  readonly subscriptionId: string;
  readonly organization: string;
  readonly dialect: string;
  readonly filter: SubscriptionFilter;
  readonly sinceMs: number;
}

export interface PastParts {
  readonly database: Database;
  /** Dialects that cannot say an event: their subscriptions are not told of it. */
  readonly unsaidIn?: (event: RecordedEvent) => readonly string[];
}

export interface PastEvent {
  readonly bucket: number;
  readonly id: string;
  readonly unitId: string;
  readonly recordedAtMs: number;
}

export const pastEventsMax = 100_000;
const unitsPerPage = 1_000;
const eventsPerPage = 10_000;
/** An id is made a moment before its event gets its time, and clocks are not set by a day. */
const idSlackMs = 86_400_000;
const nil = '00000000-0000-0000-0000-000000000000';

interface UnitKey {
  readonly bucket: number;
  readonly id: string;
}

/**
 * In the order of their recording, without those that it has a delivery of already. Throws
 * `invalid-input` naming `since` where they are more than `eventsMax`.
 */
export async function readPastEvents(
  parts: PastParts,
  wish: Wish,
  eventsMax: number,
): Promise<PastEvent[]> {
  const { database } = parts;
  const past: PastEvent[] = [];
  const made = await queuedEvents(database, wish.subscriptionId);
  for await (const { event, corrected } of candidates(database, wish)) {
    if (made.has(event.id) || !matchesFilter(wish.filter, event, corrected)) continue;
    if (parts.unsaidIn?.(event).includes(wish.dialect) === true) continue;
    if (past.length >= eventsMax) {
      const message = `asks for more than ${eventsMax} past events; give a later time`;
      throw invalid('since', message, 'maximum');
    }
    const { id, unit, recordedAtMs } = event;
    past.push({ bucket: bucketOfId(id) ?? 0, id, unitId: unit.id, recordedAtMs });
  }
  // A delivery and its event are committed together, so this later look misses none of those that
  // were made while the pages were read.
  const madeSince = await queuedEvents(database, wish.subscriptionId);
  return past.filter(({ id }) => !madeSince.has(id)).sort(byRecording);
}

const queued = {
  name: 'subscription-queued-events',
  // By deliveries_of_subscription.
  text: 'select event_id as event from deliveries where subscription_id = $1',
};

/** Those that it has a delivery of. They are few: what was recorded since it is there. */
async function queuedEvents(database: Database, id: string): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ event: string }>(queued, [id]);
  return new Set(rows.map(({ event }) => event));
}

function byRecording(one: PastEvent, other: PastEvent): number {
  return one.recordedAtMs - other.recordedAtMs || (one.id < other.id ? -1 : 1);
}

interface Candidate {
  readonly event: RecordedEvent;
  /** What it replaces or retracts. */
  readonly corrected: RecordedEvent | undefined;
}

async function* candidates(database: Database, wish: Wish): AsyncGenerator<Candidate> {
  let after = nil;
  for (let isMore = true; isMore; ) {
    const units = await unitsOf(database, wish, after);
    if (units.length > 0) yield* eventsOf(database, wish, units);
    after = units.at(-1)?.id ?? after;
    isMore = units.length === unitsPerPage;
  }
}

/** Behind `after`, in the order of their ids. */
async function unitsOf(database: Database, wish: Wish, after: string): Promise<UnitKey[]> {
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  const named = namedUnits(wish.filter, placeholders);
  if (named === undefined) return [];
  const seen = add(wish.organization);
  const behind = add(after);
  // unit_parties_by_organization gives everything one sees in order; what is named is little.
  const text =
    named === 'all'
      ? `select distinct on (p.unit_id) p.bucket, p.unit_id as id from unit_parties p
         where p.organization_id = ${seen} and p.unit_id > ${behind}
         order by p.unit_id limit ${unitsPerPage}`
      : `select distinct on (u.id) u.bucket, u.id from (${named}) u
         where u.id > ${behind} and exists (
           select from unit_parties p
           where p.bucket = u.bucket and p.unit_id = u.id and p.organization_id = ${seen})
         order by u.id limit ${unitsPerPage}`;
  return database.query<UnitKey>(text, values);
}

/**
 * By the most selective wish, which is the one that recording looks a subscription up by. Undefined
 * where no unit can match. Of documents, also those that a unit has left since.
 */
function namedUnits(
  { unit, spi, reference, document }: SubscriptionFilter,
  { add }: Placeholders,
): string | 'all' | undefined {
  if (unit !== undefined) {
    const bucket = bucketOfId(unit);
    if (bucket === undefined) return undefined;
    return `select ${add(bucket)}::smallint as bucket, ${add(unit)}::uuid as id`;
  }
  if (spi !== undefined) return `select bucket, id from units where spi = ${add(spi)}`;
  if (reference !== undefined) {
    const key = referenceKey(reference);
    return `select bucket, id from units
      where bucket = ${add(bucketOf(key))} and reference_key = ${add(key)}`;
  }
  if (document === undefined) return 'all';
  const named = add(JSON.stringify([{ reference: document }]));
  return `select v.bucket, v.unit_id as id from unit_versions v
    where v.content -> 'documents' @> ${named}::jsonb`;
}

/*
 * By events_of_unit, unit by unit, which `offset 0` makes sure of. The bound on ids leaves out the
 * partitions of earlier months. Whether there is a delivery is not asked here: on tables that were
 * not analysed lately, the planner compares every event with every delivery of its bucket.
 */
const page = `
  select ${eventColumns('e')}
  from unnest($1::smallint[], $2::uuid[]) as u (bucket, id)
  cross join lateral (
    select * from events e
    where e.bucket = u.bucket and e.unit_id = u.id and e.recorded_at >= $3 and e.id >= $4
      and ($5::text[] is null or e.type = any ($5) or e.replaces is not null
        or e.retracts is not null)
      and (u.id, e.id) > ($6, $7)
    offset 0
  ) e
  order by e.unit_id, e.id limit ${eventsPerPage}`;

async function* eventsOf(
  database: Database,
  { filter, sinceMs }: Wish,
  units: readonly UnitKey[],
): AsyncGenerator<Candidate> {
  let after: readonly [unit: string, event: string] = [nil, nil];
  for (let isMore = true; isMore; ) {
    const rows = await database.query<EventRow>(page, [
      units.map((unit) => unit.bucket),
      units.map((unit) => unit.id),
      timestamp(sinceMs),
      lowerBoundId(Math.max(0, sinceMs - idSlackMs)),
      filter.types ?? null,
      ...after,
    ]);
    yield* await withCorrected(database, rows.map(eventFromRow));
    const last = rows.at(-1);
    if (last !== undefined) after = [last.unitId, last.id];
    isMore = rows.length === eventsPerPage;
  }
}

async function withCorrected(
  database: Database,
  events: readonly RecordedEvent[],
): Promise<Candidate[]> {
  const idOf = ({ replaces, retracts }: RecordedEvent) => replaces ?? retracts;
  const ids = events.map(idOf).filter((id) => id !== undefined);
  const known = await relatedEvents(database, ids);
  return events.map((event) => ({ event, corrected: known.get(idOf(event) ?? '') }));
}
