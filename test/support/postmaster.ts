/** The PostgreSQL of a hub's data folder, seen from outside: for tests that kill it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const lookEveryMs = 20;
/** Ten seconds, for a machine that has no time for it. */
const looksMax = 500;

/** Where the cluster lies: in the data folder, or where a note in it says. */
function clusterOf(dataDir: string): string {
  const note = join(dataDir, 'postgres.location');
  const home = existsSync(note) ? readFileSync(note, 'utf8').trim() : join(dataDir, 'postgres');
  return join(home, 'cluster', 'data');
}

/** Process id of the running server; undefined when there is none. */
export function postmasterPid(dataDir: string): number | undefined {
  const cluster = clusterOf(dataDir);
  const pid = Number.parseInt(textOf(join(cluster, 'postmaster.pid')), 10);
  return commandOf(pid).includes(cluster) ? pid : undefined;
}

/**
 * Ends a server that a killed hub left, and waits for its end: it would go on writing into a folder
 * that is being removed, and live on for a minute without one.
 */
export async function endPostmaster(dataDir: string): Promise<void> {
  const pid = postmasterPid(dataDir);
  if (pid === undefined) return;
  process.kill(pid, 'SIGQUIT');
  for (let looks = 0; postmasterPid(dataDir) === pid; looks += 1) {
    if (looks === looksMax) process.kill(pid, 'SIGKILL');
    await new Promise((next) => setTimeout(next, lookEveryMs));
  }
}

/** Empty where there is none, e.g. because its server has just ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Empty for a process that is no more: ids are used again. */
function commandOf(pid: number): string {
  if (Number.isNaN(pid)) return '';
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
