// The walk: document order, paths, and depth without a stack.
import { expect, it } from 'vitest';
import { findInValue } from './walk.ts';

it('visits in document order, the root first', () => {
  const seen: unknown[] = [];
  findInValue({ a: [1, { b: 2 }], c: null }, (value, key) => {
    seen.push([key, value]);
    return undefined;
  });
  expect(seen).toEqual([
    [undefined, { a: [1, { b: 2 }], c: null }],
    ['a', [1, { b: 2 }]],
    [0, 1],
    [1, { b: 2 }],
    ['b', 2],
    ['c', null],
  ]);
});

it('names the first problem with its path', () => {
  const isTwo = (value: unknown) => (value === 2 ? 'two' : undefined);
  expect(findInValue({ a: [1, { b: 2 }], c: 2 }, isTwo)).toEqual({
    path: ['a', 1, 'b'],
    problem: 'two',
  });
  expect(findInValue(2, isTwo)).toEqual({ path: [], problem: 'two' });
  expect(findInValue([1], isTwo)).toBeUndefined();
});

it('goes as deep as the value', () => {
  let value: unknown = 'deep';
  for (let depth = 0; depth < 200_000; depth++) value = [value];
  const found = findInValue(value, (inner) => (inner === 'deep' ? 'found' : undefined));
  expect(found?.path).toHaveLength(200_000);
});
