/**
 * Alternating rounds (a b c a b c …): what else the machine does, a checkpoint or a neighbour,
 * then hits all subjects alike, and medians drop it.
 */

import type { LoadResult } from './load/run.ts';
import { shown } from './report/table.ts';
import type { Measure, Settings } from './row.ts';
import { summarize } from './statistics.ts';

/** Something that is measured: each call is one round of that many seconds. */
export interface Subject extends Pick<Measure, 'name' | 'title' | 'unit'> {
  readonly run: (seconds: number) => Promise<RoundFigure>;
}

export interface RoundFigure {
  /** In the subject's unit. */
  readonly figure: number;
  readonly details: Readonly<Record<string, number>>;
}

/** The rate that a load reached, with its latencies. */
export function rateOf({ perSec, p50Ms, p99Ms }: LoadResult): RoundFigure {
  return { figure: perSec, details: { p50Ms, p99Ms } };
}

export interface Rounds {
  readonly settings: Pick<Settings, 'rounds' | 'roundSec' | 'warmUpSec'>;
  readonly subjects: readonly Subject[];
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Measures all subjects; the warm-up is thrown away, and left out where it is to take no time. */
export async function alternate({ settings, subjects, ...rest }: Rounds): Promise<Measure[]> {
  const { signal, progress } = rest;
  const figures = new Map<Subject, RoundFigure[]>(subjects.map((subject) => [subject, []]));
  for (let round = settings.warmUpSec > 0 ? 0 : 1; round <= settings.rounds; round += 1) {
    for (const [subject, rounds] of figures) {
      signal.throwIfAborted();
      const isWarmUp = round === 0;
      const result = await subject.run(isWarmUp ? settings.warmUpSec : settings.roundSec);
      if (!isWarmUp) rounds.push(result);
      const label = isWarmUp ? 'warm-up' : `round ${round} of ${settings.rounds}`;
      progress(`${label}: ${subject.title}: ${shown(result.figure)} ${subject.unit}`);
    }
  }
  return [...figures].map(([{ name, title, unit }, rounds]) =>
    summarize({ name, title, unit }, rounds),
  );
}
