import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

it('reads the examples of the standard', () => {
  expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({
    ...{ traceId, spanId, traceFlags: 1 },
  });
  expect(parseTraceparent(`00-${traceId}-${spanId}-00`)?.traceFlags).toBe(0);
  expect(parseTraceparent(`cc-${traceId}-${spanId}-01-what-comes-later`)?.traceId).toBe(traceId);
});

it.each([
  undefined,
  '',
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `cc-${traceId}-${spanId}-01.more`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${spanId}`,
  ` 00-${traceId}-${spanId}-01`,
])('ignores %j', (text) => expect(parseTraceparent(text)).toBeUndefined());

it('writes what it reads', () => {
  const digits = (length: number) =>
    fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));
  fc.assert(
    fc.property(digits(32), digits(16), fc.constantFrom(0, 1), (trace, span, traceFlags) => {
      const context = { traceId: trace, spanId: span, traceFlags };
      expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
    }),
  );
});
