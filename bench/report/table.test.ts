/** How rows are printed: columns, ratios, targets. */
import { describe, expect, it } from 'vitest';
import type { Findings, Measure, Row } from '../row.ts';
import { judgeRow, summarize } from '../statistics.ts';
import { markdownTable } from './table.ts';

const row: Row = {
  name: 'example',
  title: 'an example',
  order: 1,
  run: () => Promise.reject(new Error('is not run')),
};

const measure = (name: string, figure: number, details: Record<string, number> = {}): Measure =>
  summarize({ name, title: `the ${name}`, unit: 'ms' }, [{ figure, details }]);

function tableOf(findings: Pick<Findings, 'measures' | 'targets'>): string[] {
  const floors = findings.measures.slice(0, 1).map(({ name }) => name);
  return markdownTable(judgeRow(row, { ...findings, floors, notes: [] })).split('\n');
}

describe('the table of a row', () => {
  it('leaves out columns for latencies where there are none', () => {
    const measures = [measure('floor', 1_000), measure('hub', 1_500)];
    const targets = [{ measure: 'hub', floor: 'floor', least: 2 }];
    expect(tableOf({ measures, targets })).toEqual([
      '| example | ms | min–max | × the floor | target |  |',
      '| --- | ---: | ---: | ---: | --- | --- |',
      '| the floor | 1,000 | 1,000–1,000 | 1.00 |  |  |',
      '| the hub | 1,500 | 1,500–1,500 | 1.50 | ≥ 2 × the floor | missed |',
    ]);
  });

  it('says where a run is too short to judge', () => {
    const measures = [measure('floor', 1_000), measure('hub', 1_500)];
    const targets = [{ measure: 'hub', floor: 'floor', most: 1, isJudged: false }];
    expect(tableOf({ measures, targets }).at(-1)).toBe(
      '| the hub | 1,500 | 1,500–1,500 | 1.50 | ≤ 1 × the floor | not judged in so short a run |',
    );
  });

  it('has them otherwise, and a line for each target, upper bounds among them', () => {
    const details = { p50Ms: 3.25, p99Ms: 12.5 };
    const measures = [measure('floor', 2.5), measure('hub', 12.5, details)];
    const targets = [
      { measure: 'hub', detail: 'p50Ms', most: 3 },
      { measure: 'hub', detail: 'p99Ms', most: 100 },
    ];
    expect(tableOf({ measures, targets }).slice(2)).toEqual([
      '| the floor | 2.5 | 2.5–2.5 |  |  | 1.00 |  |  |',
      '| the hub | 12.5 | 12.5–12.5 | 3.3 | 12.5 | 5.00 | p50 ≤ 3 ms | missed |',
      '|  |  |  |  |  |  | p99 ≤ 100 ms | met |',
    ]);
  });
});
