/**
 * The route's order. The partner gives it back as a sorted list and does not say by what; ours: by
 * when a stop begins, and stops of which that cannot be said stay behind the one before them.
 */
import { parseInstant } from '../../events/time.ts';
import type { RouteEvent } from './schemas.ts';

type Timed = Pick<RouteEvent, 'time_frame'>;

/** A copy in the order of the route; equal ones stay as they were sent. */
export function sortRoute<T extends Timed>(events: readonly T[]): T[] {
  let before: Begin = { day: '', epochMs: Number.NEGATIVE_INFINITY };
  const timed = events.map((event) => {
    before = beginOf(event, before);
    return { event, begin: before };
  });
  return timed
    .sort((left, right) => compare(left.begin.epochMs, right.begin.epochMs))
    .map(({ event }) => event);
}

interface Begin {
  readonly day: string;
  readonly epochMs: number;
}

function beginOf({ time_frame: frame }: Timed, before: Begin): Begin {
  const { day } = frame;
  if (typeof day !== 'string') return before;
  const time = frame.time_from ?? frame.time_to;
  if (typeof time !== 'string' && day === before.day) return before;
  const instant = parseInstant(`${day}T${time ?? '00:00:00Z'}`);
  return instant.ok ? { day, epochMs: instant.value.epochMs } : before;
}

/** Not by subtraction: two that are nowhere in time would differ by NaN. */
function compare(left: number, right: number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
