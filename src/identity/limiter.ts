/** Lets a few of one kind of work run at once and some more wait; turns the rest away. */
import { Problem } from '../events/problem.ts';

export interface Limits {
  readonly runningMax: number;
  readonly waitingMax: number;
}

export interface Limiter {
  /** Runs `work` when its turn has come, first come, first served. Throws `overloaded`. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
}

export function createLimiter({ runningMax, waitingMax }: Limits): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < runningMax) {
      running += 1;
      return;
    }
    if (waiting.length >= waitingMax) {
      throw new Problem('overloaded', 'too many such requests at once', { retryAfterSec: 1 });
    }
    // Whoever leaves hands the place on, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}

/** Work under the same key runs one after the other; work under different keys side by side. */
export function createTurns(waitingMax: number) {
  const lanes = new Map<string, { readonly limiter: Limiter; users: number }>();
  return async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = lanes.get(key) ?? {
      limiter: createLimiter({ runningMax: 1, waitingMax }),
      users: 0,
    };
    lanes.set(key, lane);
    lane.users += 1;
    try {
      return await lane.limiter.run(work);
    } finally {
      lane.users -= 1;
      if (lane.users === 0) lanes.delete(key);
    }
  };
}
