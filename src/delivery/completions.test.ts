/** What operators hear when outcomes are slow to be stored: sending stands still meanwhile. */
import { expect, test } from 'vitest';
import { Completions, type CompletionsParts, type Outcome } from './completions.ts';
import { defaultDeliverySettings } from './settings.ts';
import { createSystemTimers } from './timers.ts';

test.each([
  [999, []],
  [1_500, [{ outcomes: 1, tookMs: 1_500, waiting: 1 }]],
])('a statement of %i ms', async (tookMs, told) => {
  let nowMs = 5_000;
  const warnings: unknown[] = [];
  let onWritten = () => {};
  const written = new Promise<void>((resolve) => {
    onWritten = resolve;
  });
  const parts: CompletionsParts = {
    write: async () => {
      nowMs += tookMs;
    },
    onDurable: onWritten,
    timers: createSystemTimers(),
    steadyMs: () => nowMs,
    settings: defaultDeliverySettings,
    logger: { warn: (details: unknown) => void warnings.push(details) },
  };
  const completions = new Completions(parts);
  completions.add({ completion: { id: 'd1' } } as Outcome);
  await written;
  expect(completions.size).toBe(0);
  expect(warnings).toEqual(told);
});
