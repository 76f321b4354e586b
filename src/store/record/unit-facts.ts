/** What all events have in common that one organization tells of one unit, made once. Pure. */
import type { UnitSnapshot } from '../../events/event.ts';
import { unitContentText } from '../rows.ts';
import type { VisibleUnit } from './resolve-units.ts';
import type { UnitWishes } from './wishes.ts';

/** A unit with the keys under which subscriptions for it can be found. */
export interface KeyedUnit {
  readonly unit: VisibleUnit;
  readonly snapshot: UnitSnapshot;
  readonly matchKeys: readonly string[];
}

export interface UnitFacts extends KeyedUnit {
  readonly wishes: UnitWishes;
  /** Name of the organization that tells the events. */
  readonly sourceName: string | undefined;
  /** The part of the events' content that tells of both, as JSON. */
  readonly contentText: string;
}

export function unitFactsOf(
  { unit, snapshot, matchKeys }: KeyedUnit,
  wishes: UnitWishes,
  sourceName: string | undefined,
): UnitFacts {
  const contentText = unitContentText(snapshot, sourceName);
  return { unit, snapshot, matchKeys, wishes, sourceName, contentText };
}

export function snapshotOf(unit: VisibleUnit): UnitSnapshot {
  const { id, reference, spi, freightFamily, customsFlag, documents } = unit;
  const base = { id, reference, freightFamily, customsFlag, documents };
  return spi === null ? base : { ...base, spi };
}
