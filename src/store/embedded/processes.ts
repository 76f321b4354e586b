// Tells whether a process id read from a file still means the process that wrote it.
//
// Process ids are recycled, and in containers the same low ids come back at every start; so an id
// alone proves nothing. Linux tells start times and command lines under /proc, other systems
// through `ps`. Where neither answers, the id counts as alive: a false "in use" is safer.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { codeOf } from './errors.ts';

/** True for a running process, also another user's. A zombie has released everything: false. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  const state = statFields(pid)?.[0];
  return state !== 'Z' && state !== 'X';
}

/**
 * Text that differs between two processes which had the same id, or undefined where the system
 * does not tell. Holds the boot too: ticks since boot repeat after a reboot.
 */
export function startMark(pid: number): string | undefined {
  if (process.platform !== 'linux') return askPs(pid, 'lstart=');
  const ticks = statFields(pid)?.[19];
  return ticks === undefined ? undefined : `${bootId()}:${ticks}`;
}

/** True when the process is a PostgreSQL server program (its backends have other titles). */
export function isPostgres(pid: number): boolean {
  const command = commandOf(pid);
  return command !== undefined && /^postgres(\.exe)?$/.test(basename(command[0] ?? ''));
}

/** True when the process is the PostgreSQL server of this database folder. */
export function isServerOf(pid: number, pgData: string): boolean {
  if (!isPostgres(pid)) return false;
  const words = commandOf(pid) ?? [];
  return words.includes(pgData) || words.some((word) => word.includes(` -D ${pgData} `));
}

/** Processes whose title, which PostgreSQL's sessions set, begins so. None on Windows. */
export function processesTitled(prefix: string): readonly { pid: number; parent: number }[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc').flatMap((name) => {
      const pid = Number(name);
      if (!Number.isSafeInteger(pid) || !commandOf(pid)?.[0]?.startsWith(prefix)) return [];
      return [{ pid, parent: Number(statFields(pid)?.[1]) }];
    });
  }
  const table = runPs(['-axww', '-o', 'pid=,ppid=,command=']) ?? '';
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, title] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? [];
    return title?.startsWith(prefix) ? [{ pid: Number(pid), parent: Number(parent) }] : [];
  });
}

/** The words of the command line; through `ps` the program and the whole rest. */
function commandOf(pid: number): readonly string[] | undefined {
  if (process.platform !== 'linux') {
    const line = askPs(pid, 'command=');
    if (line === undefined) return undefined;
    const end = line.indexOf(' -D ');
    return end < 0 ? [line] : [line.slice(0, end), `${line.slice(end)} `];
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return undefined;
  }
}

/** Fields of /proc/<pid>/stat from the third on; the second may itself hold spaces and brackets. */
function statFields(pid: number): readonly string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

function askPs(pid: number, column: string): string | undefined {
  return runPs(['-ww', '-o', column, '-p', String(pid)]);
}

function runPs(args: readonly string[]): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const options = { encoding: 'utf8', env: { LC_ALL: 'C' }, timeout: 2_000 } as const;
    const text = execFileSync('/bin/ps', args, options).trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
