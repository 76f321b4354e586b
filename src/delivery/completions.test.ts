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

test('outcomes wait a little for company, but no longer when there are many', async () => {
  const { flushLingerMs, flushRowsMin } = defaultDeliverySettings;
  const statements: string[][] = [];
  const endings: (() => void)[] = [];
  const timers: { run: () => void; delayMs: number }[] = [];
  const completions = new Completions({
    write: (rows) => {
      statements.push(rows.map(({ id }) => id));
      return new Promise((resolve) => endings.push(resolve));
    },
    onDurable: () => undefined,
    timers: { set: (run, delayMs) => timers.push({ run, delayMs }), clear: () => undefined },
    steadyMs: () => 0,
    settings: defaultDeliverySettings,
    logger: { warn: () => undefined },
  });
  const add = (id: string) => completions.add({ completion: { id } } as Outcome);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  add('a');
  add('b');
  expect(statements).toEqual([]);
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([flushLingerMs]);
  timers[0]?.run();
  expect(statements).toEqual([['a', 'b']]);

  // What comes meanwhile waits for its end, and then for company of its own.
  add('c');
  expect(timers).toHaveLength(1);
  endings[0]?.();
  await turn();
  expect(statements).toHaveLength(1);
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([flushLingerMs, flushLingerMs]);

  for (let more = 1; more < flushRowsMin; more += 1) add(`d${more}`);
  expect(statements).toHaveLength(2);
  expect(statements[1]).toHaveLength(flushRowsMin);
  timers[1]?.run();
  expect(statements).toHaveLength(2);
  endings[1]?.();
  await turn();
  expect(completions.size).toBe(0);
});
