// Deals with what was left running: by an earlier Node that was killed, or by a killed server.
//
// It is stopped, not taken over: that costs a tenth of a second, and afterwards there is one
// case only, a child of ours with today's programs and settings, whose end we notice.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf, EmbeddedPostgresError } from './errors.ts';
import { endOrphans } from './orphans.ts';
import { isAlive, isPostgres, isServerOf } from './processes.ts';
import { runToEnd } from './run.ts';
import { answers, type Endpoint } from './socket.ts';
import type { Binaries, EmbeddedLogger } from './types.ts';

/** How long each way of asking is given; the write-ahead log covers the last two. */
export const STOP_STEPS = [
  { signal: 'SIGINT', graceMs: 5_000 },
  { signal: 'SIGQUIT', graceMs: 3_000 },
  { signal: 'SIGKILL', graceMs: 2_000 },
] as const;

export interface LeftoverOptions {
  readonly dataDir: string;
  readonly pgData: string;
  readonly endpoint: Endpoint;
  readonly binaries: Binaries;
  readonly logger: EmbeddedLogger | undefined;
}

/**
 * Call under the lock only: then nobody living has a claim on a server found here.
 * @throws EmbeddedPostgresError `data-folder-in-use` when a server answers that we cannot see
 */
export async function clearLeftover(options: LeftoverOptions): Promise<void> {
  await clearServer(options);
  // Also without a pid file: somebody may have deleted it, and with it PostgreSQL's own guard.
  await endOrphans(options.pgData);
}

async function clearServer(options: LeftoverOptions): Promise<void> {
  const { dataDir, pgData, endpoint, logger } = options;
  const pidFile = join(pgData, 'postmaster.pid');
  const text = await readIfThere(pidFile);
  if (text === undefined) return;
  const pid = Math.abs(Number.parseInt(text, 10));
  const isAnswering = await answers(endpoint);
  if (isOurs(pid, pgData, isAnswering)) {
    await stopServer(pid, options);
    logger?.info({ pid, dataDir }, 'stopped the PostgreSQL that a killed process left running');
  } else if (isAnswering) {
    // For instance in another container that shares this folder.
    throw new EmbeddedPostgresError(
      'data-folder-in-use',
      `The data folder ${dataDir} is in use by a PostgreSQL (process ${pid}) not visible here.`,
    );
  } else {
    // PostgreSQL would believe that its old self still runs if the id was recycled, or is that of a
    // zombie that nobody collects (containers without an init). Our own id it passes over, as its
    // parent's. The file stays: its last lines guard the shared memory against orphaned sessions.
    await writeFile(pidFile, text.replace(/^-?\d+/, String(process.pid)));
  }
}

function isOurs(pid: number, pgData: string, isAnswering: boolean): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform === 'win32') return true;
  // A data folder that was moved has another path on the command line, but its socket answers.
  return isServerOf(pid, pgData) || (isAnswering && isPostgres(pid));
}

async function stopServer(pid: number, options: LeftoverOptions): Promise<void> {
  if (process.platform === 'win32') {
    // pg_ctl signals through a pipe that only a PostgreSQL process has, so a recycled id is safe.
    const { binaries, pgData, dataDir } = options;
    const args = ['stop', '--mode=fast', '--wait', `--pgdata=${pgData}`];
    const run = { program: binaries.pgCtl, args, user: undefined, cwd: dataDir };
    await runToEnd(run).catch(() => undefined);
    return;
  }
  for (const { signal, graceMs } of STOP_STEPS) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
    const deadline = Date.now() + graceMs;
    while (isAlive(pid) && Date.now() < deadline) await wait(5);
    if (!isAlive(pid)) return;
  }
  throw new EmbeddedPostgresError('start-failed', `PostgreSQL (process ${pid}) cannot be stopped.`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
