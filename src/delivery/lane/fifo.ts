/** A first-in-first-out queue whose shift does not move the rest. */
export interface Fifo<T> {
  readonly size: () => number;
  readonly push: (value: T) => void;
  readonly shift: () => T | undefined;
  readonly peek: () => T | undefined;
}

/** The used front is cut off when it is longer than the rest, and not for a handful. */
const usedMin = 64;

export function createFifo<T>(): Fifo<T> {
  let values: T[] = [];
  let start = 0;
  return {
    size: () => values.length - start,
    push(value) {
      values.push(value);
    },
    shift() {
      const value = values[start];
      if (start < values.length) start += 1;
      if (start >= usedMin && start * 2 > values.length) {
        values = values.slice(start);
        start = 0;
      }
      return value;
    },
    peek: () => values[start],
  };
}
