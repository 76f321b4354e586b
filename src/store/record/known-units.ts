/**
 * What look-ups of units answered, to be used again. An answer is good as long as nothing was booked
 * under its reference: it goes along with that reference's version, and whoever writes by it has
 * the version compared in the transaction that writes.
 */
import { LRUCache } from 'lru-cache';
import type { UnitQuestion, VisibleUnit } from './resolve-units.ts';

/** About a kilobyte each. */
const answersRememberedMax = 20_000;

export interface KnownUnit {
  readonly unit: VisibleUnit;
  /** Name of the organization that tells the events. */
  readonly sourceName: string | undefined;
  /** Nothing: an event that corrects another one is always looked up. */
  readonly corrected: undefined;
}

export interface KnownUnits {
  readonly get: (question: UnitQuestion) => KnownUnit | undefined;
  /**
   * Keeps only what needs no second thought: one passage that may be added to. A unit named by SPI or
   * id beside others of its reference is told apart from them by its events' times, so it is not kept.
   */
  readonly keep: (
    question: UnitQuestion,
    visible: readonly VisibleUnit[],
    sourceName: string | undefined,
  ) => void;
  readonly forget: (question: UnitQuestion) => void;
}

function keyOf({ organization = '', id = '', referenceKey = '', spi = '' }: UnitQuestion): string {
  return `${organization} ${id} ${spi} ${referenceKey}`;
}

export function createKnownUnits(): KnownUnits {
  const known = new LRUCache<string, KnownUnit>({ max: answersRememberedMax });
  return {
    get: (question) => known.get(keyOf(question)),
    keep(question, visible, sourceName) {
      const [unit, ...others] = visible;
      if (unit === undefined || others.length > 0) return;
      if (!unit.mayRegister || unit.isAwaited) return;
      if (question.referenceKey === undefined && unit.hasSiblings) return;
      known.set(keyOf(question), { unit, sourceName, corrected: undefined });
    },
    forget: (question) => void known.delete(keyOf(question)),
  };
}
