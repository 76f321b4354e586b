// JSON from outside: what passes is exactly what JSON.parse gives, and each refusal has its code.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonLimits, parseJson } from './json.ts';
import { findBadTextDeep } from './text.ts';

const limits: JsonLimits = { depthMax: 8 };

function parsedValue(text: string): unknown {
  const parsed = parseJson(text, limits);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.code}`);
  return parsed.value;
}

function refusal(text: string) {
  const parsed = parseJson(text, limits);
  if (parsed.ok) throw new Error(`${text} was accepted`);
  return parsed.path === undefined ? parsed.code : { [parsed.code]: parsed.path };
}

describe('accepts', () => {
  it.each([
    '{}',
    ' [1, 2.5, -0, 1e2, 1E-400, 1e308, true, false, null, "a"] ',
    '{"a":{"b":[{"c":"\\u00e6 \\ud83d\\udea2 🚢 \\t\\n\\r\\" \\\\"}]}}',
    '{"uuid":"56acf700-1774-11e6-8ab6-0002a5d5c51b","hash":"1e999"}',
    '{"constructor":"X","prototype":{"a":1}}',
    '{"constructor":{"name":"X"}}',
    '"[[[[[[[[[[[["',
    '"\\\\"',
    '[["\\"[[[[[[[["]]',
    '[[[[[[[[1]]]]]]]]',
    '[[],[],[],[],[],[],[],[],[],[],[]]',
    '123',
  ])('%s', (text) => expect(parsedValue(text)).toEqual(JSON.parse(text)));

  it('a byte-order mark at the start', () =>
    expect(parsedValue('\ufeff{"a":1}')).toEqual({ a: 1 }));

  it('a number of many digits that still fits', () => {
    expect(parsedValue(`[${'9'.repeat(308)}, 0.${'9'.repeat(400)}]`)).toEqual([1e308, 1]);
  });
});

describe('refuses', () => {
  it.each(['', ' ', '\r\n\t', '\ufeff', '\ufeff '])('the empty body %j', (text) => {
    expect(parseJson(text, limits)).toEqual({
      ok: false,
      code: 'malformed',
      message: 'the body is empty',
    });
  });

  it.each([
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{"a" 1}',
    '[1] 2',
    'undefined',
    'NaN',
    '01',
    '"a',
    '"\\"',
    '"\t"',
    '"\\x"',
    ']]]]]]',
    '\ufeff\ufeff{}',
  ])('the malformed %j', (text) => expect(refusal(text)).toBe('malformed'));

  it('without repeating the input', () => {
    const parsed = parseJson('{"password": hunter2}', limits);
    expect(parsed).toMatchObject({ ok: false, code: 'malformed' });
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });

  it.each(['[[[[[[[[[1]]]]]]]]]', '{"a":[[[[[[[[', '['.repeat(1_000_000)])(
    'too deep a nesting',
    (text) => expect(refusal(text)).toBe('too-deep'),
  );

  it.each([
    ['{"a":["x","\\u0000"]}', ['a', 1]],
    ['{"a":"\\b"}', ['a']],
    ['{"a":"\\f"}', ['a']],
    ['{"a":"\u007f"}', ['a']],
    ['{"a":"\\ud800"}', ['a']],
    ['{"a":"\ud800"}', ['a']],
    ['{"a\\u0001":1}', ['a\ufffd']],
    ['"\\udc00\\ud800"', []],
  ])('the bad text in %j', (text, path) => expect(refusal(text)).toEqual({ 'bad-text': path }));

  it.each([
    ['{"a":[1e400]}', ['a', 0]],
    ['-1E+999', []],
    ['{"a":1.5e309}', ['a']],
    [`[0, ${'9'.repeat(309)}]`, [1]],
    [`[-2${'0'.repeat(308)}.5]`, [0]],
  ])('the number in %s', (text, path) => expect(refusal(text)).toEqual({ 'number-range': path }));

  it.each([
    ['{"__proto__":{"admin":true}}', ['__proto__']],
    ['{"a":[{"\\u005f_proto__":1}]}', ['a', 0, '__proto__']],
    ['{"a":{"constructor":{"prototype":{"admin":true}}}}', ['a', 'constructor']],
    ['{"\\u0063onstructor":{"prototype":1}}', ['constructor']],
  ])('the member name in %s', (text, path) => {
    expect(refusal(text)).toEqual({ 'forbidden-key': path });
  });
});

describe('properties', () => {
  it('every JSON text is accepted as JSON.parse reads it, or refused for its content', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6, stringUnit: 'binary' }), fc.nat(2), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        const value: unknown = JSON.parse(spaced);
        const parsed = parseJson(spaced, limits);
        if (parsed.ok) expect(parsed.value).toEqual(value);
        else expect(parsed.code === 'forbidden-key' || findBadTextDeep(value)).toBeTruthy();
      }),
      { numRuns: 500 },
    );
  });

  it('what is accepted never holds bad text, whatever the pieces', () => {
    const pieces = [
      '\\u0000',
      '\\ud800',
      '\\udc00',
      '\\b',
      '\\\\',
      '\\"',
      'u0000',
      '"',
      '\\',
      '🚢',
      'e9',
    ];
    const text = fc
      .array(fc.constantFrom(...pieces, '{', '}', '[', ']', ':', ',', '1', '1e999'), {
        maxLength: 12,
      })
      .map((chosen) => `["${chosen.join('')}", {"${chosen.join('')}": 1}]`);
    fc.assert(
      fc.property(text, (raw) => {
        const parsed = parseJson(raw, limits);
        if (parsed.ok) expect(findBadTextDeep(parsed.value)).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps bad text for who asks for it, and refuses the rest all the same', () => {
    const kept = { ...limits, isBadTextKept: () => true };
    expect(parseJson('["a\\u0000", "\\ud800"]', kept)).toEqual({
      ok: true,
      value: ['a\u0000', '\ud800'],
    });
    const refused = ['["\\u0000", 1e400]', '{"a":"\\u0000","__proto__":1}'];
    const codes = refused.map((text) => {
      const parsed = parseJson(text, kept);
      return parsed.ok ? 'ok' : parsed.code;
    });
    expect(codes).toEqual(['number-range', 'forbidden-key']);
  });

  it('counts depth as the parser does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.boolean(), (depth, objects) => {
        const text = objects
          ? `${'{"[{":'.repeat(depth)}1${'}'.repeat(depth)}`
          : `${'['.repeat(depth)}"]}\\""${']'.repeat(depth)}`;
        const parsed = parseJson(text, limits);
        expect(parsed.ok ? 'ok' : parsed.code).toBe(depth <= limits.depthMax ? 'ok' : 'too-deep');
      }),
    );
  });

  it('answers every text, and only in its own codes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseJson(text, limits);
        if (!parsed.ok) {
          const codes = ['malformed', 'too-deep', 'bad-text', 'number-range', 'forbidden-key'];
          expect(codes).toContain(parsed.code);
        }
      }),
    );
  });
});
