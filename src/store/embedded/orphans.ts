// Ends the sessions that a killed server left behind.
//
// Idle sessions notice the death of their server and end by themselves. A busy one goes on until
// its statement is done, and as long as it holds the shared memory no other server may start. They
// get what PostgreSQL itself sends to all sessions when one of them crashed: SIGQUIT.
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, isPostgres, processesTitled } from './processes.ts';

/** How long each way of asking is given. */
const STEPS = [
  { signal: 'SIGQUIT', graceMs: 3_000 },
  { signal: 'SIGKILL', graceMs: 2_000 },
] as const;
const LOOK_AGAIN_MS = 5;

/** The server's `cluster_name`: part of the title of each of its processes, all users see it. */
export function clusterNameOf(pgData: string): string {
  return `portolan-${createHash('sha256').update(pgData).digest('hex').slice(0, 12)}`;
}

/** Never rejects: what cannot be ended is met again by the server that wants to start. */
export async function endOrphans(pgData: string): Promise<void> {
  for (const { signal, graceMs } of STEPS) {
    const pids = findOrphans(pgData);
    if (pids.length === 0) return;
    for (const pid of pids) send(pid, signal);
    const deadline = performance.now() + graceMs;
    while (pids.some(isAlive) && performance.now() < deadline) await wait(LOOK_AGAIN_MS);
  }
}

/** Processes of this database without a living server: not those of a like-named neighbour. */
function findOrphans(pgData: string): readonly number[] {
  return processesTitled(`postgres: ${clusterNameOf(pgData)}: `)
    .filter(({ parent }) => !isPostgres(parent))
    .map(({ pid }) => pid);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile, or not ours to end.
  }
}
