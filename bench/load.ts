/** The load as rows see it: a process that works off one job after another. */
import { once } from 'node:events';
import type { Child } from './child.ts';
import type { LoadJob, LoadResult } from './load/run.ts';
import type { Settings } from './row.ts';

export interface Load {
  /**
   * Runs one job; no body is ever sent twice. Throws when a single answer is not the expected
   * one: a rate of mixed answers says nothing.
   */
  readonly run: (job: Job) => Promise<LoadResult>;
}

/** Over as many connections as the settings say, unless it names a number. */
export type Job = Omit<LoadJob, 'firstNumber' | 'connections' | 'units'> &
  Partial<Pick<LoadJob, 'connections'>>;

interface LoadOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

export function createLoad(child: Child, { settings, signal }: LoadOptions): Load {
  const { channel, ended } = child;
  const { connections, units } = settings;
  let firstNumber = 0;
  const failed = ended.then((words) => {
    throw new Error(words);
  });
  // Only a job that waits for it minds.
  failed.catch(() => undefined);

  async function ask(job: LoadJob): Promise<LoadResult> {
    const answered = once(channel, 'message', { signal });
    channel.send(job);
    const [message] = await Promise.race([answered, failed]);
    const { result, error } = message as { result?: LoadResult; error?: string };
    if (result === undefined) throw new Error(`load on ${job.url}: ${error}`);
    return result;
  }

  return {
    async run(job) {
      const result = await ask({ connections, ...job, units, firstNumber });
      firstNumber += result.sent;
      const failures = Object.entries(result.failures);
      if (failures.length === 0) return result;
      const lines = failures.map(([reason, count]) => `  ${count} × ${reason}`);
      throw new Error(`${job.url}${job.path} was answered wrongly:\n${lines.join('\n')}`);
    },
  };
}
