/** How things stand in the engine, for metrics and tests. */
import type { Machine } from './machine.ts';

export interface DeliveryStats {
  readonly lanes: number;
  /** Lanes by their breaker; the sum is `lanes`. */
  readonly breakers: Readonly<Record<'closed' | 'open' | 'halfOpen', number>>;
  /** Deliveries in memory, and how many of them are being sent. */
  readonly queued: number;
  readonly inFlight: number;
  /** Outcomes not yet durable. */
  readonly unflushed: number;
  readonly buckets: number;
  /** Epoch milliseconds since when the oldest delivery in memory is due; undefined for none. */
  readonly oldestDueMs: number | undefined;
}

export function statsOf(machine: Machine): DeliveryStats {
  const { lanes, completions, ownership, parts } = machine;
  const oldestMs = lanes.oldestDueMs();
  return {
    lanes: lanes.size,
    breakers: breakersOf(machine),
    queued: lanes.queued,
    inFlight: lanes.inFlight,
    unflushed: completions.size,
    buckets: ownership.count,
    oldestDueMs: oldestMs === undefined ? undefined : parts.nowMs() - (parts.steadyMs() - oldestMs),
  };
}

function breakersOf({ lanes, parts }: Machine): DeliveryStats['breakers'] {
  const nowMs = parts.steadyMs();
  const counts = { closed: 0, open: 0, halfOpen: 0 };
  for (const { lane } of lanes.all()) {
    const untilMs = lane.pace.openUntilMs();
    if (untilMs === undefined) counts.closed += 1;
    else counts[untilMs > nowMs ? 'open' : 'halfOpen'] += 1;
  }
  return counts;
}
