/** From the figures of rounds to what is printed. Pure. */
import type { Findings, JudgedTarget, Measure, Row, RowResult, Target } from './row.ts';

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('no values to take the median of');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The value that this share (0 to 1) does not exceed; 0 when there are none. */
export function percentile(values: Float64Array, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Summary of a subject's rounds; `details` of the rounds become medians. */
export function summarize(
  subject: Pick<Measure, 'name' | 'title' | 'unit'>,
  rounds: readonly {
    readonly figure: number;
    readonly details: Readonly<Record<string, number>>;
  }[],
): Measure {
  const figures = rounds.map((round) => round.figure);
  const names = Object.keys(rounds[0]?.details ?? {});
  const details = names.map((name) => [name, median(rounds.map((r) => r.details[name] ?? 0))]);
  return {
    ...subject,
    rounds: figures,
    median: median(figures),
    min: Math.min(...figures),
    max: Math.max(...figures),
    details: Object.fromEntries(details),
  };
}

export function find(measures: readonly Measure[], name: string): Measure {
  const measure = measures.find((candidate) => candidate.name === name);
  if (measure === undefined) throw new Error(`no measure is called ${name}`);
  return measure;
}

function figureOf({ median, details }: Measure, detail: string | undefined): number {
  return detail === undefined ? median : (details[detail] ?? Number.NaN);
}

function judge(target: Target, measures: readonly Measure[]): JudgedTarget {
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, detail } = target;
  const measure = find(measures, target.measure);
  const value = figureOf(measure, detail);
  const floor = target.floor === undefined ? undefined : find(measures, target.floor);
  const reached = floor === undefined ? value : value / figureOf(floor, detail);
  const bound = target.most === undefined ? `≥ ${number(least)}` : `≤ ${number(most)}`;
  const which = detail === undefined ? '' : `${detail.replace(/Ms$/, '')} `;
  const text = `${which}${bound} ${floor === undefined ? measure.unit : `× ${floor.title}`}`;
  return { ...target, text, reached, met: reached >= least && reached <= most };
}

const number = (value: number) => value.toLocaleString('en-US');

/** Adds to a row's findings whether its targets are met. */
export function judgeRow({ name, title }: Row, findings: Findings): RowResult {
  const targets = findings.targets.map((target) => judge(target, findings.measures));
  return { name, title, ...findings, targets };
}
