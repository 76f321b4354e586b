/** A row's figures as lines of a table, for the terminal and for Markdown. Pure. */
import type { JudgedTarget, Measure, RowResult } from '../row.ts';
import { find } from '../statistics.ts';
import type { Report } from './report.ts';

type Cells = readonly string[];

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
/** Small figures, such as milliseconds, would lose too much as whole numbers. */
const figureMin = 100;
export const shown = (value: number) =>
  value < figureMin && !Number.isInteger(value) ? value.toFixed(1) : whole(value);
const ratio = (value: number) => value.toFixed(2);

function targetCells(target: JudgedTarget | undefined): Cells {
  if (target === undefined) return ['', ''];
  if (target.isJudged === false) return [target.text, 'not judged in so short a run'];
  return [target.text, target.met ? 'met' : 'missed'];
}

/** Rows without latencies have no columns for them. */
const isTimed = (row: RowResult) =>
  row.measures.some(({ details }) => details['p99Ms'] !== undefined);

/** One line per measure; further targets of a measure get lines of their own below it. */
function linesOf(row: RowResult, measure: Measure): Cells[] {
  const [first, ...more] = row.targets.filter((target) => target.measure === measure.name);
  const ratios = row.floors.map((name) => ratio(measure.median / find(row.measures, name).median));
  const { p50Ms, p99Ms } = measure.details;
  const times = isTimed(row) ? [p50Ms, p99Ms] : [];
  const latencies = times.map((ms) => (ms === undefined ? '' : ms.toFixed(1)));
  const figures = [shown(measure.median), `${shown(measure.min)}–${shown(measure.max)}`];
  const line = [measure.title, ...figures, ...latencies, ...ratios, ...targetCells(first)];
  const blank = line.slice(2).map(() => '');
  return [line, ...more.map((target) => [...blank, ...targetCells(target)])];
}

function cellsOf(row: RowResult): Cells[] {
  const unit = row.measures[0]?.unit ?? '';
  const floors = row.floors.map((name) => `× ${find(row.measures, name).title}`);
  const times = isTimed(row) ? ['p50 ms', 'p99 ms'] : [];
  const head = [row.name, unit, 'min–max', ...times, ...floors, 'target', ''];
  return [head, ...row.measures.flatMap((measure) => linesOf(row, measure))];
}

/** Figures stand right, words left. */
const isFigure = (column: number, columns: number) => column > 0 && column < columns - 2;

export function plainTable(row: RowResult): string {
  const lines = cellsOf(row);
  const columns = lines[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const pad = (text: string, column: number) =>
    isFigure(column, columns)
      ? text.padStart(widths[column] ?? 0)
      : text.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

export function markdownTable(row: RowResult): string {
  const [head = [], ...lines] = cellsOf(row);
  const rule = head.map((_, column) => (isFigure(column, head.length) ? '---:' : '---'));
  return [head, rule, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** Of a row, or of the whole report. */
export function describeRun(
  { commit, machine, settings, startedAt }: Report,
  procedure?: string,
): string[] {
  const { cpu, cores, memoryGiB, system, node, postgresql, flushesPerSec, loadBefore } = machine;
  const { rounds, roundSec, connections, units } = settings;
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}, PostgreSQL ${postgresql}; ` +
      `the disk flushes ${whole(flushesPerSec)} times/s; load before: ${loadBefore}.`,
    `Commit ${commit}, ${startedAt.slice(0, 10)}: medians of ` +
      `${procedure ?? `${rounds} alternating rounds of ${roundSec} s, ${connections} connections`}` +
      `, ${whole(units)} handling units.`,
  ];
}

export function plainReport(report: Report): string {
  const rows = report.rows.map((row) => {
    const procedure = row.procedure === undefined ? [] : [`Medians of ${row.procedure}.`];
    return [row.title, plainTable(row), ...row.notes, ...procedure].join('\n');
  });
  return [...rows, describeRun(report).join('\n')].join('\n\n');
}
