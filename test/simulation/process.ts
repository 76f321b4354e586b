/** A simulated process: it can be killed, stalled, and cut off from the database. */
import type { Timers } from '../../src/delivery/timers.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface Process {
  readonly id: string;
  /** Of those on the same one it knows whether they have ended. */
  readonly machine: number;
  readonly isAlive: boolean;
  /** Lets the process hear of something: later if it is stalled, never if it is dead. */
  readonly hear: (work: () => void) => void;
  readonly kill: () => void;
  /** It stands still, as a machine without processor time does. */
  readonly stall: (ms: number) => void;
  /** Statements do not come through until then. */
  readonly cutOffUntilMs: number;
  readonly cutOff: (ms: number) => void;
  /** Clocks of processes differ; only the wall clock jumps. */
  readonly steadyMs: () => number;
  readonly wallMs: () => number;
  readonly jumpWall: (ms: number) => void;
  readonly timers: Timers;
}

const wallStartMs = Date.UTC(2026, 0, 1);

export interface ProcessParts {
  readonly id: string;
  readonly machine: number;
  readonly clock: VirtualClock;
  readonly steadyOffsetMs: number;
  /** It is about to do something. */
  readonly onHeard: () => void;
}

export function createProcess(parts: ProcessParts): Process {
  const { id, machine, clock, steadyOffsetMs, onHeard } = parts;
  let isAlive = true;
  let stalledUntilMs = 0;
  let cutOffUntilMs = 0;
  let wallOffsetMs = 0;
  const set = new Set<number>();
  const hear = (work: () => void): void => {
    if (!isAlive) return;
    const waitMs = stalledUntilMs - clock.nowMs();
    if (waitMs > 0) clock.after(waitMs, () => hear(work));
    else {
      onHeard();
      work();
    }
  };
  return {
    ...{ id, machine },
    hear,
    get isAlive() {
      return isAlive;
    },
    kill() {
      isAlive = false;
    },
    stall(ms) {
      stalledUntilMs = Math.max(stalledUntilMs, clock.nowMs() + ms);
    },
    get cutOffUntilMs() {
      return cutOffUntilMs;
    },
    cutOff(ms) {
      cutOffUntilMs = Math.max(cutOffUntilMs, clock.nowMs() + ms);
    },
    steadyMs: () => clock.nowMs() + steadyOffsetMs,
    wallMs: () => wallStartMs + clock.nowMs() + wallOffsetMs,
    jumpWall(ms) {
      wallOffsetMs += ms;
    },
    timers: {
      set(run, delayMs) {
        const timer = clock.after(delayMs, () =>
          hear(() => {
            // One that was due during a stall may have been cleared since.
            if (set.delete(timer)) run();
          }),
        );
        set.add(timer);
        return timer;
      },
      clear(timer) {
        set.delete(timer);
        clock.cancel(timer);
      },
    },
  };
}
