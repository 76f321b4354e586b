// Keeps the server running: when it ends by itself, another takes its place at the same address.
//
//   running ──ended by itself──▶ waiting ──delay over──▶ starting ──ready──▶ running
//                                   ▲                        │
//                                   └────── failed ──────────┘
//   and from each of them, stop() leads to stopped, for good.
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningServer } from './server.ts';
import type { EmbeddedLogger } from './types.ts';

export interface SuperviseOptions {
  readonly first: RunningServer;
  /** Starts the next one; when the signal aborts it withdraws, leaves nothing and rejects. */
  readonly start: (signal: AbortSignal) => Promise<RunningServer>;
  readonly logger: EmbeddedLogger | undefined;
  /** Called each time the database is back, in a call stack of its own. */
  readonly onRestart: (() => void) | undefined;
  /** A clock that only advances. */
  readonly nowMs?: () => number;
  /** Rejects when the signal aborts. */
  readonly pause?: (delayMs: number, signal: AbortSignal) => Promise<unknown>;
}

export interface Supervisor {
  /** Process id of the current server; of the last one while there is none. */
  readonly pid: number;
  /** Ends the server, or the attempt to start one, and waits for that. */
  stop(): Promise<void>;
}

const DELAY_MS = 500;
const DELAY_MS_MAX = 10_000;
/** Who ran that long was well: the next end of it is a new trouble, not the old one. */
const HEALTHY_MS = 60_000;

/** 0, 0.5 s, 1 s, 2 s … 10 s, by the number of ends and failed starts just before. */
export function restartDelayMs(troubles: number): number {
  return troubles === 0 ? 0 : Math.min(DELAY_MS * 2 ** (troubles - 1), DELAY_MS_MAX);
}

export function supervise(options: SuperviseOptions): Supervisor {
  const { start, logger, onRestart } = options;
  const { nowMs = () => performance.now(), pause = pauseUnref } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let server = options.first;
  let troubles = 0;
  let stopped: Promise<void> | undefined;

  /** Tries until it works or until stop(). */
  async function startAgain(): Promise<RunningServer | undefined> {
    while (!signal.aborted) {
      const delayMs = restartDelayMs(troubles);
      troubles += 1;
      try {
        if (delayMs > 0) await pause(delayMs, signal);
        return await start(signal);
      } catch (err) {
        if (signal.aborted) break;
        const retryInMs = restartDelayMs(troubles);
        logger?.warn({ err, retryInMs }, 'the embedded PostgreSQL could not be started again');
      }
    }
    return undefined;
  }

  async function watch(): Promise<void> {
    for (;;) {
      const readyMs = nowMs();
      const end = await server.ended;
      if (signal.aborted) return;
      const endedMs = nowMs();
      if (endedMs - readyMs >= HEALTHY_MS) troubles = 0;
      logger?.warn({ pid: server.pid, ...end }, 'the embedded PostgreSQL ended by itself');
      const next = await startAgain();
      if (next === undefined) return;
      server = next;
      // stop() came in the very moment it became ready, and knew the one before only.
      if (signal.aborted) return next.stop();
      const durationMs = Math.round(nowMs() - endedMs);
      logger?.info({ pid: next.pid, durationMs }, 'the embedded PostgreSQL is back');
      // What a caller throws is the caller's, and must not end this watch.
      if (onRestart !== undefined) queueMicrotask(onRestart);
    }
  }

  const watching = watch();
  return {
    get pid() {
      return server.pid;
    },
    stop() {
      stopping.abort();
      stopped ??= server.stop().then(() => watching);
      return stopped;
    },
  };
}

/** Unreferenced: a script that is done need not wait for a server that it no longer uses. */
function pauseUnref(delayMs: number, signal: AbortSignal): Promise<void> {
  return wait(delayMs, undefined, { signal, ref: false });
}
