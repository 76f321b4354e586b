/** Days and times agree with the hub's own reading of instants: what passes here is an instant. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseInstant } from '../../events/time.ts';
import { isCountry, isDay, isTime } from './formats.ts';

const two = (max: number) => fc.nat({ max }).map((number) => String(number).padStart(2, '0'));
const day = fc
  .tuple(fc.integer({ min: 1965, max: 2205 }), two(14), two(33))
  .map((parts) => parts.join('-'));
const offset = fc.oneof(
  fc.constant('Z'),
  fc.tuple(fc.constantFrom('+', '-'), two(20), two(61)).map(([sign, h, m]) => `${sign}${h}:${m}`),
);
const time = fc
  .tuple(two(25), two(61), two(61), offset)
  .map(([hour, minute, second, east]) => `${hour}:${minute}:${second}${east}`);

it('takes days that exist, but for the edges of time', () => {
  fc.assert(
    fc.property(day, (text) => {
      const isFar = text >= '1971' && text < '2199';
      expect(isDay(text)).toBe(isFar && parseInstant(`${text}T00:00:00Z`).ok);
    }),
    { numRuns: 5_000 },
  );
});

it('takes times that exist, but for the end of a day and leap seconds', () => {
  fc.assert(
    fc.property(time, (text) => {
      const isOther = /^24|^..:..:60/.test(text);
      expect(isTime(text)).toBe(!isOther && parseInstant(`2000-01-01T${text}`).ok);
    }),
    { numRuns: 5_000 },
  );
});

it('takes every day together with every time', () => {
  for (const edge of ['1971-01-01', '2198-12-31']) {
    for (const text of ['00:00:00+18:00', '23:59:59-18:00']) {
      expect([isDay(edge), isTime(text), parseInstant(`${edge}T${text}`).ok]).toEqual([
        ...[true, true, true],
      ]);
    }
  }
});

it.each(['', 'P', 'pl', 'POL', 'EU', 'UK', 'AN', 'SU', 'ZZ', 'XX', 'P L'])(
  '%s is no country',
  (code) => {
    expect(isCountry(code)).toBe(false);
  },
);
