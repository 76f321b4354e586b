/** Durations in steps of 0.1 ms up to 10 s: constant memory, however many there are. */

const stepsPerMs = 10;
const msMax = 10_000;

export interface Latencies {
  readonly add: (ms: number) => void;
  /** The duration that this share (0 to 1) did not exceed, in ms; 0 when there were none. */
  readonly percentile: (share: number) => number;
}

export function createLatencies(): Latencies {
  const counts = new Uint32Array(msMax * stepsPerMs + 1);
  let total = 0;
  return {
    add(ms) {
      const step = Math.min(counts.length - 1, Math.floor(ms * stepsPerMs));
      counts[step] = (counts[step] ?? 0) + 1;
      total += 1;
    },
    percentile(share) {
      if (total === 0) return 0;
      let seen = 0;
      const step = counts.findIndex((count) => {
        seen += count;
        return seen >= total * share;
      });
      return step / stepsPerMs;
    },
  };
}
