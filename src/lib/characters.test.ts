// Lengths as JSON Schema counts them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsCharacters } from './characters.ts';

describe('fitsCharacters', () => {
  it.each([
    ['', 0, true],
    ['a', 0, false],
    ['abc', 3, true],
    ['abcd', 3, false],
    ['🚢🚢', 2, true],
    ['🚢🚢', 1, false],
    ['e\u0301', 1, false],
  ])('%j in %i: %s', (text, max, fits) => expect(fitsCharacters(text, max)).toBe(fits));

  it('agrees with counting', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(12), (text, max) => {
        expect(fitsCharacters(text, max)).toBe([...text].length <= max);
      }),
    );
  });
});
