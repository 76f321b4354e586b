/** Finds the highest rate that is held: first by short trials, then by one of full length. */
import type { Lab } from './lab.ts';
import { isHeld, type Trial, tryRate, type Way } from './trial.ts';

export interface HoldOptions {
  readonly attempt: (rate: number, seconds: number) => Promise<Trial>;
  readonly probeSec: number;
  readonly holdSec: number;
  readonly warmUpSec: number;
  readonly progress: (line: string) => void;
}

export interface Held {
  /** Events per second. */
  readonly rate: number;
  readonly trial: Trial;
}

const probeSecMax = 5;
const probesPerHold = 4;

export function holdOptionsOf({ settings, progress }: Lab, way: Way): HoldOptions {
  const { holdSec, warmUpSec } = settings;
  const attempt = (rate: number, seconds: number) => tryRate(way, { rate, seconds });
  const probeSec = Math.min(probeSecMax, holdSec / probesPerHold);
  return { attempt, probeSec, holdSec, warmUpSec, progress };
}

const warmUpRate = 1_000;
const firstRate = 2_000;
const growth = 1.6;
/** The bounds of the search are this near at the end. */
const nearness = 1.15;
const stepDown = 0.9;
const rateMin = 20;

/** From short trials: rates between which the limit lies. */
export async function probe(options: HoldOptions): Promise<number> {
  const { attempt, probeSec, warmUpSec, progress } = options;
  await attempt(warmUpRate, warmUpSec);
  let held = 0;
  let failed = Number.POSITIVE_INFINITY;
  for (let rate = firstRate; rate >= rateMin && failed > held * nearness; ) {
    const ok = isHeld(await attempt(rate, probeSec), probeSec);
    progress(`  ${Math.round(rate)}/s for ${probeSec} s: ${ok ? 'held' : 'not held'}`);
    if (ok) held = rate;
    else failed = rate;
    if (failed === Number.POSITIVE_INFINITY) rate *= growth;
    else if (held === 0) rate /= growth;
    else rate = Math.sqrt(held * failed);
  }
  return Math.max(held, rateMin);
}

/** The highest rate of full length at or below `from`, in steps down; 0 when none is held. */
export async function hold(options: HoldOptions, from: number): Promise<Held> {
  const { attempt, holdSec, progress } = options;
  for (let rate = Math.max(from, rateMin); ; rate *= stepDown) {
    const trial = await attempt(rate, holdSec);
    const ok = isHeld(trial, holdSec);
    progress(`  ${Math.round(rate)}/s for ${holdSec} s: ${ok ? 'held' : 'not held'}`);
    if (ok) return { rate, trial };
    if (rate * stepDown < rateMin) return { rate: 0, trial };
  }
}

/** Half of the rate that the row `through` found in this run; without that row, of a short search. */
export async function halfOfThrough(lab: Lab, way: Way): Promise<number> {
  const through = lab.earlier.find(({ name }) => name === 'through');
  const held = through?.measures.find(({ name }) => name === 'hub')?.median;
  return Math.max(1, Math.round((held ?? (await probe(holdOptionsOf(lab, way)))) / 2));
}
