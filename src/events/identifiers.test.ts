// Keys, buckets and shapes. Keys and buckets are stored for ever: a failing vector here means that
// the code is wrong, never the vector.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucketCount,
  bucketOf,
  describeReference,
  isSizeType,
  isSpi,
  isUnLocode,
  referenceKey,
} from './identifiers.ts';

describe('referenceKey', () => {
  it.each([
    ['370724760010119754', '370724760010119754'],
    ['00370724760010119754', '370724760010119754'],
    ['(00)370724760010119754', '370724760010119754'],
    [' (00) 3 7072476 001011975 4 ', '370724760010119754'],
    ['003707247600101197', '003707247600101197'],
    ['00003707247600101197', '003707247600101197'],
    ['000000000000000000', '000000000000000000'],
    ['00000000000000000000', '000000000000000000'],
    // 00 in front of anything but 18 digits is part of the number.
    ['0037072476001011975', '0037072476001011975'],
    ['003707247600101197541', '003707247600101197541'],
    ['(00)37072476001011975', '(00)37072476001011975'],
    ['(401)70712190172720651', '(401)70712190172720651'],
    ['3707 2476 0010 1197 54', '3707 2476 0010 1197 54'],
    ['CSQU3054383', 'CSQU3054383'],
    ['CSQU 305438-3', 'CSQU3054383'],
    ['csqu-305-438 3', 'CSQU3054383'],
    ['\tCSQU\u00a0305438\u00a03\n', 'CSQU3054383'],
    ['CGMU0000001', 'CGMU0000001'],
    ['CSQU30543834', 'CSQU30543834'],
    ['CSQU-305438', 'CSQU-305438'],
    ['EN/15022021/10', 'EN/15022021/10'],
    [' Lot 7-b ', 'Lot 7-b'],
    ['rr473124829gb', 'rr473124829gb'],
    ['ſSQU3054383', 'ſSQU3054383'],
    ['', ''],
  ])('%j has the key %j', (reference, key) => expect(referenceKey(reference)).toBe(key));

  const pieces = fc.constantFrom(
    '(00)',
    '00',
    '0',
    '7',
    '370724760010119754',
    'CSQU',
    'q',
    ' ',
    '-',
  );
  const likely = fc.array(pieces, { maxLength: 8 }).map((chosen) => chosen.join(''));

  it('the key of a key is itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), likely), (reference) => {
        const key = referenceKey(reference);
        expect(referenceKey(key)).toBe(key);
      }),
      { numRuns: 2000 },
    );
  });

  it('all spellings of an SSCC meet', () => {
    const digits = fc.stringMatching(/^[0-9]{18}$/);
    fc.assert(
      fc.property(digits, (sscc) => {
        for (const spelling of [sscc, `00${sscc}`, `(00)${sscc}`, ` (00)${sscc} `]) {
          expect(referenceKey(spelling)).toBe(sscc);
        }
      }),
    );
  });
});

describe('describeReference', () => {
  it.each([
    ['CSQU 305438-3', 'container', 'pass'],
    ['CGMU2436601', 'container', 'fail'],
    ['(00)370724760010119754', 'sscc', 'pass'],
    ['00370724760010119754', 'sscc', 'pass'],
    ['370724762112345678', 'sscc', 'fail'],
    ['RR473124829GB', 's10', 'pass'],
    ['RR473124828GB', 's10', 'fail'],
    ['1234567890128', 'other', 'none'],
    ['EN/15022021/10', 'other', 'none'],
    ['CNI0000063978', 'other', 'none'],
    ['', 'other', 'none'],
  ])('%s is %s, check digit %s', (text, kind, checkDigit) => {
    expect(describeReference(text)).toEqual({ kind, checkDigit });
  });
});

describe('bucketOf', () => {
  // FNV-1a of '' 'a' 'foobar' is 811c9dc5 e40c292c bf9cf968 (RFC 9923); their four bytes
  // combined by exclusive or are the first three buckets. The others were computed apart from this code.
  it.each([
    ['', 0x81 ^ 0x1c ^ 0x9d ^ 0xc5],
    ['a', 0xe4 ^ 0x0c ^ 0x29 ^ 0x2c],
    ['foobar', 0xbf ^ 0x9c ^ 0xf9 ^ 0x68],
    ['CSQU3054383', 41],
    ['370724760010119754', 67],
    ['CNI0000063978', 126],
    ['Ærø-Å', 48],
    ['🚢', 251],
  ])('%s is in bucket %i', (key, bucket) => expect(bucketOf(key)).toBe(bucket));

  it('spreads keys that count up', () => {
    const perBucket = 64;
    const seen = new Array<number>(bucketCount).fill(0);
    for (let serial = 0; serial < bucketCount * perBucket; serial++) {
      const bucket = bucketOf(`CSQU${String(serial).padStart(7, '0')}`);
      seen[bucket] = (seen[bucket] ?? 0) + 1;
    }
    expect(Math.min(...seen)).toBeGreaterThan(perBucket / 2);
    expect(Math.max(...seen)).toBeLessThan(perBucket * 2);
  });

  it('is a whole number from 0 to 255 for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const bucket = bucketOf(key);
        expect(Number.isInteger(bucket) && bucket >= 0 && bucket < bucketCount).toBe(true);
      }),
    );
  });
});

describe('shapes', () => {
  it('SPI', () => {
    expect(['CNI0000000001', 'CNI0000063978'].every(isSpi)).toBe(true);
    expect(['CNI000000001', 'cni0000000001', 'CSQU3054383', 'CNI0000000001\n'].some(isSpi)).toBe(
      false,
    );
  });
  it('UN/LOCODE', () => {
    expect(['FRLEH', 'FRTLS', 'FRNTE', 'NLRTM', 'US2A9'].every(isUnLocode)).toBe(true);
    expect(['MTDF', 'MTNOTMS', 'FRL0H', 'FRLE1', 'frleh', ''].some(isUnLocode)).toBe(false);
  });
  it('size and type', () => {
    expect(['22G1', '45G1', '22G0', '4300', '4500', 'L5R1'].every(isSizeType)).toBe(true);
    expect(['22G', '22G12', '22g1', '22 1', ''].some(isSizeType)).toBe(false);
  });
});
