/**
 * When a unit has left: what ends a subscription that is bound to it. Pure, and told from all that
 * is recorded of the unit, so late events, corrections and retractions in any order give one answer.
 * That leaving means gate out, or departure after loading, is ours: no partner publishes it.
 */
import type { Classifier, EventType } from './types.ts';
import { withdrawnIds } from './versions.ts';

/** As much of an event as decides on leaving. */
export interface Movement {
  readonly id: string;
  readonly type: EventType;
  readonly classifier: Classifier;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  readonly replaces?: string;
  readonly retracts?: string;
}

/** Types that decide, where they are actual. What replaces or retracts matters in any case. */
export const MOVEMENT_TYPES = [
  'gated-in',
  'gated-out',
  'loaded',
  'unloaded',
  'discharged',
  'departed',
] as const satisfies readonly EventType[];

const decisive: ReadonlySet<EventType> = new Set<EventType>(MOVEMENT_TYPES);

/** Whether recording this event may change when its unit left. */
export function mayMove(event: {
  readonly type: EventType;
  readonly classifier: Classifier;
  readonly replaces?: string | undefined;
  readonly retracts?: string | undefined;
}): boolean {
  if (event.replaces !== undefined || event.retracts !== undefined) return true;
  return event.classifier === 'actual' && decisive.has(event.type);
}

/** Epoch milliseconds of the newest leaving; undefined while the unit is here, or here again. */
export function leftAtMs(movements: readonly Movement[]): number | undefined {
  let isLoaded = false;
  let leftMs: number | undefined;
  for (const { type, occurredAtMs } of held(movements)) {
    switch (type) {
      case 'loaded':
        isLoaded = true;
        break;
      case 'gated-in':
      case 'discharged':
      case 'unloaded':
        isLoaded = false;
        leftMs = undefined;
        break;
      case 'gated-out':
        leftMs = occurredAtMs;
        break;
      case 'departed':
        // Without loading it is the means of transport that departs, not the unit.
        if (isLoaded) leftMs = occurredAtMs;
        break;
      default:
    }
  }
  return leftMs;
}

/**
 * When a subscription that outlives its unit's leaving by `afterMs` ends; undefined while the unit
 * is here. Who subscribes to a unit that is known to be gone gets the whole span from then on.
 */
export function endsAtMs(
  movements: readonly Movement[],
  { createdAtMs, afterMs }: { readonly createdAtMs: number; readonly afterMs: number },
): number | undefined {
  const leftMs = leftAtMs(movements);
  if (leftMs === undefined) return undefined;
  const known = movements.filter((movement) => movement.recordedAtMs <= createdAtMs);
  const wasGone = leftAtMs(known) !== undefined;
  return (wasGone ? Math.max(leftMs, createdAtMs) : leftMs) + afterMs;
}

/** What happened and still holds: the last version of each. Oldest first. */
function held(movements: readonly Movement[]): Movement[] {
  const withdrawn = withdrawnIds(movements);
  return movements
    .filter(({ classifier, retracts }) => classifier === 'actual' && retracts === undefined)
    .filter(({ id }) => !withdrawn.has(id))
    .sort((a, b) => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : 1));
}
