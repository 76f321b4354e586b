/**
 * Planned stops as they are kept: an instant by its text alone, from which the rest of it is read
 * again. What is told twice costs every order at each step to the disk, half of its stops.
 */
import type { PlannedStop } from '../../events/document.ts';
import { type OriginalTime, parseInstant } from '../../events/time.ts';
import { present } from '../../lib/present.ts';

/** Rows of before have the instants whole. */
type KeptInstant = string | OriginalTime;

export interface KeptStop extends Pick<PlannedStop, 'kind' | 'place'> {
  readonly window: Pick<PlannedStop['window'], 'day' | 'fromText' | 'toText'> & {
    readonly from?: KeptInstant;
    readonly to?: KeptInstant;
  };
}

/** The JSON text of `KeptStop`s. */
export function stopsText(stops: readonly PlannedStop[]): string {
  return JSON.stringify(
    stops.map(({ kind, place, window: { day, fromText, toText, from, to } }) => ({
      ...{ kind, place },
      // Members that are undefined are left out by JSON itself.
      window: { day, fromText, toText, from: from?.text, to: to?.text },
    })),
  );
}

export function stopsOf(kept: readonly KeptStop[]): PlannedStop[] {
  return kept.map(({ kind, place, window: { from, to, ...told } }) => ({
    ...{ kind, place },
    window: { ...told, ...present({ from: instantOf(from), to: instantOf(to) }) },
  }));
}

function instantOf(kept: KeptInstant | undefined): OriginalTime | undefined {
  if (typeof kept !== 'string') return kept;
  const parsed = parseInstant(kept);
  if (parsed.ok) return parsed.value;
  throw new Error(`a stop was kept with an instant that cannot be read: ${parsed.message}`);
}
