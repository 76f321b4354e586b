import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Deadline, Deadlines } from './deadlines.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function record() {
  const expired: string[] = [];
  const made = (name: string, then?: () => void): Deadline => ({
    ...{ earlier: undefined, later: undefined, endMs: 0 },
    expire() {
      expired.push(name);
      then?.();
    },
  });
  return { expired, made };
}

it('each ends in its own time, whatever was removed before it', () => {
  const { expired, made } = record();
  const deadlines = new Deadlines();
  const [a, b, c] = [made('a'), made('b'), made('c')];
  deadlines.add(a, 100);
  deadlines.add(made('short'), 30);
  vi.advanceTimersByTime(40);
  expect(expired).toEqual(['short']);
  deadlines.add(b, 100);
  deadlines.add(c, 100);
  deadlines.remove(a, 100);
  deadlines.remove(c, 100);
  vi.advanceTimersByTime(90);
  expect(expired).toEqual(['short']);
  // Answers are read first.
  vi.advanceTimersByTime(11);
  expect(expired).toEqual(['short', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});

it('one that has ended may be removed, and may begin again', () => {
  const { expired, made } = record();
  const deadlines = new Deadlines();
  const again: Deadline = made('again', () => {
    deadlines.remove(again, 10);
    if (expired.length < 3) deadlines.add(again, 10);
  });
  deadlines.add(again, 10);
  vi.advanceTimersByTime(100);
  expect(expired).toEqual(['again', 'again', 'again']);
  expect(vi.getTimerCount()).toBe(0);
});
