// Check digits against published and computed vectors, the partners' failing samples included.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkContainer, checkGs1, checkImo, checkS10 } from './check-digits.ts';

describe('container, ISO 6346', () => {
  it.each([
    'CSQU3054383',
    'MWCU6059784',
    'CBHU3202732',
    'TEXU3070079',
    'APZU4812090',
    'OOLU1234567',
    'CSQU0000070',
    'CSQU 305438-3',
    'csqu3054383',
  ])('%s passes', (text) => expect(checkContainer(text)).toBe('pass'));

  it.each(['CGMU2436601', 'CGMU0000001', 'GLDU1234567', 'CSQU3054384'])('%s fails', (text) => {
    expect(checkContainer(text)).toBe('fail');
  });

  it.each(['', 'CSQU305438', 'CSQU30543833', 'CS1U3054383', 'CSQU305438X', 'ÀSQU3054383'])(
    '%j has no check digit',
    (text) => expect(checkContainer(text)).toBe('none'),
  );
});

describe('GS1 keys, mod 10', () => {
  it.each([
    '370724760010119754',
    '370724763104893912',
    '370724760120000898',
    '106141412345678908',
    '000000000000000000',
    '1234567890128',
    '4006381333931',
    '96385074',
  ])('%s passes', (text) => expect(checkGs1(text)).toBe('pass'));

  it.each(['370724762112345678', '1234567890123'])('%s fails', (text) => {
    expect(checkGs1(text)).toBe('fail');
  });

  it.each(['', '1234567', '1234567890123456789', '(00)370724760010119754', '37072476001011975X'])(
    '%j has no check digit',
    (text) => expect(checkGs1(text)).toBe('none'),
  );
});

describe('UPU S10', () => {
  it.each(['RR473124829GB', 'RR123456785NO', 'RR000000014NO', 'RR000000080NO', 'RR000000155NO'])(
    '%s passes',
    (text) => expect(checkS10(text)).toBe('pass'),
  );

  it.each(['RR473124828GB', 'RR000000081NO'])('%s fails', (text) => {
    expect(checkS10(text)).toBe('fail');
  });

  it.each(['', 'RR473124829G', 'rr473124829gb', 'RR47312482GB', 'R1473124829GB'])(
    '%j has no check digit',
    (text) => expect(checkS10(text)).toBe('none'),
  );
});

describe('IMO ship number', () => {
  it.each(['9360142', '9321483', '9321263', '9074729'])('%s passes', (text) => {
    expect(checkImo(text)).toBe('pass');
  });
  it.each(['9360143', '1234568'])('%s fails', (text) => expect(checkImo(text)).toBe('fail'));
  it.each(['', '936014', '93601420', 'IMO9360142'])('%j has no check digit', (text) => {
    expect(checkImo(text)).toBe('none');
  });
});

describe('properties', () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));

  it('of ten last digits exactly one passes', () => {
    const passing = (check: (last: number) => string) =>
      Array.from({ length: 10 }, (_, last) => check(last)).filter((found) => found === 'pass');
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{4}$/), digits(17), (letters, body) => {
        expect(passing((last) => checkContainer(letters + body.slice(0, 6) + last))).toHaveLength(
          1,
        );
        expect(passing((last) => checkGs1(body + last))).toHaveLength(1);
        expect(passing((last) => checkS10(`RR${body.slice(0, 8)}${last}NO`))).toHaveLength(1);
        expect(passing((last) => checkImo(body.slice(0, 6) + last))).toHaveLength(1);
      }),
    );
  });

  it('one wrong digit never passes as a GS1 key', () => {
    fc.assert(
      fc.property(digits(17), fc.nat(16), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const last = Array.from({ length: 10 }, (_, digit) => `${body}${digit}`).find(
          (key) => checkGs1(key) === 'pass',
        );
        const key = last ?? '';
        const wrong = key.slice(0, at) + ((Number(key[at]) + by) % 10) + key.slice(at + 1);
        expect(checkGs1(wrong)).toBe('fail');
      }),
    );
  });
});
