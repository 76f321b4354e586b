/** A bounded set of undici pools, one per origin; the least recently used one makes room. */
import type { EventEmitter } from 'node:events';
import { LRUCache } from 'lru-cache';
import { type buildConnector, Pool } from 'undici';
import { TrackedClient } from './exchange.ts';

export type PoolLimits = {
  readonly originsMax: number;
  readonly connectionsPerOriginMax: number;
  /** A connection is renewed after so many requests, so that a moved endpoint is found again. */
  readonly requestsPerConnectionMax: number;
  /** An idle connection is closed after so long, or earlier when the receiver announces less. */
  readonly keepAliveTimeoutMs: number;
  readonly keepAliveTimeoutMsMax: number;
  readonly answerHeaderBytesMax: number;
};

export type Pools = {
  of(origin: string): Pool;
  /** Closes every connection at once. */
  destroy(): Promise<void>;
};

type PoolDeps = {
  readonly connect: buildConnector.connector;
  readonly limits: PoolLimits;
  readonly onError: (error: unknown) => void;
};

export function createPools(deps: PoolDeps): Pools {
  const { limits, onError } = deps;
  const open = new Set<Pool>();
  const pools = new LRUCache<string, Pool>({
    max: limits.originsMax,
    // Closing is gentle: what the pool is busy with is still finished.
    dispose: (pool) => {
      pool.close().then(() => open.delete(pool), onError);
    },
  });

  const add = (origin: string): Pool => {
    const pool = createPool(origin, deps);
    open.add(pool);
    pools.set(origin, pool);
    return pool;
  };

  return {
    of: (origin) => pools.get(origin) ?? add(origin),
    async destroy() {
      const all = [...open];
      pools.clear();
      await Promise.all(all.map((pool) => pool.destroy()));
    },
  };
}

function createPool(origin: string, deps: PoolDeps): Pool {
  const { limits } = deps;
  const options = {
    connect: deps.connect,
    pipelining: 1,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    keepAliveMaxTimeout: limits.keepAliveTimeoutMsMax,
    maxRequestsPerClient: limits.requestsPerConnectionMax,
    maxHeaderSize: limits.answerHeaderBytesMax,
    // Each exchange has one deadline of its own, over all phases.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return new Pool(origin, {
    connections: limits.connectionsPerOriginMax,
    factory: (url) => {
      const client = new TrackedClient(url, options);
      // Without a listener an error thrown inside undici would end the process.
      const emitter: EventEmitter = client;
      emitter.on('error', deps.onError);
      return client;
    },
  });
}
