/** The breaker, the slow start and the pause, by a clock of the test's own. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPace, type Health, type Pace } from './pace.ts';

const settings = { sendsMax: 8, failuresMax: 3, openMsMin: 1_000, openMsMax: 4_000 };
const plenty = 100;

function createClosed(): Pace {
  return createPace(settings, () => 0.5);
}

function fail(pace: Pace, nowMs: number, pauseMs = 0): void {
  pace.ended({ isProbe: pace.begin(nowMs), health: 'failing', pauseMs }, nowMs);
}

function probe(pace: Pace, nowMs: number, health: Health): void {
  expect(pace.admits(nowMs, 0, plenty)).toBe(true);
  expect(pace.begin(nowMs)).toBe(true);
  expect(pace.admits(nowMs, 1, plenty)).toBe(false);
  pace.ended({ isProbe: true, health, pauseMs: 0 }, nowMs);
}

function openFor(pace: Pace, nowMs: number): number {
  return (pace.openUntilMs() ?? nowMs) - nowMs;
}

test('a new endpoint may have its cap, and its share when lanes are crowded', () => {
  const pace = createClosed();
  expect(pace.admits(0, 7, plenty)).toBe(true);
  expect(pace.admits(0, 8, plenty)).toBe(false);
  expect(pace.admits(0, 3, 4)).toBe(true);
  expect(pace.admits(0, 4, 4)).toBe(false);
});

test('failures in a row open it, for longer each time, up to the most', () => {
  const pace = createClosed();
  fail(pace, 0);
  fail(pace, 0);
  expect(pace.openUntilMs()).toBeUndefined();
  fail(pace, 0);
  expect(openFor(pace, 0)).toBe(1_000);
  expect(pace.admits(999, 0, plenty)).toBe(false);
  probe(pace, 1_000, 'failing');
  expect(openFor(pace, 1_000)).toBe(2_000);
  probe(pace, 3_000, 'failing');
  expect(openFor(pace, 3_000)).toBe(4_000);
  probe(pace, 7_000, 'failing');
  expect(openFor(pace, 7_000)).toBe(4_000);
});

test('an answer in between keeps it closed', () => {
  const pace = createClosed();
  for (let count = 0; count < 10; count += 1) {
    fail(pace, 0);
    fail(pace, 0);
    pace.ended({ isProbe: pace.begin(0), health: 'alive', pauseMs: 0 }, 0);
  }
  expect(pace.openUntilMs()).toBeUndefined();
});

test('after an outage it starts slowly and doubles with each round', () => {
  const pace = createClosed();
  for (let count = 0; count < 3; count += 1) fail(pace, 0);
  probe(pace, 1_000, 'alive');
  const allowed = () => {
    let inFlight = 0;
    while (pace.admits(1_000, inFlight, plenty)) inFlight += 1;
    return inFlight;
  };
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const sends = allowed();
    rounds.push(sends);
    for (let count = 0; count < sends; count += 1) {
      pace.ended({ isProbe: pace.begin(1_000), health: 'alive', pauseMs: 0 }, 1_000);
    }
  }
  expect(rounds).toEqual([1, 2, 4, 8, 8]);
});

test('what was under way when it opened changes nothing', () => {
  const pace = createClosed();
  for (let count = 0; count < 3; count += 1) fail(pace, 0);
  pace.ended({ isProbe: false, health: 'failing', pauseMs: 0 }, 500);
  expect(openFor(pace, 0)).toBe(1_000);
  pace.ended({ isProbe: false, health: 'alive', pauseMs: 0 }, 500);
  expect(openFor(pace, 0)).toBe(1_000);
});

test('a pause that was asked for is kept at once, to its end', () => {
  const pace = createClosed();
  fail(pace, 0, 60_000);
  expect(pace.admits(59_999, 0, plenty)).toBe(false);
  // Another answer, later, asks for more.
  pace.ended({ isProbe: false, health: 'failing', pauseMs: 90_000 }, 1_000);
  expect(pace.openUntilMs()).toBe(91_000);
  probe(pace, 91_000, 'alive');
  expect(pace.openUntilMs()).toBeUndefined();
});

test('a probe that came to nothing is followed by another', () => {
  const pace = createClosed();
  for (let count = 0; count < 3; count += 1) fail(pace, 0);
  probe(pace, 1_000, 'unknown');
  probe(pace, 1_000, 'alive');
  expect(pace.openUntilMs()).toBeUndefined();
});

describe('limits of its owner', () => {
  /** Begins whatever may begin in a millisecond, each ended at once; how many. */
  const burst = (pace: Pace, nowMs: number): number => {
    let count = 0;
    for (; pace.admits(nowMs, 0, plenty); count += 1) {
      pace.ended({ isProbe: pace.begin(nowMs), health: 'alive', pauseMs: 0 }, nowMs);
    }
    return count;
  };

  test('a rate lets one second go at once, and then as many as it says', () => {
    const pace = createClosed();
    pace.limit({ sendsMax: 8, ratePerSecond: 10 }, 0);
    expect(burst(pace, 0)).toBe(10);
    expect(pace.nextAtMs()).toBe(100);
    let count = 0;
    for (let nowMs = 1; nowMs <= 5_000; nowMs += 1) count += burst(pace, nowMs);
    expect(count).toBe(50);
    expect(burst(pace, 60_000)).toBe(10);
  });

  test('a rate below one a second spaces them out', () => {
    const pace = createClosed();
    pace.limit({ sendsMax: 8, ratePerSecond: 0.1 }, 0);
    const began: number[] = [];
    for (let nowMs = 0; nowMs <= 40_000; nowMs += 10) if (burst(pace, nowMs) > 0) began.push(nowMs);
    expect(began).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
  });

  test('a rate that changes forgives nothing, one that ends waits for nothing', () => {
    const pace = createClosed();
    pace.limit({ sendsMax: 8, ratePerSecond: 2 }, 0);
    expect(burst(pace, 0)).toBe(2);
    pace.limit({ sendsMax: 8, ratePerSecond: 4 }, 0);
    expect(burst(pace, 0)).toBe(2);
    expect(burst(pace, 0)).toBe(0);
    pace.limit({ sendsMax: 8, ratePerSecond: undefined }, 0);
    expect(pace.admits(0, 0, plenty)).toBe(true);
  });

  test('a rate is not used up by what was never sent', () => {
    const pace = createClosed();
    pace.limit({ sendsMax: 8, ratePerSecond: 1 }, 0);
    const end = { isProbe: pace.begin(0), health: 'unknown', pauseMs: 0 } as const;
    expect(pace.admits(0, 0, plenty)).toBe(false);
    pace.ended({ ...end, isUnsent: true }, 0);
    expect(burst(pace, 0)).toBe(1);
  });

  test('no rate is ever passed, however often it is asked and changed', () => {
    const script = fc.array(fc.tuple(fc.nat(400), fc.nat(3)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), script, (ratePerSecond, steps) => {
        const pace = createClosed();
        let nowMs = 0;
        let count = 0;
        pace.limit({ sendsMax: 8, ratePerSecond }, nowMs);
        for (const [waitMs, choice] of steps) {
          nowMs += waitMs;
          if (choice === 0) pace.limit({ sendsMax: 8, ratePerSecond }, nowMs);
          count += burst(pace, nowMs);
          expect(count).toBeLessThanOrEqual(ratePerSecond * (1 + nowMs / 1_000) + 1e-6);
        }
      }),
    );
  });

  test('a cap holds at once, also against a slow start, and may be taken away', () => {
    const pace = createClosed();
    pace.limit({ sendsMax: 2, ratePerSecond: undefined }, 0);
    expect([pace.admits(0, 1, plenty), pace.admits(0, 2, plenty)]).toEqual([true, false]);
    pace.limit({ sendsMax: 8, ratePerSecond: undefined }, 0);
    expect(pace.admits(0, 7, plenty)).toBe(true);
    for (let count = 0; count < 3; count += 1) fail(pace, 0);
    probe(pace, 1_000, 'alive');
    pace.limit({ sendsMax: 2, ratePerSecond: undefined }, 1_000);
    expect([pace.admits(1_000, 0, plenty), pace.admits(1_000, 1, plenty)]).toEqual([true, false]);
  });
});
