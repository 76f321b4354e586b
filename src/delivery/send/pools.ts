/** The connections to all origins: a bounded set, of which the one least recently used makes room. */
import { LRUCache } from 'lru-cache';
import type { buildConnector } from 'undici';
import { Origin, type OriginLimits } from '../http/origin.ts';

export type PoolLimits = OriginLimits & {
  readonly originsMax: number;
};

export interface Pools {
  readonly of: (origin: string) => Origin;
  /** Closes every connection at once. */
  readonly destroy: () => void;
}

/** A connection that has been idle for too long is closed so much later at most. */
const sweepMs = 1_000;

export function createPools({
  connect,
  limits,
}: {
  readonly connect: buildConnector.connector;
  readonly limits: PoolLimits;
}): Pools {
  /** Those that had to make room are here until what they are busy with is finished. */
  const open = new Set<Origin>();
  const known = new LRUCache<string, Origin>({
    max: limits.originsMax,
    dispose: (origin) => origin.retire(),
  });
  let timer: NodeJS.Timeout | undefined;

  function sweep(): void {
    const nowMs = performance.now();
    for (const origin of open) {
      origin.dropIdle(nowMs);
      if (origin.isRetired && origin.isEmpty) open.delete(origin);
    }
  }

  function add(url: string): Origin {
    const origin = new Origin(new URL(url), connect, limits);
    open.add(origin);
    known.set(url, origin);
    // An idle connection is no reason for a process to live on.
    timer ??= setInterval(sweep, sweepMs).unref();
    return origin;
  }

  return {
    of: (url) => known.get(url) ?? add(url),
    destroy() {
      clearInterval(timer);
      timer = undefined;
      known.clear();
      for (const origin of open) origin.destroy();
      open.clear();
    },
  };
}
