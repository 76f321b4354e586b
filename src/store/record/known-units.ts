/**
 * What look-ups of units answered, to be used again. An answer is good as long as nothing was booked
 * under its reference: it goes along with that reference's version, and whoever writes by it has
 * the version compared in the transaction that writes.
 */
import { LRUCache } from 'lru-cache';
import type { Waiting } from './prepare.ts';
import type { VisibleUnit } from './resolve-units.ts';
import type { UnitFacts } from './unit-facts.ts';

/** About two kilobytes each. */
const answersRememberedMax = 20_000;

export interface KnownUnits {
  /** What is known of the unit that a draft names, for who tells it. */
  readonly get: (waiting: Waiting) => UnitFacts | undefined;
  /**
   * Keeps only what needs no second thought: one passage that may be added to. A unit named by SPI or
   * id beside others of its reference is told apart from them by its events' times, so it is not kept.
   */
  readonly keep: (waiting: Waiting, visible: readonly VisibleUnit[], facts: UnitFacts) => void;
  readonly forget: (waiting: Waiting) => void;
}

/** By the words of the request: two spellings of one reference are two answers. */
function keyOf({ principal, draft }: Waiting): string {
  const { id = '', spi = '', reference = '' } = draft.unit;
  return `${principal.organization ?? ''} ${id} ${spi} ${reference}`;
}

export function createKnownUnits(): KnownUnits {
  const known = new LRUCache<string, UnitFacts>({ max: answersRememberedMax });
  return {
    get: (waiting) => known.get(keyOf(waiting)),
    keep(waiting, visible, facts) {
      const [unit, ...others] = visible;
      if (unit === undefined || others.length > 0) return;
      if (!unit.mayRegister || unit.isAwaited) return;
      const { id, reference } = waiting.draft.unit;
      const isByReference = id === undefined && reference !== undefined;
      if (!isByReference && unit.hasSiblings) return;
      known.set(keyOf(waiting), facts);
    },
    forget: (waiting) => void known.delete(keyOf(waiting)),
  };
}
