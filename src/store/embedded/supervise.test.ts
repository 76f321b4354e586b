// When the supervisor starts a server again: with servers, a clock and pauses that tests control.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer } from './server.ts';
import { restartDelayMs, type SuperviseOptions, supervise } from './supervise.ts';

interface FakeServer extends RunningServer {
  /** Ends it, as `kill -9` does. */
  die(): void;
}

let pid: number;
let nowMs: number;
let lines: string[];
let pausesMs: number[];
beforeEach(() => {
  pid = 0;
  nowMs = 0;
  lines = [];
  pausesMs = [];
});

function fakeServer(): FakeServer {
  pid += 1;
  let end: (() => void) | undefined;
  const ended = new Promise<Awaited<RunningServer['ended']>>((resolve) => {
    end = () => resolve({ exitCode: null, exitSignal: 'SIGKILL', words: '' });
  });
  const die = () => end?.();
  return { pid, ended, die, stop: async () => die() };
}

/** A supervisor, and the next time that it calls `onRestart`. */
function begin(options: Partial<SuperviseOptions> & Pick<SuperviseOptions, 'first'>) {
  const waiting: (() => void)[] = [];
  const supervisor = supervise({
    start: async () => fakeServer(),
    logger: {
      info: (_, message) => lines.push(`info: ${message}`),
      warn: (_, message) => lines.push(`warn: ${message}`),
    },
    onRestart: () => waiting.shift()?.(),
    nowMs: () => nowMs,
    pause: async (delayMs) => pausesMs.push(delayMs),
    ...options,
  });
  const restarted = () => new Promise<void>((resolve) => waiting.push(resolve));
  return { supervisor, restarted };
}

describe('restartDelayMs', () => {
  it('starts at once, then doubles up to ten seconds', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 5_000].map(restartDelayMs);
    expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });
});

describe('supervise', () => {
  it('says once that the server ended, and once that another one is ready', async () => {
    const first = fakeServer();
    const { supervisor, restarted } = begin({ first });
    expect(supervisor.pid).toBe(1);
    const back = restarted();
    first.die();
    await back;
    expect(supervisor.pid).toBe(2);
    expect(pausesMs).toEqual([]);
    expect(lines).toEqual([
      'warn: the embedded PostgreSQL ended by itself',
      'info: the embedded PostgreSQL is back',
    ]);
    await supervisor.stop();
  });

  it('waits longer while servers keep ending, until one was well for a minute', async () => {
    let server = fakeServer();
    const start = async () => {
      server = fakeServer();
      return server;
    };
    const { supervisor, restarted } = begin({ first: server, start });
    for (const livedMs of [59_999, 59_999, 59_999, 59_999, 60_000, 0]) {
      nowMs += livedMs;
      const back = restarted();
      server.die();
      await back;
    }
    expect(pausesMs).toEqual([500, 1_000, 2_000, 500]);
    await supervisor.stop();
  });

  it('goes on when starts fail, and says each time why', async () => {
    const first = fakeServer();
    let failures = 9;
    const start = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the disk is full');
      return fakeServer();
    };
    const { supervisor, restarted } = begin({ first, start });
    const back = restarted();
    first.die();
    await back;
    expect(pausesMs).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]);
    const failed = 'warn: the embedded PostgreSQL could not be started again';
    expect(lines.filter((line) => line === failed)).toHaveLength(9);
    await supervisor.stop();
  });

  it('starts nothing after a stop, not even when the server dies of something else', async () => {
    const first = fakeServer();
    const start = () => Promise.reject(new Error('started after stop()'));
    const { supervisor } = begin({ first, start });
    const stopped = supervisor.stop();
    first.die();
    await stopped;
    await supervisor.stop();
    expect(lines).toEqual([]);
  });

  it('ends a pause when told to stop', async () => {
    const first = fakeServer();
    let paused = () => {};
    const isPaused = new Promise<void>((resolve) => {
      paused = resolve;
    });
    const pause = (_: number, signal: AbortSignal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        paused();
      });
    const start = () => Promise.reject(new Error('no'));
    const { supervisor } = begin({ first, start, pause });
    first.die();
    await isPaused;
    await supervisor.stop();
    expect(lines).toHaveLength(2);
  });

  it('stops a server that became ready in the moment of the stop', async () => {
    const first = fakeServer();
    const late = fakeServer();
    let isStopped = false;
    const stop = async () => {
      isStopped = true;
    };
    let begun = () => {};
    const isStarting = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const start = (signal: AbortSignal) =>
      new Promise<RunningServer>((resolve) => {
        signal.addEventListener('abort', () => resolve({ ...late, stop }));
        begun();
      });
    const { supervisor } = begin({ first, start });
    first.die();
    await isStarting;
    await supervisor.stop();
    expect(isStopped).toBe(true);
    expect(lines).toEqual(['warn: the embedded PostgreSQL ended by itself']);
  });
});
