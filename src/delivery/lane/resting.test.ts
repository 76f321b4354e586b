/** When the units that wait in the table come back: together, and not so often that nothing else is read. */
import { expect, test } from 'vitest';
import { Resting } from './resting.ts';

const unit = (unitId: string) => ({ subscriptionId: 's', unitId });

test('those due soon are woken together, the others go on resting', () => {
  const resting = new Resting(10);
  expect(resting.wakeAtMs(0)).toBe(Number.POSITIVE_INFINITY);
  resting.add(unit('late'), 500);
  resting.add(unit('soon'), 100);
  resting.add(unit('near'), 105);
  expect([0, 100, 300].map((sendAtMs) => resting.wakeAtMs(sendAtMs))).toEqual([100, 100, 300]);
  resting.wake(100, 7);
  expect(['soon', 'near', 'late'].map((id) => resting.has(unit(id)))).toEqual([false, false, true]);
  // What was read before is being read again.
  expect(resting.wakeAtMs(0)).toBe(Number.POSITIVE_INFINITY);
  resting.hasRead(101, 6);
  expect(resting.wakeAtMs(0)).toBe(Number.POSITIVE_INFINITY);
  resting.hasRead(101, 7);
  // Two pages were read for it.
  expect(resting.wakeAtMs(0)).toBe(101 + 400);
});

test('the more is read again, the longer the pause, up to a minute, however long the reading stood still', () => {
  const resting = new Resting(1_000);
  const readAgain = (nowMs: number, pages: number): number => {
    resting.add(unit('one'), nowMs);
    resting.add(unit('next'), nowMs + 2_000);
    resting.wake(nowMs, pages);
    for (let page = 1; page <= pages; page += 1) resting.hasRead(nowMs + 1_000_000, page);
    const wakeAtMs = resting.wakeAtMs(0);
    resting.clear();
    expect(resting.wakeAtMs(0)).toBe(Number.POSITIVE_INFINITY);
    return wakeAtMs - nowMs - 1_000_000;
  };
  expect(readAgain(0, 1)).toBe(1_000);
  expect(readAgain(10_000_000, 40)).toBe(8_000);
  expect(readAgain(20_000_000, 5_000)).toBe(60_000);
});

test('no more than so many rest', () => {
  const resting = new Resting(10);
  for (let number = 0; !resting.isFull; number += 1) resting.add(unit(`${number}`), 100);
  expect(resting.size).toBe(20_000);
  resting.clear();
  expect(resting.isFull).toBe(false);
});
