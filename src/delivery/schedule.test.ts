/** The published schedule and what each outcome means. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attemptsMax,
  classify,
  nextDelayMs,
  obeyedRetryAfterSec,
  scheduleSec,
} from './schedule.ts';
import type { Failed, SendResult, SendStage } from './send.ts';

const DAY_SEC = 86_400;
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function answered(status: number, retryAfterSec?: number): SendResult {
  const wait = retryAfterSec === undefined ? {} : { retryAfterSec };
  return { outcome: 'answered', status, responseText: '', durationMs: 1, ...wait };
}

function failed(stage: SendStage): Failed {
  return { outcome: 'failed', stage, code: 'x', message: 'x', durationMs: 1 };
}

describe('nextDelayMs', () => {
  it('follows the published schedule, in the middle of the jitter', () => {
    const delays = scheduleSec.map((_, attempt) => nextDelayMs({ attempt, random: () => 0.5 }));
    const seconds = [0, 5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000];
    expect(delays).toEqual(seconds.map((sec) => sec * 1000));
  });

  it('takes about three days in all, and never less than one and a half', () => {
    const total = (random: () => number): number =>
      scheduleSec.reduce((sum, _, attempt) => sum + (nextDelayMs({ attempt, random }) ?? 0), 0);
    expect(total(() => 0.5) / 1000 / DAY_SEC).toBeCloseTo(3, 1);
    expect(total(() => 0) / 1000 / DAY_SEC).toBeCloseTo(1.5, 1);
  });

  it('ends after the last attempt', () => {
    expect(attemptsMax).toBe(11);
    expect(nextDelayMs({ attempt: 10, random: () => 0 })).toBeGreaterThan(0);
    expect(nextDelayMs({ attempt: 11, random: () => 0 })).toBeUndefined();
    expect(nextDelayMs({ attempt: 11, retryAfterSec: 5, random: () => 0 })).toBeUndefined();
  });

  it('stays within half and one and a half of the delay, and reaches both ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), chance, (attempt, random) => {
        const delayMs = (scheduleSec[attempt] ?? 0) * 1000;
        const nextMs = nextDelayMs({ attempt, random: () => random }) ?? -1;
        expect(nextMs).toBeGreaterThanOrEqual(delayMs / 2);
        expect(nextMs).toBeLessThanOrEqual(delayMs * 1.5);
        expect(Number.isInteger(nextMs)).toBe(true);
      }),
    );
    expect(nextDelayMs({ attempt: 1, random: () => 0 })).toBe(2_500);
    expect(nextDelayMs({ attempt: 1, random: () => 0.999_999 })).toBe(7_500);
  });

  it('never comes before Retry-After, and at most a tenth after it', () => {
    const wait = fc.integer({ min: 0, max: DAY_SEC });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), wait, chance, (attempt, sec, random) => {
        const plainMs = nextDelayMs({ attempt, random: () => random }) ?? -1;
        const nextMs = nextDelayMs({ attempt, retryAfterSec: sec, random: () => random }) ?? -1;
        expect(nextMs).toBeGreaterThanOrEqual(Math.max(sec * 1000, plainMs));
        expect(nextMs).toBeLessThanOrEqual(Math.max(sec * 1100, plainMs));
      }),
    );
  });
});

describe('obeyedRetryAfterSec', () => {
  it.each([
    [429, 7],
    [503, 7],
    [500, undefined],
    [301, undefined],
    [200, undefined],
  ])('of %i is %s', (status, expected) => {
    expect(obeyedRetryAfterSec(answered(status, 7))).toBe(expected);
  });

  it('is nothing without the header or without an answer', () => {
    expect(obeyedRetryAfterSec(answered(503))).toBeUndefined();
    expect(obeyedRetryAfterSec(failed('reset'))).toBeUndefined();
  });
});

describe('classify', () => {
  it('knows every status', () => {
    const special: Record<number, string> = { 410: 'gone', 413: 'park' };
    for (let status = 200; status < 1000; status += 1) {
      const expected = special[status] ?? (status < 300 ? 'success' : 'retry');
      expect([status, classify(answered(status))]).toEqual([status, expected]);
    }
  });

  it.each<SendStage>([
    'address',
    'dns',
    'connect',
    'tls',
    'timeout',
    'reset',
    'protocol',
    'aborted',
  ])('retries a failure of %s', (stage) => {
    expect(classify(failed(stage))).toBe('retry');
  });
});
