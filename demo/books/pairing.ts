/** Pairs what is due with what arrives, by key; either may come first, and both may be waited for. */

export interface Pairing<Due, Arrival> {
  readonly due: (key: string, due: Due) => void;
  readonly arrived: (key: string, arrival: Arrival) => void;
  /** Due, and not there yet. */
  readonly missing: () => readonly Due[];
  /** There, and not due so far. */
  readonly unasked: () => readonly Arrival[];
  /** Waits until nothing is missing; false when the time is over first. One waiter at a time. */
  readonly settled: (waitMsMax: number) => Promise<boolean>;
}

export function createPairing<Due, Arrival>(
  pair: (due: Due, arrival: Arrival) => void,
): Pairing<Due, Arrival> {
  const missing = new Map<string, Due>();
  const unasked = new Map<string, Arrival>();
  let whenSettled = () => {};

  return {
    due(key, due) {
      const arrival = unasked.get(key);
      if (arrival === undefined) missing.set(key, due);
      else pair(due, arrival);
      unasked.delete(key);
    },
    arrived(key, arrival) {
      const due = missing.get(key);
      if (due === undefined) unasked.set(key, arrival);
      else pair(due, arrival);
      missing.delete(key);
      if (missing.size === 0) whenSettled();
    },
    missing: () => [...missing.values()],
    unasked: () => [...unasked.values()],
    settled: (waitMsMax) =>
      new Promise((resolve) => {
        const end = (isSettled: boolean) => {
          clearTimeout(timer);
          whenSettled = () => {};
          resolve(isSettled);
        };
        const timer = setTimeout(end, waitMsMax, false);
        whenSettled = () => end(true);
        if (missing.size === 0) end(true);
      }),
  };
}
