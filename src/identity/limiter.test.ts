// The limiter: how many run, how many wait, who is turned away, and that a failure frees its place.
import { expect, it } from 'vitest';
import { createLimiter, createTurns } from './limiter.ts';

/** Work that ends when told to. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, work: () => opened };
}

it('runs a few, lets some wait in order and turns the rest away', async () => {
  const limiter = createLimiter({ runningMax: 2, waitingMax: 1 });
  const [one, two] = [gate(), gate()];
  const order: string[] = [];
  const first = limiter.run(one.work);
  const second = limiter.run(two.work);
  const third = limiter.run(async () => {
    order.push('third');
  });
  await expect(limiter.run(async () => undefined)).rejects.toMatchObject({
    code: 'overloaded',
    details: { retryAfterSec: 1 },
  });
  expect(order).toEqual([]);
  one.open();
  await Promise.all([first, third]);
  expect(order).toEqual(['third']);
  two.open();
  await second;
});

it('frees the place of work that fails', async () => {
  const limiter = createLimiter({ runningMax: 1, waitingMax: 0 });
  for (let round = 0; round < 3; round++) {
    await expect(limiter.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  }
  expect(await limiter.run(async () => 'fine')).toBe('fine');
});

it('takes turns per key only', async () => {
  const inTurn = createTurns(1);
  const held = gate();
  const first = inTurn('a', held.work);
  const second = inTurn('a', async () => 'second');
  await expect(inTurn('a', async () => 'third')).rejects.toMatchObject({ code: 'overloaded' });
  expect(await inTurn('b', async () => 'other')).toBe('other');
  held.open();
  await first;
  expect(await second).toBe('second');
});
