/** Reads the next deliveries of an endpoint into its lane, with the events that they tell. */

import type { RecordedEvent } from '../../events/event.ts';
import type { Database } from '../database.ts';
import { type EventRow, eventFromRow } from '../rows.ts';

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
  /**
   * Undefined where it is held back, and where retention has dropped the event. Made anew each time:
   * a lane keeps thousands of these, and as text they take a fraction of the memory.
   */
  readonly event: RecordedEvent | undefined;
  readonly eventId: string | undefined;
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

/** Of the event; what takes time to parse is text still. */
interface EventText extends Omit<EventRow, 'recordedAt' | 'content'> {
  readonly recordedAt: string;
  readonly content: string;
}

type MaybeEvent = { readonly [K in keyof EventText]: EventText[K] | null };

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
  p.attempt_count as "attemptCount", p.payload, e.traceparent, e.id,
  e.unit_id as "unitId", e.type, e.classifier, (e.recorded_at at time zone 'UTC')::text as "recordedAt",
  e.organization_id as "organizationId", e.dialect, e.source_code as "sourceCode", e.replaces,
  e.retracts, e.content::text as content
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
    deliveries.push(new StoredDelivery(row.deliveryId, row));
  }
  return {
    deliveries,
    isComplete: due < limit && deliveries.length < rowsMax,
    lastPosition: rows[0]?.lastPosition ?? 0,
  };
}

/** Keeps the event as PostgreSQL sent it until it is asked for: see `WaitingDelivery.event`. */
class StoredDelivery implements WaitingDelivery {
  readonly id: string;
  readonly bucket: number;
  readonly position: number;
  readonly subscriptionId: string;
  readonly unitId: string;
  readonly sequence: number;
  readonly isHeld: boolean;
  readonly dueInMs: number;
  readonly attemptCount: number;
  readonly payload: string | undefined;
  readonly traceparent: string | undefined;
  readonly eventId: string | undefined;
  private readonly row: MaybeEvent;

  constructor(id: string, row: Row & MaybeEvent) {
    this.id = id;
    this.bucket = row.bucket;
    this.position = row.position;
    this.subscriptionId = row.subscriptionId;
    this.unitId = row.deliveryUnitId;
    this.sequence = row.sequence;
    this.isHeld = row.isHeld;
    this.dueInMs = row.dueInMs;
    this.attemptCount = row.attemptCount;
    this.payload = row.payload ?? undefined;
    this.traceparent = row.traceparent ?? undefined;
    this.eventId = row.id ?? undefined;
    this.row = row;
  }

  get event(): RecordedEvent | undefined {
    return hasEvent(this.row) ? eventFromRow(parsed(this.row)) : undefined;
  }
}

function hasEvent(row: MaybeEvent): row is EventText {
  return row.id !== null;
}

function parsed(row: EventText): EventRow {
  return {
    id: row.id,
    unitId: row.unitId,
    type: row.type,
    classifier: row.classifier,
    recordedAt: new Date(`${row.recordedAt.replace(' ', 'T')}Z`),
    organizationId: row.organizationId,
    dialect: row.dialect,
    sourceCode: row.sourceCode,
    replaces: row.replaces,
    retracts: row.retracts,
    content: JSON.parse(row.content),
  };
}
