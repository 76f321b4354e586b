/** Time that moves only from one event to the next: hours pass in microseconds. */
import { createDueHeap } from '../../src/delivery/lane/due-heap.ts';

export interface VirtualClock {
  readonly nowMs: () => number;
  /** Runs `work` after the delay; the number cancels it. */
  readonly after: (delayMs: number, work: () => void) => number;
  readonly cancel: (event: number) => void;
  /** When the next event is; undefined when there is none. */
  readonly nextMs: () => number | undefined;
  /** Moves to the next event and runs it. */
  readonly step: () => void;
}

interface Event {
  readonly number: number;
  readonly work: () => void;
}

export function createVirtualClock(): VirtualClock {
  const events = createDueHeap<Event>();
  const open = new Set<number>();
  let nowMs = 0;
  let last = 0;

  /** The earliest event that was not cancelled. */
  function next() {
    for (let top = events.peek(); top !== undefined; top = events.peek()) {
      if (open.has(top.value.number)) return top;
      events.pop();
    }
    return undefined;
  }

  return {
    nowMs: () => nowMs,
    after(delayMs, work) {
      last += 1;
      open.add(last);
      events.push({ dueMs: nowMs + Math.max(0, delayMs), value: { number: last, work } });
      return last;
    },
    cancel: (event) => open.delete(event),
    nextMs: () => next()?.dueMs,
    step() {
      const due = next();
      if (due === undefined) return;
      events.pop();
      open.delete(due.value.number);
      nowMs = due.dueMs;
      due.value.work();
    },
  };
}
