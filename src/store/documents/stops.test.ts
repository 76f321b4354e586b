// Stops come back from their kept form as they were, in rows of before too.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PlannedStop } from '../../events/document.ts';
import { formatWithOffset, type OriginalTime, parseInstant } from '../../events/time.ts';
import { present } from '../../lib/present.ts';
import { type KeptStop, stopsOf, stopsText } from './stops.ts';

const instant: fc.Arbitrary<OriginalTime> = fc
  .record({
    epochMs: fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2198, 0, 1) }),
    offsetMinutes: fc.integer({ min: -1080, max: 1080 }),
    fractionDigits: fc.constantFrom(0, 3),
  })
  .map((time) => {
    const parsed = parseInstant(formatWithOffset(time));
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.value;
  });
const stop: fc.Arbitrary<PlannedStop> = fc
  .record({
    kind: fc.constantFrom('loaded' as const, 'unloaded' as const),
    name: fc.string(),
    from: fc.option(instant, { nil: undefined }),
    to: fc.option(instant, { nil: undefined }),
  })
  .map(({ kind, name, from, to }) => ({
    ...{ kind, place: { name } },
    window: present({ day: from?.text.slice(0, 10), fromText: from?.text.slice(11), from, to }),
  }));

it('gives back what was kept', () => {
  fc.assert(
    fc.property(fc.array(stop), (stops) => {
      const kept: KeptStop[] = JSON.parse(stopsText(stops));
      expect(stopsOf(kept)).toEqual(stops);
    }),
  );
});

it('reads what was kept whole', () => {
  fc.assert(
    fc.property(fc.array(stop), (stops) => {
      expect(stopsOf(JSON.parse(JSON.stringify(stops)))).toEqual(stops);
    }),
  );
});

it('says so when an instant cannot be read', () => {
  const kept: KeptStop = { kind: 'loaded', place: {}, window: { from: '2017-02-20' } };
  expect(() => stopsOf([kept])).toThrow(/cannot be read/);
});
