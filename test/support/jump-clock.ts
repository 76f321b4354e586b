/** Real time that a test may jump ahead: timers that are due after the jump fire at once. */
import type { Timers } from '../../src/delivery/timers.ts';

export interface JumpClock {
  readonly steadyMs: () => number;
  readonly timers: Timers;
  readonly jump: (ms: number) => void;
}

interface Pending {
  readonly run: () => void;
  readonly atMs: number;
  timeout: NodeJS.Timeout;
}

export function createJumpClock(): JumpClock {
  const pending = new Map<number, Pending>();
  let aheadMs = 0;
  let last = 0;
  const steadyMs = () => performance.now() + aheadMs;

  function fire(timer: number): void {
    const due = pending.get(timer);
    pending.delete(timer);
    clearTimeout(due?.timeout);
    due?.run();
  }

  const wait = (timer: number, delayMs: number) => setTimeout(fire, delayMs, timer);

  return {
    steadyMs,
    timers: {
      set(run, delayMs) {
        last += 1;
        const timer = last;
        const most = Math.min(Math.max(0, delayMs), 2 ** 31 - 1);
        pending.set(timer, { run, atMs: steadyMs() + delayMs, timeout: wait(timer, most) });
        return timer;
      },
      clear(timer) {
        clearTimeout(pending.get(timer)?.timeout);
        pending.delete(timer);
      },
    },
    jump(ms) {
      aheadMs += ms;
      const nowMs = steadyMs();
      for (const [timer, due] of [...pending].sort(([, a], [, b]) => a.atMs - b.atMs)) {
        clearTimeout(due.timeout);
        if (due.atMs <= nowMs) fire(timer);
        else due.timeout = wait(timer, due.atMs - nowMs);
      }
    },
  };
}
