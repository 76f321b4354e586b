// Absent members go, falsy ones that mean something stay.
import { expect, it } from 'vitest';
import { present, presentAny } from './present.ts';

it('drops undefined and null only', () => {
  const given = { a: undefined, b: null, c: 0, d: false, e: '', f: { g: null } };
  const kept = present(given);
  expect(Object.keys(kept)).toEqual(['c', 'd', 'e', 'f']);
  expect(kept.f).toBe(given.f);
});

it('tells when nothing is left', () => {
  expect(presentAny({ a: undefined, b: null })).toBeUndefined();
  expect(presentAny({ a: 0 })).toEqual({ a: 0 });
});
