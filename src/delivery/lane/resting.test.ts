/** When the units that wait in the table come back: together, and not so often that nothing else is read. */
import { expect, test } from 'vitest';
import { Resting } from './resting.ts';

const unit = (unitId: string) => ({ subscriptionId: 's', unitId });

test('those due soon are woken together, the others go on resting', () => {
  const resting = new Resting(10);
  expect(resting.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
  resting.add(unit('late'), 500);
  resting.add(unit('soon'), 100);
  resting.add(unit('near'), 105);
  expect(resting.wakeAtMs()).toBe(100);
  resting.wake(100, 7);
  expect(['soon', 'near', 'late'].map((id) => resting.has(unit(id)))).toEqual([false, false, true]);
  // What was read before is being read again.
  expect(resting.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
  resting.hasRead(101, 6);
  expect(resting.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
  resting.hasRead(101, 7);
  expect(resting.wakeAtMs()).toBe(500);
});

test('reading again takes a twentieth of the time at most', () => {
  const resting = new Resting(10);
  resting.add(unit('first'), 100);
  resting.add(unit('next'), 120);
  resting.wake(100, 9);
  resting.hasRead(140, 9);
  expect(resting.wakeAtMs()).toBe(140 + 20 * 40);
  resting.clear();
  expect(resting.size).toBe(0);
  expect(resting.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
});

test('no more than so many rest', () => {
  const resting = new Resting(10);
  for (let number = 0; !resting.isFull; number += 1) resting.add(unit(`${number}`), 100);
  expect(resting.size).toBe(20_000);
  resting.clear();
  expect(resting.isFull).toBe(false);
});
