// Slices are the elements as received: what they parse to, and that nothing of their text is changed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sliceJsonArray } from './json-slices.ts';

describe('sliceJsonArray', () => {
  it.each<[string, string[]]>([
    ['[]', []],
    [' [ \n ] ', []],
    ['[1]', ['1']],
    ['[ 1.50 , -0e+2\t,null]', ['1.50', '-0e+2', 'null']],
    ['[{"b": 1, "a": [1, 2]} , [[],[3]]]', ['{"b": 1, "a": [1, 2]}', '[[],[3]]']],
    [String.raw`["a,]", "\"", "\\", "é"]`, ['"a,]"', String.raw`"\""`, String.raw`"\\"`, '"é"']],
    ['\ufeff["x"]', ['"x"']],
  ])('%j', (text, slices) => expect(sliceJsonArray(text)).toEqual(slices));

  it('gives each element of any array, however it is laid out', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(3), (elements, indent) => {
        const slices = sliceJsonArray(JSON.stringify(elements, null, indent));
        expect(slices.map((slice) => JSON.parse(slice))).toEqual(
          JSON.parse(JSON.stringify(elements)),
        );
      }),
    );
  });
});
