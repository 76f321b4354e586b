/** What all events have in common that one organization tells of one unit, made once. Pure. */
import type { UnitSnapshot } from '../../events/event.ts';
import { matchKeysOf } from '../../events/subscription.ts';
import { unitContentText } from '../rows.ts';
import type { VisibleUnit } from './resolve-units.ts';

export interface UnitFacts {
  readonly unit: VisibleUnit;
  readonly snapshot: UnitSnapshot;
  /** Every key under which subscriptions for the unit can be found. */
  readonly matchKeys: readonly string[];
  /** Name of the organization that tells the events. */
  readonly sourceName: string | undefined;
  /** The part of the events' content that tells of both, as JSON. */
  readonly contentText: string;
}

export function unitFactsOf(unit: VisibleUnit, sourceName: string | undefined): UnitFacts {
  const snapshot = snapshotOf(unit);
  return {
    ...{ unit, snapshot, sourceName },
    matchKeys: matchKeysOf(snapshot),
    contentText: unitContentText(snapshot, sourceName),
  };
}

function snapshotOf(unit: VisibleUnit): UnitSnapshot {
  const { id, reference, spi, freightFamily, customsFlag, documents } = unit;
  const base = { id, reference, freightFamily, customsFlag, documents };
  return spi === null ? base : { ...base, spi };
}
