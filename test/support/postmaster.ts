/** The PostgreSQL of a hub's data folder, seen from outside: for tests that kill it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the cluster lies: in the data folder, or where a note in it says. */
function clusterOf(dataDir: string): string {
  const note = join(dataDir, 'postgres.location');
  const home = existsSync(note) ? readFileSync(note, 'utf8').trim() : join(dataDir, 'postgres');
  return join(home, 'cluster', 'data');
}

/** Process id of the running server; undefined when there is none. */
export function postmasterPid(dataDir: string): number | undefined {
  const cluster = clusterOf(dataDir);
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  return commandOf(pid).includes(cluster) ? pid : undefined;
}

/** Ends a server that a killed hub left, so that a failed test leaves no process. */
export function endPostmaster(dataDir: string): void {
  const pid = postmasterPid(dataDir);
  if (pid !== undefined) process.kill(pid, 'SIGQUIT');
}

/** Empty for a process that is no more: ids are used again. */
function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
