/**
 * Runs the benchmark as a person does, once and very shortly, so that it never rots. No times are
 * asserted: only that it counts what it should, and leaves nothing behind.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/lib/package-root.ts';
import { documentPath, placeOf, withFigures } from './report/docs.ts';
import type { Report } from './report/report.ts';
import type { Row, Target } from './row.ts';
import { discoverRows } from './rows.ts';
import { judgeRow, median } from './statistics.ts';

const program = join(packageRoot(), 'dist/bench/main.js');
const short = ['--rounds', '1', '--round-seconds', '0.2', '--units', '20', '--connections', '8'];

/** Starts a dozen processes on a machine that may run other tests too. */
const runMsMax = 180_000;

let scratch: string;

beforeAll(async () => {
  if (!existsSync(program)) throw new Error('the benchmark is not built: npm run build');
  scratch = await mkdtemp(join(tmpdir(), 'bench-'));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

function start(args: readonly string[]) {
  const place = join(scratch, 'here');
  const child = spawn(process.execPath, [program, ...short, '--scratch', place, ...args]);
  let output = '';
  let progress = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    progress += chunk.toString();
  });
  const ended = once(child, 'close').then(([status]) => ({ status, output, progress }));
  return { child, ended };
}

describe('npm run bench', { timeout: runMsMax }, () => {
  it('measures a row and its floors, and leaves nothing behind', async () => {
    const { status, output, progress } = await start(['--only', 'record', '--json']).ended;
    expect(progress).toContain('round 1 of 1');
    expect(status).toBe(0);
    const report: Report = JSON.parse(output);
    const [row] = report.rows;
    expect(row?.measures.map((measure) => measure.name)).toEqual(['bare', 'insert', 'hub']);
    for (const measure of row?.measures ?? []) expect(measure.median).toBeGreaterThan(0);
    expect(row?.targets.map((target) => target.least)).toEqual([1.5, 2, 0.45]);
    expect(report.machine.postgresql).toMatch(/^\d+\.\d+/);
    expect(await readdir(scratch)).toEqual([]);
  });

  it('asks at two sizes, and judges how much slower the larger one is', async () => {
    const { status, output } = await start(['--only', 'query', '--units', '100', '--json']).ended;
    expect(status).toBe(0);
    const report: Report = JSON.parse(output);
    const [row] = report.rows;
    const kinds = ['reference', 'spi', 'past', 'log'];
    expect(row?.measures.map(({ name }) => name)).toEqual(
      kinds.flatMap((kind) => [`${kind}-small`, `${kind}-large`]),
    );
    for (const measure of row?.measures ?? []) expect(measure.details['p99Ms']).toBeGreaterThan(0);
    expect(row?.targets.map(({ most, detail }) => [most, detail])).toEqual(
      kinds.map(() => [2, 'p99Ms']),
    );
  });

  it('ends and tidies up when interrupted', async () => {
    const { child, ended } = start(['--rounds', '100']);
    for await (const chunk of child.stderr) if (String(chunk).includes('booking')) break;
    child.kill('SIGINT');
    const { status } = await ended;
    expect(status).toBe(1);
    expect(await readdir(scratch)).toEqual([]);
  });

  it('names a row that does not exist', async () => {
    const { status, progress } = await start(['--only', 'nothing']).ended;
    expect(status).toBe(2);
    expect(progress).toContain('there is no row nothing; there are record, ');
  });
});

describe('the document', () => {
  it('has a place for the figures of every row, and takes them', async () => {
    const text = readFileSync(documentPath, 'utf8');
    for (const { name } of await discoverRows()) expect(placeOf(text, name).to).toBeGreaterThan(0);
    const [row] = report.rows;
    if (row === undefined) throw new Error('no row');
    const once = withFigures(text, row, report);
    expect(once).toContain('| a floor | 10 |');
    expect(withFigures(once, row, report)).toBe(once);
  });
});

describe('a target', () => {
  const measure = (name: string, p99Ms: number) => ({
    ...{ name, title: name, unit: 'requests/s', rounds: [100], median: 100, min: 100, max: 100 },
    details: { p99Ms },
  });
  const met = (target: Omit<Target, 'measure'>) => {
    const measures = [measure('large', 3), measure('small', 2)];
    const targets = [{ measure: 'large', ...target }];
    const judged = judgeRow(query, { measures, floors: [], targets, notes: [] });
    return judged.targets.map(({ text, reached, met }) => [text, reached, met]);
  };
  const query: Row = { name: '', title: '', order: 1, run: () => Promise.reject(new Error()) };

  it('is a least or a most, of the figure or of a detail, with or without a floor', () => {
    const floor = 'small';
    const detail = 'p99Ms';
    expect(met({ floor, detail, most: 2 })).toEqual([['p99 ≤ 2 × small', 1.5, true]]);
    expect(met({ floor, detail, most: 1.4 })).toEqual([['p99 ≤ 1.4 × small', 1.5, false]]);
    expect(met({ floor, least: 1 })).toEqual([['≥ 1 × small', 1, true]]);
    expect(met({ least: 1_000 })).toEqual([['≥ 1,000 requests/s', 100, false]]);
  });
});

describe('median', () => {
  it('is the middle one, or between the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

const report: Report = {
  startedAt: '2026-11-20T00:00:00.000Z',
  commit: 'unknown',
  command: 'npm run bench',
  machine: {
    cpu: 'cpu',
    cores: 2,
    memoryGiB: 4,
    system: 'system',
    node: 'v20',
    postgresql: '18.4',
    flushesPerSec: 1,
    loadBefore: 0,
  },
  settings: {
    ...{ mode: 'own', rounds: 1, roundSec: 1, warmUpSec: 1, connections: 1, units: 1 },
    ...{ backlog: 1, holdSec: 1 },
  },
  rows: [
    {
      name: 'record',
      title: 'title',
      measures: [
        {
          name: 'floor',
          title: 'a floor',
          unit: 'requests/s',
          rounds: [10],
          median: 10,
          min: 10,
          max: 10,
          details: {},
        },
      ],
      floors: ['floor'],
      targets: [],
      notes: [],
    },
  ],
};
