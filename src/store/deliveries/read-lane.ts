/** Reads the next deliveries of an endpoint into its lane, with the events that they tell. */
import type { RecordedEvent } from '../../events/event.ts';
import type { Database } from '../database.ts';
import { type EventRow, eventColumns, eventFromRow } from '../rows.ts';

export interface LaneRequest {
  readonly endpointId: string;
  /** Buckets that are ours; undefined means all. */
  readonly buckets: readonly number[] | undefined;
  readonly afterPosition: number;
  /** Deliveries returned at most, those that are held back not counted. */
  readonly limit: number;
  /** Rows looked at, at most: bounds the work where very many are held back. */
  readonly rowsMax: number;
}

export interface WaitingDelivery {
  readonly bucket: number;
  readonly id: string;
  readonly position: number;
  readonly subscriptionId: string;
  readonly unitId: string;
  readonly sequence: number;
  /** Kept back because its subscription is paused or disabled. */
  readonly isHeld: boolean;
  /** By the database's clock, so that clocks of different machines do not matter. */
  readonly dueInMs: number;
  readonly attemptCount: number;
  readonly payload: string | undefined;
  /** Undefined where it is held back, and where retention has dropped the event. */
  readonly event: RecordedEvent | undefined;
  /** Of the request that registered the event, where it was traced. */
  readonly traceparent?: string | undefined;
}

export interface LanePage {
  readonly deliveries: readonly WaitingDelivery[];
  /** Whether this was all there is behind `afterPosition`. */
  readonly isComplete: boolean;
  /** The endpoint's last position when this was read: everything up to it was visible. */
  readonly lastPosition: number;
}

interface Row {
  readonly lastPosition: number | null;
  readonly deliveryId: string | null;
  readonly bucket: number;
  readonly position: number;
  readonly subscriptionId: string;
  readonly deliveryUnitId: string;
  readonly sequence: number;
  readonly isHeld: boolean;
  readonly dueInMs: number;
  readonly attemptCount: number;
  readonly payload: string | null;
  readonly traceparent: string | null;
}

type MaybeEvent = { readonly [K in keyof EventRow]: EventRow[K] | null };

/*
 * By deliveries_of_endpoint and the events' primary key. Without a name, so that it is planned for
 * the table as it is now and never reads all of it.
 *
 * A delivery without an attempt is due whatever its due time says: that was set by a hub's clock.
 * The running count ends the scan at the last row wanted (a run condition): with `limit` below
 * `rowsMax`, reading all those rows for each page cost more than everything else of a drain.
 *
 * Nor may the planner guess from `rowsMax` that it pays to read all events: the `limit 1` makes it
 * look up each by its key.
 *
 * One statement, so the counter and the rows are of the same moment.
 */
const text = `
with page as materialized (
  select * from (
    select d.*, d.due_at = 'infinity' as is_held,
      count(*) filter (where d.due_at < 'infinity')
        over (order by d.position rows unbounded preceding) as place
    from (
      select * from deliveries
      where endpoint_id = $1 and position > $2
        and ($3::smallint[] is null or bucket = any ($3::smallint[]))
      order by position limit $4
    ) d
  ) d where place <= $5
)
select c.last_position as "lastPosition", p.id as "deliveryId", p.bucket, p.position,
  p.subscription_id as "subscriptionId", p.unit_id as "deliveryUnitId", p.sequence,
  p.is_held as "isHeld",
  case when p.is_held or p.attempt_count = 0 then 0
    else greatest(0, extract(epoch from p.due_at - clock_timestamp()) * 1000)::float8
    end as "dueInMs",
  p.attempt_count as "attemptCount", p.payload, e.traceparent, ${eventColumns('e')}
from (select 1) one
left join endpoint_positions c on c.endpoint_id = $1
left join page p on true
left join lateral (
  select * from events e
  where e.bucket = p.bucket and e.id = p.event_id and not p.is_held limit 1
) e on true
order by p.position`;

export async function readLane(database: Database, request: LaneRequest): Promise<LanePage> {
  const { endpointId, buckets, afterPosition, limit, rowsMax } = request;
  const rows = await database.query<Row & MaybeEvent>(text, [
    endpointId,
    afterPosition,
    buckets ?? null,
    rowsMax,
    limit,
  ]);
  const deliveries: WaitingDelivery[] = [];
  let due = 0;
  for (const row of rows) {
    if (row.deliveryId === null) continue;
    if (!row.isHeld) due += 1;
    deliveries.push(deliveryOf(row, row.deliveryId));
  }
  return {
    deliveries,
    isComplete: due < limit && deliveries.length < rowsMax,
    lastPosition: rows[0]?.lastPosition ?? 0,
  };
}

function deliveryOf(row: Row & MaybeEvent, id: string): WaitingDelivery {
  return {
    id,
    bucket: row.bucket,
    position: row.position,
    subscriptionId: row.subscriptionId,
    unitId: row.deliveryUnitId,
    sequence: row.sequence,
    isHeld: row.isHeld,
    dueInMs: row.dueInMs,
    attemptCount: row.attemptCount,
    payload: row.payload ?? undefined,
    event: hasEvent(row) ? eventFromRow(row) : undefined,
    traceparent: row.traceparent ?? undefined,
  };
}

function hasEvent(row: MaybeEvent): row is EventRow {
  return row.id !== null;
}
