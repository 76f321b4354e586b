/**
 * What look-ups of units answered, to be used again. An answer is good as long as nothing was booked
 * under its reference and nothing changed in the subscriptions of its parties: it goes along with the
 * versions of both, and whoever writes by it has them compared in the transaction that writes.
 */
import { LRUCache } from 'lru-cache';
import type { Waiting } from './prepare.ts';
import type { VisibleUnit } from './resolve-units.ts';
import type { UnitFacts } from './unit-facts.ts';

/** About two kilobytes each. */
const answersRememberedMax = 20_000;
/** Subscriptions that name one unit, of all that are remembered; some hundred bytes each. */
const wishesRememberedMax = 50_000;
const sizeMax = answersRememberedMax + wishesRememberedMax;

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
  const known = new LRUCache<string, UnitFacts>({
    max: answersRememberedMax,
    maxSize: sizeMax,
    sizeCalculation: ({ wishes }) => 1 + wishes.ofThisUnit.length,
  });
  return {
    get(waiting) {
      const facts = known.get(keyOf(waiting));
      // Where this process has read newer wishes since, the write would only find out again.
      return facts?.wishes.parties.every(({ isNewest }) => isNewest) === true ? facts : undefined;
    },
    keep(waiting, visible, facts) {
      const [unit, ...others] = visible;
      if (unit === undefined || others.length > 0) return;
      if (!unit.mayRegister || unit.isAwaited) return;
      const { id, reference } = waiting.draft.unit;
      const isByReference = id === undefined && reference !== undefined;
      if (!isByReference && unit.hasSiblings) return;
      // The same SPI may come to name a unit of another reference, whose booking moves only its own.
      if (id === undefined && reference === undefined) return;
      known.set(keyOf(waiting), facts);
    },
    forget: (waiting) => void known.delete(keyOf(waiting)),
  };
}
