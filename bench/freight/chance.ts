/** Random numbers that come again in every run, so that two fillings differ in size alone. */

export interface Chance {
  /** From 0 up to, but without, 1. */
  readonly share: () => number;
  /** A whole number from 0 up to, but without, `count`. */
  readonly below: (count: number) => number;
}

/** Mulberry32: 32 bits of state, good enough to spread freight. */
export function createChance(seed: number): Chance {
  let state = seed;
  const share = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { share, below: (count) => Math.floor(share() * count) };
}

/** So many of the items, each at most once, in a random order. */
export function sample<T>(items: readonly T[], count: number, chance: Chance): T[] {
  const left = [...items];
  const taken: T[] = [];
  while (taken.length < count && left.length > 0) {
    taken.push(...left.splice(chance.below(left.length), 1));
  }
  return taken;
}
