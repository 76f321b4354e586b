/** What the outcome of one try means for the delivery and for its endpoint. Pure. */
import type { Health } from './lane/pace.ts';
import { classify, nextDelayMs, obeyedRetryAfterSec } from './schedule.ts';
import type { SendResult } from './send.ts';

/**
 * `render`: the dialect could not make the push; `sign`: its secret could not be opened. Others
 * are the sender's stages.
 */
export interface AttemptFacts {
  readonly outcome: 'delivered' | 'refused' | 'failed';
  readonly stage?: string | undefined;
  readonly status?: number | undefined;
  readonly durationMs: number;
  readonly response?: string | undefined;
}

export interface Judgement {
  /**
   * `returned`: our own side stopped the try, so it was none.
   * `gone`: the receiver wants nothing more; kept, without a due time.
   */
  readonly ending: 'delivered' | 'parked' | 'retry' | 'gone' | 'returned';
  readonly delayMs?: number | undefined;
  readonly health: Health;
  /** What the endpoint as a whole asked for; 0 for nothing. */
  readonly pauseMs: number;
  readonly facts: AttemptFacts;
}

/** `attempt`: the number of this try within its round, from 1. */
export function judge(result: SendResult, attempt: number, random: () => number): Judgement {
  const facts = factsOf(result);
  const health = healthOf(result);
  if (result.outcome === 'failed' && result.stage === 'aborted') {
    return { ending: 'returned', health: 'unknown', pauseMs: 0, facts };
  }
  switch (classify(result)) {
    case 'success':
      return { ending: 'delivered', health, pauseMs: 0, facts };
    case 'park':
      return { ending: 'parked', health, pauseMs: 0, facts };
    case 'gone':
      return { ending: 'gone', health, pauseMs: 0, facts };
    case 'retry': {
      const retryAfterSec = obeyedRetryAfterSec(result);
      const pauseMs = (retryAfterSec ?? 0) * 1_000;
      return { ...again(attempt, random, retryAfterSec), health, pauseMs, facts };
    }
  }
}

/** A try that failed before anything was sent: for good, or until somebody mends it. */
export function judgeUnsent(
  stage: 'render' | 'sign',
  message: string,
  given: { readonly attempt: number; readonly random: () => number },
): Judgement {
  const facts: AttemptFacts = { outcome: 'failed', stage, durationMs: 0, response: message };
  const ending =
    stage === 'render' ? ({ ending: 'parked' } as const) : again(given.attempt, given.random);
  return { ...ending, health: 'unknown', pauseMs: 0, facts };
}

function again(
  attempt: number,
  random: () => number,
  retryAfterSec?: number,
): Pick<Judgement, 'ending' | 'delayMs'> {
  const delayMs = nextDelayMs({ attempt, retryAfterSec, random });
  return delayMs === undefined ? { ending: 'parked' } : { ending: 'retry', delayMs };
}

function factsOf(result: SendResult): AttemptFacts {
  const { durationMs } = result;
  if (result.outcome === 'failed') {
    return { outcome: 'failed', stage: result.stage, durationMs, response: result.message };
  }
  const { status, responseText } = result;
  const outcome = status >= 200 && status < 300 ? 'delivered' : 'refused';
  return { outcome, status, durationMs, response: responseText };
}

/** A receiver that refuses one push is well; one that is busy, broken or silent is not. */
function healthOf(result: SendResult): Health {
  if (result.outcome === 'failed') return 'failing';
  const { status } = result;
  return status >= 500 || status === 429 || status === 408 ? 'failing' : 'alive';
}
