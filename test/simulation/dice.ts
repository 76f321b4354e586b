/** Chance of a run: everything that is not decided by the code under test is decided here. */
import { type Chance, createChance } from '../support/chance.ts';

export interface Dice extends Chance {
  /** In [0, 1). */
  readonly fraction: () => number;
  /** True once in `n` times. */
  readonly oneIn: (n: number) => boolean;
}

const steps = 2 ** 30;

export function createDice(seed: number): Dice {
  const chance = createChance(seed);
  const fraction = () => chance.between(0, steps - 1) / steps;
  return { ...chance, fraction, oneIn: (n) => fraction() * n < 1 };
}
