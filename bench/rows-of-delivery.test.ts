/**
 * Runs each row about delivery as a person does, once and very shortly, so that it never rots. Each checks
 * its own counts and signatures and fails when one is wrong; no times are asserted.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/lib/package-root.ts';
import type { Report } from './report/report.ts';
import type { RowResult } from './row.ts';

const program = join(packageRoot(), 'dist/bench/main.js');
const rows = [
  ...['record-batch', 'deliver', 'through', 'fan-out', 'latency', 'isolation', 'outage', 'memory'],
];
const tiny = [
  ...['--rounds', '1', '--round-seconds', '0.2', '--units', '20', '--connections', '8'],
  ...['--backlog', '200', '--hold-seconds', '0.4', '--json'],
];
const runMsMax = 360_000;

let scratch: string;
let report: Report;

beforeAll(async () => {
  if (!existsSync(program)) throw new Error('the benchmark is not built: npm run build');
  scratch = await mkdtemp(join(tmpdir(), 'bench-'));
  const only = rows.flatMap((name) => ['--only', name]);
  const args = [program, ...tiny, ...only, '--scratch', join(scratch, 'here')];
  const child = spawn(process.execPath, args);
  let output = '';
  let progress = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    progress += chunk.toString();
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(progress);
  report = JSON.parse(output);
}, runMsMax);

afterAll(() => rm(scratch, { recursive: true, force: true }));

function rowOf(name: string): RowResult {
  const row = report.rows.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  return row;
}

describe('the rows about delivery', () => {
  it.each([
    ['record-batch', ['inserts', 'hub'], ['≥ 60,000 events/s', '≥ 0.6 × raw INSERT']],
    ['deliver', ['bare', 'hub'], ['≥ 0.4 × bare undici']],
    ['through', ['bare', 'hub'], ['≥ 8,000 events/s']],
    ['fan-out', ['bare', 'hub'], ['≥ 15,000 deliveries/s']],
    ['latency', ['bare', 'hub'], ['p50 ≤ 10 ms', 'p99 ≤ 100 ms']],
    ['isolation', ['without', 'with'], ['≤ 1.2 × none hangs']],
    ['outage', ['never', 'outage'], ['≤ 1.5 × never down']],
    ['memory', ['none', 'at-10', 'at-50', 'at-100'], ['≤ 300 MiB', '≤ 1.2 × 100 waiting']],
  ])('%s has its floor and its targets', (name, measures, targets) => {
    const row = rowOf(name);
    expect(row.measures.map((measure) => measure.name)).toEqual(measures);
    expect(row.targets.map(({ text }) => text)).toEqual(targets);
    for (const { rounds } of row.measures) expect(rounds.length).toBeGreaterThan(0);
  });

  it('leave nothing behind', async () => {
    expect(await readdir(scratch)).toEqual([]);
  });
});
