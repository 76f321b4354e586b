/** The summary of the fault suite, as text and as a table for docs/benchmarks.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { documentPath, placeOf } from '../../bench/report/docs.ts';
import type { Result } from './scenarios.ts';

export interface FaultReport {
  readonly command: string;
  readonly commit: string;
  readonly startedAt: string;
  readonly machine: string;
  readonly results: readonly Result[];
}

const columns = [
  ['acknowledged', 'acknowledged'],
  ['received', 'received'],
  ['lost', 'lost'],
  ['repeated', 'repeated'],
  ['outOfOrder', 'out of order'],
  ['unexpected', 'unexpected'],
] as const;

const whole = (number: number): string => number.toLocaleString('en-US');

export function lineOf(result: Result): string {
  const counts = columns.map(([key, name]) => `${name} ${whole(result[key])}`);
  return `faults: ${result.name}, seed ${result.seed}: ${counts.join(', ')}`;
}

export function tableOf(results: readonly Result[]): string {
  const rows = results.map(
    (result) => `| ${result.title} | ${columns.map(([key]) => whole(result[key])).join(' | ')} |`,
  );
  const head = `| faults | ${columns.map(([, name]) => name).join(' | ')} |`;
  return [head, `| --- |${' ---: |'.repeat(columns.length)}`, ...rows].join('\n');
}

/** The document with the summary in its place. Pure. */
export function withSummary(text: string, report: FaultReport): string {
  const { from, to } = placeOf(text, 'faults');
  const seeds = [...new Set(report.results.map(({ seed }) => seed))].join(', ');
  const made = `${report.machine}. Commit ${report.commit}, ${report.startedAt.slice(0, 10)}, seed ${seeds}.`;
  const block = ['', tableOf(report.results), '', made, '', `Made by \`${report.command}\`.`, ''];
  return `${text.slice(0, from)}\n${block.join('\n')}\n${text.slice(to)}`;
}

export function writeSummary(report: FaultReport): void {
  writeFileSync(documentPath, withSummary(readFileSync(documentPath, 'utf8'), report));
}
