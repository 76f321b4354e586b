/** Outcomes and what they mean, one by one. */
import { describe, expect, test } from 'vitest';
import { judge, judgeUnsent } from './judge.ts';
import { attemptsMax } from './schedule.ts';
import type { SendResult } from './send.ts';

const random = () => 0.5;

function answered(status: number, retryAfterSec?: number): SendResult {
  const waits = retryAfterSec === undefined ? {} : { retryAfterSec };
  return { outcome: 'answered', status, responseText: 'text', durationMs: 5, ...waits };
}

function failed(stage: 'connect' | 'aborted'): SendResult {
  return { outcome: 'failed', stage, code: 'c', message: 'no connection', durationMs: 5 };
}

describe('an answer', () => {
  test.each([
    [200, 'delivered', 'alive', 'delivered'],
    [299, 'delivered', 'alive', 'delivered'],
    [302, 'retry', 'alive', 'refused'],
    [404, 'retry', 'alive', 'refused'],
    [408, 'retry', 'failing', 'refused'],
    [410, 'gone', 'alive', 'refused'],
    [413, 'parked', 'alive', 'refused'],
    [429, 'retry', 'failing', 'refused'],
    [500, 'retry', 'failing', 'refused'],
  ])('%i is %s, its endpoint %s', (status, ending, health, outcome) => {
    const judgement = judge(answered(status), 1, random);
    expect(judgement).toMatchObject({ ending, health, pauseMs: 0 });
    expect(judgement.facts).toMatchObject({ outcome, status, response: 'text', durationMs: 5 });
  });

  test('with Retry-After puts off the delivery and pauses the lane, on 429 and 503 only', () => {
    const busy = judge(answered(503, 100), 1, random);
    expect(busy.pauseMs).toBe(100_000);
    expect(busy.delayMs).toBeGreaterThanOrEqual(100_000);
    expect(judge(answered(500, 100), 1, random)).toMatchObject({ pauseMs: 0, delayMs: 5_000 });
  });

  test('to the last attempt of the schedule parks', () => {
    expect(judge(answered(500), attemptsMax - 1, random).ending).toBe('retry');
    expect(judge(answered(500), attemptsMax, random).ending).toBe('parked');
  });
});

test('no answer is retried, and the endpoint is failing', () => {
  expect(judge(failed('connect'), 1, random)).toMatchObject({
    ending: 'retry',
    health: 'failing',
    facts: { outcome: 'failed', stage: 'connect', response: 'no connection' },
  });
});

test('what we stopped ourselves is no attempt and says nothing of the endpoint', () => {
  expect(judge(failed('aborted'), 1, random)).toMatchObject({
    ending: 'returned',
    health: 'unknown',
  });
});

test('what cannot be rendered is parked; what cannot be signed may be mended', () => {
  const given = { attempt: 1, random };
  expect(judgeUnsent('render', 'why', given)).toMatchObject({
    ending: 'parked',
    facts: { stage: 'render', response: 'why' },
  });
  expect(judgeUnsent('sign', 'why', given)).toMatchObject({ ending: 'retry', delayMs: 5_000 });
});
