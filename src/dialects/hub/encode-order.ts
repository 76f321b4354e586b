/** Orders and their progress → the hub's own JSON. Pure. */
import type { HubDocument, PlannedStop } from '../../events/document.ts';
import { deviationMinutes } from '../../events/planned-stops.ts';
import type { StopProgress, UnitAtStop } from '../../events/progress.ts';
import { formatUtc } from '../../events/time.ts';
import { present } from '../../lib/present.ts';
import type { DocumentProgress } from '../hub-port.ts';
import { encodeEvent, encodeUnitRef } from './encode.ts';

function headOf({ id, number, organization, dialect, parties, createdAtMs }: HubDocument) {
  return { id, number, organization, dialect, parties, createdAt: formatUtc(createdAtMs, 3) };
}

/** As JSON text: the content is put in as it was received, so that no digit of a number is lost. */
export function encodeOrder(order: HubDocument): string {
  const head = JSON.stringify({ ...headOf(order), stops: order.stops.map(encodeStop) });
  return `${head.slice(0, -1)},"content":${order.body.replace(/^\uFEFF/, '')}}`;
}

export function encodeProgress({ document, stops, units, nextCursor }: DocumentProgress) {
  return {
    order: headOf(document),
    stops: stops.map(({ stop, units: there }, index) => ({
      ...encodeStop(stop, index),
      units: there.map((atStop) => encodeAtStop(atStop, stop)),
    })),
    units: units.map(({ unit, offPlan }) => ({
      unit: encodeUnitRef(unit),
      stopsDone: stops.filter((stop) => isDone(stop, unit.id)).length,
      offPlan: offPlan.map(encodeEvent),
    })),
    nextCursor,
  };
}

function encodeStop({ kind, place, window }: PlannedStop, index: number) {
  const { day, from, to, fromText: fromTime, toText: toTime } = window;
  const told = present({ day, from: from?.text, to: to?.text, fromTime, toTime });
  return { sequence: index + 1, type: kind, place, window: told };
}

function encodeAtStop({ unit, planned, actual }: UnitAtStop, { window }: PlannedStop) {
  return {
    unit: encodeUnitRef(unit),
    ...present({ planned: planned && encodeEvent(planned) }),
    actual: actual.map((event) => ({
      ...encodeEvent(event),
      ...present({ deviationMinutes: deviationMinutes(window, event.occurredAt.epochMs) }),
    })),
  };
}

function isDone({ units }: StopProgress, id: string): boolean {
  return units.some(({ unit, actual }) => unit.id === id && actual.length > 0);
}
