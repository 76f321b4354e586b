import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberIn, parseWithDigits, stringifyWithDigits } from './json-digits.ts';
import { findBadTextDeep } from './text.ts';

const again = (text: string) => stringifyWithDigits(parseWithDigits(text));

describe('numbers', () => {
  it.each([
    '12.50',
    '0',
    '-0',
    '-0.0',
    '1e2',
    '1E+2',
    '-1.5e-7',
    '100000000000000000000000',
    '9007199254740993',
    '0.1000000000000000055511151231257827',
    '90.000000',
    '7',
  ])('%s keep their digits, wherever they stand', (digits) => {
    for (const text of [digits, `[${digits},${digits}]`, `{"a":${digits},"b":{"c":[${digits}]}}`]) {
      expect(again(text)).toBe(text);
      expect(again(`\ufeff ${text}\n`)).toBe(text);
    }
    expect(numberIn(parseWithDigits(digits))).toBe(Number(digits));
  });

  it('in texts are texts', () => {
    const text = '{"12.50":"12.50","a\\"1.0":"\\\\","b":"\\\\\\" 1.0","c":1.0}';
    expect(again(text)).toBe(text);
    expect(numberIn(parseWithDigits('"12.50"'))).toBeUndefined();
  });

  it('of a member named twice: the last one counts, as JSON.parse has it', () => {
    expect(again('{"a":1.0,"a":2.0}')).toBe('{"a":2.0}');
  });
});

it('gives back every value as JSON does', () => {
  const value = fc.jsonValue().filter((one) => findBadTextDeep(one) === undefined);
  fc.assert(
    fc.property(value, (one) => {
      const text = JSON.stringify(one);
      expect(again(text)).toBe(text);
      expect(again(JSON.stringify(one, null, 3))).toBe(text);
    }),
    { numRuns: 1_000 },
  );
});
