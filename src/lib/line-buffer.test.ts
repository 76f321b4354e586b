import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLineBuffer } from './line-buffer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function record() {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  return { written, buffer: createLineBuffer({ write, charactersMax: 10, lingerMs: 500 }) };
}

it('lines go out together: when there are enough of them, in time, or when asked', () => {
  const { written, buffer } = record();
  buffer.write('one\n');
  buffer.write('two\n');
  expect(written).toEqual([]);
  buffer.write('three\n');
  expect(written).toEqual(['one\ntwo\nthree\n']);
  buffer.write('four\n');
  vi.advanceTimersByTime(499);
  expect(written).toHaveLength(1);
  vi.advanceTimersByTime(1);
  buffer.write('five\n');
  buffer.flush();
  expect(written.slice(1)).toEqual(['four\n', 'five\n']);
});

it('nothing is written twice, and nothing for nothing', () => {
  const { written, buffer } = record();
  buffer.flush();
  buffer.write('line\n');
  buffer.flush();
  buffer.flush();
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual(['line\n']);
  expect(vi.getTimerCount()).toBe(0);
});
