/**
 * Planned beside actual: which loading or unloading of a unit took place at which stop of its
 * document. Pure. No partner publishes a rule; ours:
 *
 * 1. Place decides: an event belongs to the first stop of its kind at its place that has none yet, or
 *    to the last one there when all have.
 * 2. An event whose place cannot be compared belongs, in the order of time, to the first stop of its
 *    kind that has none and whose place cannot be compared either.
 * 3. What is left happened off the plan. An event told under another document of the same type is not
 *    of this plan at all.
 */
import type { HubDocument, PlannedStop } from './document.ts';
import type { Place, RecordedEvent } from './event.ts';
import { stopName } from './planned-stops.ts';
import type { HandlingUnit } from './unit.ts';
import { newestVersion } from './versions.ts';

/** An address and the gate where the lorry stood are often a street apart. */
const sameKmMax = 2;
const earthKm = 6371;

export interface UnitAtStop {
  readonly unit: HandlingUnit;
  /** As it stands after corrections; absent where it was withdrawn, or not recorded. */
  readonly planned?: RecordedEvent;
  readonly actual: readonly RecordedEvent[];
}

export interface StopProgress {
  readonly stop: PlannedStop;
  readonly units: readonly UnitAtStop[];
}

export interface UnitOffPlan {
  readonly unit: HandlingUnit;
  readonly offPlan: readonly RecordedEvent[];
}

export interface UnitTold {
  readonly unit: HandlingUnit;
  /** Planned loadings and unloadings, and whatever corrects or withdraws an event. */
  readonly planned: readonly RecordedEvent[];
  /** Actual ones that hold, oldest first. */
  readonly actual: readonly RecordedEvent[];
}

export function progressOf(
  document: HubDocument,
  told: readonly UnitTold[],
): { readonly stops: readonly StopProgress[]; readonly units: readonly UnitOffPlan[] } {
  const matched = told.map(({ unit, planned, actual }) => {
    const ofPlan = actual.filter((event) => !isOfAnother(event, document));
    return { unit, planned, ...matchStops(document.stops, ofPlan) };
  });
  const stops = document.stops.map((stop, index) => ({
    stop,
    units: matched.map(({ unit, planned, byStop }) => {
      const standing = standingPlan(document, index, planned);
      const actual = byStop[index] ?? [];
      return standing === undefined ? { unit, actual } : { unit, planned: standing, actual };
    }),
  }));
  return { stops, units: matched.map(({ unit, offPlan }) => ({ unit, offPlan })) };
}

function isOfAnother({ documents = [] }: RecordedEvent, { type, number }: HubDocument): boolean {
  const alike = documents.filter((document) => document.type === type);
  return alike.length > 0 && alike.every(({ reference }) => reference !== number);
}

/** The planned event of a stop, or what has taken its place since. */
function standingPlan(
  document: HubDocument,
  index: number,
  planned: readonly RecordedEvent[],
): RecordedEvent | undefined {
  const name = stopName(document, index);
  const told = planned.find(
    ({ additionalInfo, source, replaces, retracts }) =>
      additionalInfo === name &&
      source.organization === document.organization &&
      source.dialect === document.dialect &&
      (replaces ?? retracts) === undefined,
  );
  const newest = told && newestVersion(told.id, planned);
  return newest?.classifier === 'planned' && newest.retracts === undefined ? newest : undefined;
}

export interface Matched {
  /** By the stops' positions. */
  readonly byStop: readonly (readonly RecordedEvent[])[];
  readonly offPlan: readonly RecordedEvent[];
}

/** `events` are oldest first. */
export function matchStops(
  stops: readonly PlannedStop[],
  events: readonly RecordedEvent[],
): Matched {
  const byStop: RecordedEvent[][] = stops.map(() => []);
  const indexesOf = (event: RecordedEvent, wanted: Likeness) =>
    stops.flatMap(({ kind, place }, index) =>
      kind === event.type && likeness(place, event.place) === wanted ? [index] : [],
    );
  const isFree = (index: number) => byStop[index]?.length === 0;
  const elsewhere = events.filter((event) => {
    const there = indexesOf(event, 'same');
    const index = there.find(isFree) ?? there.at(-1);
    if (index !== undefined) byStop[index]?.push(event);
    return index === undefined;
  });
  const offPlan = elsewhere.filter((event) => {
    const index = indexesOf(event, 'unknown').find(isFree);
    if (index !== undefined) byStop[index]?.push(event);
    return index === undefined;
  });
  return { byStop, offPlan };
}

type Likeness = 'same' | 'other' | 'unknown';

/**
 * Codes of locations and names that differ say nothing: every party has its own. UN/LOCODEs and
 * coordinates that differ are other places.
 */
export function likeness(planned: Place, actual: Place | undefined): Likeness {
  if (actual === undefined) return 'unknown';
  const km = distanceKm(planned, actual);
  const isSameName =
    sameText(planned.location, actual.location) || sameText(planned.name, actual.name);
  if (km !== undefined) return km <= sameKmMax ? 'same' : 'other';
  if (isSameName) return 'same';
  if (planned.unlocode === undefined || actual.unlocode === undefined) return 'unknown';
  return planned.unlocode === actual.unlocode ? 'same' : 'other';
}

function sameText(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

/** By the haversine formula; undefined where one of them has no coordinates. */
function distanceKm(one: Place, other: Place): number | undefined {
  const [latitude, longitude] = [one.latitude, one.longitude];
  if (latitude === undefined || longitude === undefined) return undefined;
  if (other.latitude === undefined || other.longitude === undefined) return undefined;
  const rad = Math.PI / 180;
  const half = (degrees: number) => Math.sin((degrees * rad) / 2) ** 2;
  const cosines = Math.cos(latitude * rad) * Math.cos(other.latitude * rad);
  const square = half(other.latitude - latitude) + cosines * half(other.longitude - longitude);
  return 2 * earthKm * Math.asin(Math.min(1, Math.sqrt(square)));
}
