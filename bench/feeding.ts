/** The feed as rows see it: a process that posts numbered events, none of them twice. */
import { createRemote } from './channel.ts';
import type { Lab } from './lab.ts';
import type { FloodJob, FloodResult } from './load/flood.ts';
import type { StreamJob, StreamResult } from './load/stream.ts';
import type { FeedCalls } from './programs/feed.ts';

type Given = 'firstNumber' | 'units';

export interface Feed {
  /** The number of the next event to be sent. */
  readonly nextNumber: () => number;
  /** Closed loop. Throws when one event was not recorded. */
  readonly flood: (job: Omit<FloodJob, Given>) => Promise<FloodResult>;
  /** Open loop. Throws for wrong answers; 503 is none. */
  readonly stream: (job: Omit<StreamJob, Given | 'connections'>) => Promise<StreamResult>;
}

function check(url: string, failures: Readonly<Record<string, number>>): void {
  const lines = Object.entries(failures).map(([reason, count]) => `  ${count} × ${reason}`);
  if (lines.length > 0) throw new Error(`${url} answered wrongly:\n${lines.join('\n')}`);
}

export function startFeed(lab: Lab): Feed {
  const child = lab.start({ name: 'feed', program: 'bench/programs/feed.js' });
  const ask = createRemote<FeedCalls>(child, lab.signal);
  const { connections, units } = lab.settings;
  let nextNumber = 0;
  return {
    nextNumber: () => nextNumber,
    async flood(job) {
      const result = await ask('flood', { ...job, units, firstNumber: nextNumber });
      nextNumber += result.sent;
      check(job.url, result.failures);
      return result;
    },
    async stream(job) {
      const result = await ask('stream', { ...job, connections, units, firstNumber: nextNumber });
      nextNumber += result.sent;
      check(job.url, result.failures);
      return result;
    },
  };
}
