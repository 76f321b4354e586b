// Ids: shape, order under every kind of clock, the bucket at the end, the bounds of a millisecond.
import { randomFillSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOfId, createIdSource, isUuid, lowerBoundId, timeOfId } from './id.ts';

const noonMs = Date.UTC(2026, 10, 20, 12);
const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function fillWith(byte: number) {
  return (bytes: Uint8Array) => void bytes.fill(byte);
}

function randomly(bytes: Uint8Array): void {
  randomFillSync(bytes);
}

describe('next', () => {
  it('lays the fields out as documented', () => {
    const zeros = createIdSource({ now: () => 0x0123456789ab, random: fillWith(0) });
    expect(zeros.next(0)).toBe('01234567-89ab-7000-8000-000000000000');
    expect(zeros.next(255)).toBe('01234567-89ab-7000-8001-0000000000ff');
    const ones = createIdSource({ now: () => 0x0123456789ab, random: fillWith(0xff) });
    expect(ones.next(7)).toBe('01234567-89ab-7fff-bfff-ffffffffff07');
  });

  it('carries the counter from field to field', () => {
    // The seed 0x00003fff fills the 14 bits behind the variant; one more reaches the version's field.
    const block = new Uint8Array(8192);
    block.set([0x00, 0x00, 0x3f, 0xff]);
    const ids = createIdSource({ now: () => noonMs, random: (bytes) => bytes.set(block) });
    expect(ids.next(1).slice(14, 23)).toBe('7000-bfff');
    expect(ids.next(1).slice(14, 23)).toBe('7001-8000');
  });

  it('moves the time on when the counter runs over', () => {
    const ids = createIdSource({ now: () => noonMs, random: fillWith(0xff) });
    const made = [ids.next(3), ids.next(2), ids.next(1)];
    expect(made.map(timeOfId)).toEqual([noonMs, noonMs + 1, noonMs + 2]);
    expect(made).toEqual(made.toSorted());
  });

  it('increases whatever the clock does, and keeps time and bucket', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -5000, max: 50 }), fc.nat(255)), {
      minLength: 2,
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (walk) => {
        let clockMs = noonMs;
        let latestMs = 0;
        let before = '';
        const ids = createIdSource({ now: () => clockMs + 0.75, random: randomly });
        for (const [stepMs, bucket] of walk) {
          clockMs += stepMs;
          latestMs = Math.max(latestMs, clockMs);
          const id = ids.next(bucket);
          expect(id > before).toBe(true);
          expect(id).toMatch(uuid7);
          expect(bucketOfId(id)).toBe(bucket);
          // A counter that starts near its end may move the time on by a millisecond.
          expect((timeOfId(id) ?? 0) - latestMs).toBeLessThanOrEqual(1);
          expect(timeOfId(id)).toBeGreaterThanOrEqual(latestMs);
          before = id;
        }
      }),
    );
  });

  it('never repeats between processes that share a clock', () => {
    const sources = Array.from({ length: 4 }, () =>
      createIdSource({ now: () => noonMs, random: randomly }),
    );
    const made = new Set<string>();
    for (let round = 0; round < 5000; round++) for (const ids of sources) made.add(ids.next(9));
    expect(made.size).toBe(20_000);
  });

  it('asks for randomness in blocks', () => {
    let calls = 0;
    const ids = createIdSource({
      now: () => noonMs,
      random: (bytes) => {
        calls++;
        randomly(bytes);
      },
    });
    for (let count = 0; count < 3000; count++) ids.next(0);
    expect(calls).toBe(2);
  });

  it.each([-1, 256, 1.5, Number.NaN])('refuses the bucket %d', (bucket) => {
    const ids = createIdSource({ now: () => noonMs, random: randomly });
    expect(() => ids.next(bucket)).toThrow(RangeError);
  });

  it.each([-5, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY])('refuses the clock %d', (nowMs) => {
    const ids = createIdSource({ now: () => nowMs, random: randomly });
    expect(() => ids.next(0)).toThrow(RangeError);
  });
});

describe('reading an id', () => {
  it('knows UUIDs of every version and case', () => {
    const good = [
      '123e4567-e89b-12d3-a456-426614174000',
      '56ACF700-1774-11E6-8AB6-0002A5D5C51B',
      '00000000-0000-0000-0000-000000000000',
    ];
    expect(good.every(isUuid)).toBe(true);
    const bad = [
      '',
      `${good[0]}\n`,
      ` ${good[0]}`,
      `{${good[0]}}`,
      'x23e4567-e89b-12d3-a456-426614174000',
    ];
    expect(bad.some(isUuid)).toBe(false);
    expect(isUuid('123e4567e89b12d3a456426614174000')).toBe(false);
  });

  it('takes bucket and time from version 7 only', () => {
    expect(bucketOfId('017F22E2-79B0-7CC3-98C4-DC0C0C07398F')).toBe(0x8f);
    // The example of RFC 9562, appendix A.6: 22 February 2022, 14:22:22 at UTC-5.
    expect(timeOfId('017F22E2-79B0-7CC3-98C4-DC0C0C07398F')).toBe(
      Date.UTC(2022, 1, 22, 19, 22, 22),
    );
    for (const other of ['', 'x', '123e4567-e89b-12d3-a456-426614174000']) {
      expect(bucketOfId(other)).toBeUndefined();
      expect(timeOfId(other)).toBeUndefined();
    }
  });

  it('bounds a millisecond from below', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), fc.nat(255), (epochMs, bucket) => {
        const id = createIdSource({ now: () => epochMs, random: randomly }).next(bucket);
        expect(lowerBoundId(epochMs) <= id).toBe(true);
        expect(lowerBoundId(epochMs - 1) < lowerBoundId(epochMs)).toBe(true);
        expect(createIdSource({ now: () => epochMs - 1, random: randomly }).next(bucket)).toSatisfy(
          (earlier: string) => earlier < lowerBoundId(epochMs),
        );
        expect(lowerBoundId(epochMs)).toMatch(uuid7);
        expect(timeOfId(lowerBoundId(epochMs))).toBe(epochMs);
      }),
    );
    expect(() => lowerBoundId(-1)).toThrow(RangeError);
  });
});
