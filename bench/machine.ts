/** What the figures were measured on: a figure without its machine says nothing. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import {
  availableParallelism,
  cpus,
  loadavg,
  release,
  type as systemType,
  totalmem,
} from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/lib/package-root.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgresql: string;
  /** 8 KiB written and flushed, one after the other, on the disk of the database. */
  readonly flushesPerSec: number;
  /** Processes that wanted to run in the last minute, before the benchmark began. */
  readonly loadBefore: number;
}

const flushMs = 300;
const blockBytes = 8192;

function flushesPerSec(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'flush-probe');
  const file = openSync(path, 'w');
  try {
    const block = Buffer.alloc(blockBytes, 'x');
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < flushMs) {
      writeSync(file, block, 0, blockBytes, 0);
      fdatasyncSync(file);
      count += 1;
    }
    return Math.round((count * 1000) / (performance.now() - start));
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

/** To be asked before anything is measured. */
export function describeMachine(folder: string, postgresql: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${systemType()} ${release()}`,
    node: process.version,
    postgresql,
    flushesPerSec: flushesPerSec(folder),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** The commit of the checkout, `unknown` without one, and whether files differ from it. */
export function describeCommit(): string {
  const root = packageRoot();
  // A copy without .git must not take the commit of a repository around it.
  if (!existsSync(join(root, '.git'))) return 'unknown';
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD').trim();
    const isChanged = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return isChanged ? `${commit} with changes` : commit;
  } catch {
    return 'unknown';
  }
}
