/**
 * The stops of a document as planned events of a unit that is booked under it. Pure. How an event
 * says what only a document plans is ours: no partner publishes it.
 */
import type { HubDocument, PlannedStop, PlannedWindow } from './document.ts';
import type { EventDraft } from './event.ts';
import { type OriginalTime, parseInstant } from './time.ts';

export type PlanningDocument = Pick<HubDocument, 'type' | 'number' | 'dialect' | 'stops'>;

/** Names one stop of one document, in `additionalInfo`: `EN/15022021/10 #1`. */
export function stopName({ number }: Pick<PlanningDocument, 'number'>, index: number): string {
  return `${number} #${index + 1}`;
}

/**
 * One draft for each stop that has a day. A stop without one has no place in time and makes no
 * event; it stays in the document. `unit` is the id of a unit.
 */
export function plannedDrafts(document: PlanningDocument, unit: string): EventDraft[] {
  return document.stops.flatMap((stop, index) => {
    const planned = plannedTime(stop.window);
    if (planned === undefined) return [];
    const { type, number, dialect, stops } = document;
    const position = `${type} ${number}, stop ${index + 1} of ${stops.length}`;
    return {
      ...{ unit: { id: unit }, type: stop.kind, classifier: 'planned' },
      ...{ occurredAt: planned.at, place: stop.place },
      documents: [{ type, reference: number }],
      message: `${position}: ${planned.text}`,
      additionalInfo: stopName(document, index),
      source: { dialect },
      received: JSON.stringify({ document: { type, number }, stop: index + 1, ...stop }),
    };
  });
}

/** The beginning of the window and, as an ISO 8601 interval where there are both, all of it. */
function plannedTime(window: PlannedWindow): { at: OriginalTime; text: string } | undefined {
  const { day, from, to } = window;
  if (from !== undefined) {
    return { at: from, text: to === undefined ? `from ${from.text}` : `${from.text}/${to.text}` };
  }
  if (to !== undefined) return { at: to, text: `until ${to.text}` };
  // No zone is told with a bare day: it is said to be UTC, and that this was inferred.
  const start = day === undefined ? undefined : parseInstant(`${day}T00:00:00Z`);
  if (start?.ok !== true) return undefined;
  return { at: start.value, text: `${day}, no time told, noted at its start in UTC` };
}

/**
 * Minutes by which something happened before its window began (negative) or after it ended, cut to
 * whole ones; 0 within. Undefined where the window does not tell.
 */
export function deviationMinutes(
  { from, to }: Pick<PlannedStop['window'], 'from' | 'to'>,
  atMs: number,
): number | undefined {
  if (to !== undefined && atMs > to.epochMs) return Math.floor((atMs - to.epochMs) / 60_000);
  if (from !== undefined && atMs < from.epochMs) return -Math.floor((from.epochMs - atMs) / 60_000);
  const isBounded = from !== undefined && to !== undefined;
  return isBounded ? 0 : undefined;
}
