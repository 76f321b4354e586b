// Hashes. Fingerprints are stored for ever: their vectors were computed apart from this code.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FingerprintPart,
  fingerprintUuid,
  sha256Base64Url,
  sha256Hex,
  timingSafeEqualText,
} from './hash.ts';
import { isUuid } from './id.ts';

it('hashes by SHA-256 (FIPS 180-4 example)', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256Base64Url('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
});

describe('fingerprintUuid', () => {
  const event = ['soget', 'CSQU3054383', 'gated-out', 'actual', '2025-08-15T23:32:00.000000Z'];
  it.each<[readonly FingerprintPart[], string]>([
    [[], 'e3b0c442-98fc-8c14-9afb-f4c8996fb924'],
    [['a', 'bc'], '4b87ef27-128f-8235-ae21-8a417b7ac72e'],
    [['ab', 'c'], '138cdbd3-27ea-85fd-9f79-4dd7695c1e78'],
    [[null], '3973e022-e932-80f9-a12c-18d0d0c543ae'],
    [[undefined], '3973e022-e932-80f9-a12c-18d0d0c543ae'],
    [[''], 'fb912574-ceca-854c-aa0b-c75b46172350'],
    [['1'], 'ea4cb387-73db-8b62-918b-1a71f70929c7'],
    [[1], 'e4b67071-f439-888b-ab5d-a9adc7349621'],
    [[...event, null, -7.5, 'Ærø'], '833123f8-3b01-8856-a437-5e21d94780e9'],
  ])('%j is %s', (parts, uuid) => expect(fingerprintUuid(parts)).toBe(uuid));

  const part = fc.oneof(
    // Few letters, among them those of the encoding, so that lists often read alike when joined.
    fc.string({ unit: fc.constantFrom('a', 's', 'n', '-', ':', '1', '3'), maxLength: 6 }),
    fc.integer({ min: -3, max: 13 }),
    fc.constantFrom(null, undefined),
  );
  const lists = fc.array(part, { maxLength: 5 });

  it('is equal for equal lists only', () => {
    const plain = (list: readonly FingerprintPart[]) =>
      JSON.stringify(list.map((one) => one ?? null));
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        const isSame = plain(left) === plain(right);
        expect(fingerprintUuid(left) === fingerprintUuid(right)).toBe(isSame);
        expect(fingerprintUuid([...left])).toBe(fingerprintUuid(left));
      }),
      { numRuns: 2000 },
    );
  });

  it('differs when the same text is cut elsewhere', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), fc.nat(), (text, one, other) => {
        const cut = (at: number) => [text.slice(0, at), text.slice(at)];
        const [left, right] = [one % (text.length + 1), other % (text.length + 1)];
        const isSame = fingerprintUuid(cut(left)) === fingerprintUuid(cut(right));
        expect(isSame).toBe(left === right);
      }),
    );
  });

  it('is a UUID of version 8', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const uuid = fingerprintUuid(list);
        expect(isUuid(uuid)).toBe(true);
        expect(uuid).toMatch(/^.{14}8.{4}[89ab]/);
      }),
    );
  });
});

it('compares texts of any length', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (left, right) => {
      expect(timingSafeEqualText(left, right)).toBe(left === right);
      expect(timingSafeEqualText(left, `${left}`)).toBe(true);
      expect(timingSafeEqualText(left, `${left}x`)).toBe(false);
    }),
  );
});
