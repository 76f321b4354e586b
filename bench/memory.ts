/** The memory of a process, as the system counts it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const kibPerMib = 1_024;

/** Resident set in MiB: from /proc, where there is none from ps. */
export async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const text =
    status === undefined
      ? (await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout
      : /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  const kib = Number(text);
  if (!(kib > 0)) throw new Error(`the memory of process ${pid} cannot be read`);
  return kib / kibPerMib;
}
