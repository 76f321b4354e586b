/**
 * Sets when subscriptions end that are bound to the leaving of their unit, by all that is recorded
 * of the unit. Runs in the transaction that recorded an event or made the subscription.
 *
 * First the subscriptions are locked, then the events are read by a later statement: of two
 * processes that record events of one unit at the same moment, the second sees what the first wrote.
 */
import { endsAtMs, MOVEMENT_TYPES, type Movement } from '../../events/leaving.ts';
import type { Classifier, EventType } from '../../events/types.ts';
import { bucketOfId } from '../../lib/id.ts';
import { present } from '../../lib/present.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { aliveStates } from './alive.ts';

/** A passage has some tens; of more the newest decide. */
const movementsMax = 1_000;

const bound = {
  name: 'leaving-bound',
  // By subscriptions_leaving. In the order of ids, like every lock on several subscriptions.
  text: `select id, leaving_unit_id as unit, ends_after_leaving_ms as "afterMs",
      created_at as "createdAt", expires_at as "expiresAt"
    from subscriptions
    where leaving_unit_id = any ($1::uuid[]) and state in ${aliveStates}
      and (expires_at is null or expires_at > $2)
    order by id for no key update`,
};

interface BoundRow {
  readonly id: string;
  readonly unit: string;
  readonly afterMs: number;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

const movements = {
  name: 'leaving-movements',
  // By events_of_unit, from its end.
  text: `select u.id as unit, e.*
    from unnest($1::smallint[], $2::uuid[]) as u (bucket, id)
    cross join lateral (
      select e.id, e.type, e.classifier, e.occurred_at as "occurredAt",
        e.recorded_at as "recordedAt", e.replaces, e.retracts
      from events e
      where e.bucket = u.bucket and e.unit_id = u.id
        and ((e.type = any ($3::text[]) and e.classifier = 'actual')
          or e.replaces is not null or e.retracts is not null)
      order by e.occurred_at desc, e.id desc limit ${movementsMax}
    ) e`,
};

interface MovementRow {
  readonly unit: string;
  readonly id: string;
  readonly type: EventType;
  readonly classifier: Classifier;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly replaces: string | null;
  readonly retracts: string | null;
}

const set = {
  name: 'leaving-set',
  text: `update subscriptions s set expires_at = t.at
    from unnest($1::uuid[], $2::timestamptz[]) as t (id, at) where s.id = t.id`,
};

/** One that has ended stays ended: its time was over before this was known. */
export async function settleLeaving(
  database: Database,
  units: readonly string[],
  nowMs: number,
): Promise<void> {
  const rows = await database.query<BoundRow>(bound, [units, timestamp(nowMs)]);
  if (rows.length === 0) return;
  const histories = await readMovements(database, [...new Set(rows.map((row) => row.unit))]);
  const changed = rows
    .map((row) => ({ ...row, endsMs: endOf(row, histories.get(row.unit) ?? []) }))
    .filter((row) => row.endsMs !== row.expiresAt?.getTime());
  if (changed.length === 0) return;
  await database.query(set, [
    changed.map((row) => row.id),
    changed.map((row) => (row.endsMs === undefined ? null : timestamp(row.endsMs))),
  ]);
}

function endOf({ createdAt, afterMs }: BoundRow, history: readonly Movement[]): number | undefined {
  return endsAtMs(history, { createdAtMs: createdAt.getTime(), afterMs });
}

async function readMovements(
  database: Database,
  units: readonly string[],
): Promise<ReadonlyMap<string, readonly Movement[]>> {
  const histories = new Map<string, Movement[]>(units.map((unit) => [unit, []]));
  const rows = await database.query<MovementRow>(movements, [
    units.map((unit) => bucketOfId(unit) ?? null),
    units,
    MOVEMENT_TYPES,
  ]);
  for (const row of rows) histories.get(row.unit)?.push(movementOf(row));
  return histories;
}

function movementOf(row: MovementRow): Movement {
  const { id, type, classifier, replaces, retracts } = row;
  const times = { occurredAtMs: row.occurredAt.getTime(), recordedAtMs: row.recordedAt.getTime() };
  return { id, type, classifier, ...times, ...present({ replaces, retracts }) };
}
