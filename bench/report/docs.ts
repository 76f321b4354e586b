/** Puts figures into docs/benchmarks.md, between the two markers of each row. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { RowResult } from '../row.ts';
import type { Report } from './report.ts';
import { describeRun, markdownTable } from './table.ts';

export const documentPath = join(packageRoot(), 'docs/benchmarks.md');

const markersOf = (name: string) => ({
  begin: `<!-- begin ${name} -->`,
  end: `<!-- end ${name} -->`,
});

/** Where the figures of a row go: from and to in the text. Throws when a marker is missing. */
export function placeOf(text: string, name: string): { from: number; to: number } {
  const { begin, end } = markersOf(name);
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) {
    throw new Error(`docs/benchmarks.md has no place for row ${name}: ${begin} … ${end}`);
  }
  return { from, to };
}

/** The document with this row's figures in their place. Pure. */
export function withFigures(text: string, row: RowResult, report: Report): string {
  const { from, to } = placeOf(text, row.name);
  const sentences = [...row.notes, ...describeRun(report, row.procedure)].join(' ');
  const block = ['', markdownTable(row), '', sentences, '', `Made by \`${report.command}\`.`, ''];
  return `${text.slice(0, from)}\n${block.join('\n')}\n${text.slice(to)}`;
}

export function writeDocs(report: Report): void {
  let text = readFileSync(documentPath, 'utf8');
  for (const row of report.rows) text = withFigures(text, row, report);
  writeFileSync(documentPath, text);
}
