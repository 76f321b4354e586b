/** Timers as an argument, so that a simulation with a clock of its own can drive delivery. */

export type Timer = number;

export interface Timers {
  readonly set: (run: () => void, delayMs: number) => Timer;
  readonly clear: (timer: Timer) => void;
}

const delayMsMax = 2_147_483_647;

export function createSystemTimers(): Timers {
  const running = new Map<Timer, NodeJS.Timeout>();
  let last = 0;
  return {
    set(run, delayMs) {
      last += 1;
      const timer = last;
      // Node turns a longer delay into 1 ms.
      const timeout = setTimeout(
        () => {
          running.delete(timer);
          run();
        },
        Math.min(Math.max(0, delayMs), delayMsMax),
      );
      running.set(timer, timeout);
      return timer;
    },
    clear(timer) {
      clearTimeout(running.get(timer));
      running.delete(timer);
    },
  };
}
