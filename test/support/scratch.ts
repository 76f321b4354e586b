/**
 * Folders of a test run. Their names tell the process that made them, so what a run left that was
 * killed itself is found by the next one: folders, hubs, and their PostgreSQL.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const namePattern = /^portolan-(?:hub|test)-(\d+)-/;

export function makeScratch(what: 'hub' | 'test'): Promise<string> {
  return mkdtemp(join(tmpdir(), `portolan-${what}-${process.pid}-`));
}

/** By which a hub on the folder is known among the processes of the machine. */
export function titleOf(folder: string): string {
  return `--title=hub of ${folder}`;
}

/** Ends the hubs of runs that are no more, and tells their folders. */
export function endLeftHubs(): string[] {
  const folders = readdirSync(tmpdir())
    .filter((name) => isOver(Number(namePattern.exec(name)?.[1])))
    .map((name) => join(tmpdir(), name));
  if (folders.length === 0) return [];
  for (const [pid, command] of processes()) {
    const isLeft = folders.some((folder) => command.includes(`hub of ${folder}`));
    if (isLeft) end(pid);
  }
  return folders;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

function processes(): [number, string][] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, command] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [[Number(pid), command]];
  });
}

/** False for what is no process id: that is none of our folders. */
function isOver(pid: number): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
