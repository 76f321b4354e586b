// What counts as bad text, and that cleaning and cutting keep what they may.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanForDatabase, findBadText, findBadTextDeep, truncateUtf8 } from './text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
// Built from single UTF-16 units, so that halves of pairs and controls come often.
const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })))
  .map((units) => String.fromCharCode(...units));

describe('findBadText', () => {
  it('refuses every C0 control but tab, line feed and carriage return, and DEL', () => {
    const refused = Array.from({ length: 0x100 }, (_, code) => code).filter(
      (code) => findBadText(`a${String.fromCharCode(code)}b`) === 'control-character',
    );
    const c0 = Array.from({ length: 0x20 }, (_, code) => code);
    expect(refused).toEqual([...c0.filter((code) => ![9, 10, 13].includes(code)), 0x7f]);
  });

  it.each([
    ['a\ud800', 'lone-surrogate'],
    ['\ud800a', 'lone-surrogate'],
    ['\udc00', 'lone-surrogate'],
    ['\udc00\ud800', 'lone-surrogate'],
    ['\ud83d\ud83d\udea2', 'lone-surrogate'],
    ['\ud83d\udea2\udea2', 'lone-surrogate'],
    ['🚢 Ærø 船\t\r\n', undefined],
    ['', undefined],
  ])('%j: %s', (text, problem) => expect(findBadText(text)).toBe(problem));

  it('finds a lone surrogate exactly where UTF-8 cannot carry the text', () => {
    fc.assert(
      fc.property(anyUnits, (units) => {
        const text = units.replace(/\p{Cc}/gu, '');
        const survives = Buffer.from(text, 'utf8').toString('utf8') === text;
        expect(findBadText(text)).toBe(survives ? undefined : 'lone-surrogate');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('findBadTextDeep', () => {
  it('looks at values and at keys', () => {
    expect(findBadTextDeep({ a: ['x', { b: 'y\u0000' }] })).toEqual({
      path: ['a', 1, 'b'],
      problem: 'control-character',
    });
    expect(findBadTextDeep({ a: { 'b\ud800': 1 } })).toEqual({
      path: ['a', 'b\ufffd'],
      problem: 'lone-surrogate',
    });
    expect(findBadTextDeep('\u0001')).toEqual({ path: [], problem: 'control-character' });
    expect(findBadTextDeep({ a: ['x', 1, null, true], 'b\n': 'y\t' })).toBeUndefined();
  });
});

describe('truncateUtf8', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abc', 2, 'ab'],
    ['abc', 0, ''],
    ['abc', -1, ''],
    ['æøå', 3, 'æ'],
    ['a🚢b', 4, 'a'],
    ['a🚢b', 5, 'a🚢'],
    ['a🚢b', 6, 'a🚢b'],
  ])('%s to %i bytes', (text, bytesMax, cut) => expect(truncateUtf8(text, bytesMax)).toBe(cut));

  it('gives the longest beginning that fits and splits no character', () => {
    fc.assert(
      fc.property(anyText, fc.nat(80), (text, bytesMax) => {
        const cut = truncateUtf8(text, bytesMax);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytesMax);
        const [next] = text.slice(cut.length);
        if (next !== undefined) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(bytesMax);
        expect(findBadText(cut)).not.toBe(findBadText(text) ? 'never' : 'lone-surrogate');
      }),
    );
  });
});

describe('cleanForDatabase', () => {
  it('replaces what is bad and keeps the rest', () => {
    expect(cleanForDatabase('a\u0000b\ud800c🚢\n')).toBe('a\ufffdb\ufffdc🚢\n');
  });

  it('always gives good text, of the same length, and leaves good text alone', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), (text) => {
        const clean = cleanForDatabase(text);
        expect(findBadText(clean)).toBeUndefined();
        expect(clean).toHaveLength(text.length);
        expect(cleanForDatabase(clean)).toBe(clean);
        if (findBadText(text) === undefined) expect(clean).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
