/** Which passage of a unit an event belongs to, when its reference names several. Pure. */
import type { UnitSnapshot } from './event.ts';

/**
 * The newest passage booked: ids are ordered by time. A container's number comes back with every
 * voyage; only an SPI or a unit id names one passage.
 */
export function choosePassage<T extends Pick<UnitSnapshot, 'id'>>(
  passages: readonly T[],
): T | undefined {
  let newest: T | undefined;
  for (const passage of passages) {
    if (newest === undefined || passage.id > newest.id) newest = passage;
  }
  return newest;
}
