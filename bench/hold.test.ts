/** The search for the highest rate, on a pretended server with a known limit. */
import { describe, expect, it } from 'vitest';
import { type HoldOptions, hold, probe } from './hold.ts';
import type { Trial } from './trial.ts';

/** Holds up to `limit` events/s in short trials, and a share of it in long ones. */
function serverOf(limit: number, longShare = 1): HoldOptions & { readonly rates: number[] } {
  const rates: number[] = [];
  return {
    rates,
    probeSec: 5,
    holdSec: 60,
    warmUpSec: 1,
    progress: () => undefined,
    async attempt(rate, seconds): Promise<Trial> {
      rates.push(rate);
      const holds = rate <= (seconds === 60 ? limit * longShare : limit);
      const times = new Float64Array(100).fill(holds ? 5 : 5_000);
      return { receiptMs: times, pushMs: times, isWhole: true };
    },
  };
}

describe('probe', () => {
  it.each([100, 2_000, 7_500, 40_000])(
    'comes near a limit of %d events/s from below',
    async (limit) => {
      const found = await probe(serverOf(limit));
      expect(found).toBeLessThanOrEqual(limit);
      expect(found * 1.15).toBeGreaterThanOrEqual(limit);
    },
  );
});

describe('hold', () => {
  it('keeps a rate that is held, and steps down from one that is not', async () => {
    expect((await hold(serverOf(5_000), 4_000)).rate).toBe(4_000);
    const server = serverOf(5_000, 0.7);
    const { rate } = await hold(server, 4_000);
    expect(rate).toBeLessThanOrEqual(3_500);
    expect(server.rates).toEqual([4_000, 3_600, rate]);
  });

  it('ends where nothing is held', async () => {
    expect((await hold(serverOf(0), 100)).rate).toBe(0);
  });
});
