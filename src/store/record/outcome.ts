/** What became of a batch: who is answered what, and which deliveries go to their lanes. */
import type { RecordResult } from '../../dialects/hub-port.ts';
import type { RecordedEvent } from '../../events/event.ts';
import type { Database } from '../database.ts';
import type { Prepared } from './prepare.ts';
import { knownEvents, type WrittenRow } from './write-events.ts';

/** A delivery that was committed, on its way to its lane. */
export interface RecordedDelivery {
  readonly bucket: number;
  readonly id: string;
  readonly endpointId: string;
  readonly position: number;
  readonly subscriptionId: string;
  readonly sequence: number;
  readonly event: RecordedEvent;
  /** Of the request that registered it, where that was traced. */
  readonly traceparent?: string | undefined;
}

/** Those that may go out now, in the order of their positions for each event. */
export function deliveriesOf(
  items: readonly Prepared[],
  rows: readonly WrittenRow[],
): RecordedDelivery[] {
  const deliveries: RecordedDelivery[] = [];
  for (const row of rows) {
    const item = items[row.ord];
    if (row.deliveryId === null || !row.due || item === undefined) continue;
    deliveries.push({
      bucket: item.row.bucket,
      id: row.deliveryId,
      endpointId: row.endpointId,
      position: row.position,
      subscriptionId: row.subscriptionId,
      sequence: row.sequence,
      event: item.event(),
      traceparent: item.traceparent,
    });
  }
  return deliveries;
}

/** Ids by duplicate key, of the events that these repeat. */
export function firstOnes(
  database: Database,
  items: readonly Prepared[],
  repeated: ReadonlySet<number>,
): Promise<ReadonlyMap<string, string>> {
  return knownEvents(
    database,
    items.filter((_, ord) => repeated.has(ord)).map((item) => item.row),
  );
}

/** Places of the items whose event had been recorded before. */
export function repeatedOf(rows: readonly WrittenRow[]): ReadonlySet<number> {
  return new Set(rows.flatMap((row) => (row.deliveryId === null ? [row.ord] : [])));
}

export function resultsOf(
  items: readonly Prepared[],
  repeated: ReadonlySet<number>,
  first: ReadonlyMap<string, string>,
): RecordResult[] {
  return items.map(({ row: { id, key } }, ord) =>
    repeated.has(ord)
      ? { status: 'duplicate', id: first.get(key) ?? id }
      : { status: 'recorded', id },
  );
}
