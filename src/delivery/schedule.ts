/**
 * When a delivery is tried again, and when it is given up. Pure: chance is an argument.
 *
 * The published schedule has eleven attempts over about three days. Jitter is as wide as the delay
 * itself and centred on it: uniform in [d/2, 3d/2). The usual "full jitter", uniform in [0, d),
 * spreads deliveries equally well, but it halves the mean: three days would become one and a half,
 * and the first retry could follow at once. Centred, the eleven attempts take 72 hours on average
 * (standard deviation 10), so an endpoint that was down for a weekend still gets its events.
 */
import type { SendResult } from './send.ts';

/** The delay before each attempt, counted from the end of the one before. */
export const scheduleSec: readonly number[] = [
  0, 5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000,
];

export const attemptsMax = scheduleSec.length;

/** Deliveries told the same Retry-After come back spread over a tenth of it, not in one wave. */
const RETRY_AFTER_SPREAD = 0.1;

/**
 * Milliseconds from the end of failed attempt number `attempt` (1 is the first; 0 asks for the
 * first attempt itself) to the next one. `undefined` when there is none: the delivery is parked.
 * `retryAfterSec` is a lower bound; see `obeyedRetryAfterSec`. `random` gives [0, 1).
 */
export function nextDelayMs(options: {
  attempt: number;
  retryAfterSec?: number | undefined;
  random: () => number;
}): number | undefined {
  const { attempt, retryAfterSec = 0, random } = options;
  const delaySec = scheduleSec[attempt];
  if (delaySec === undefined) return undefined;
  const chance = random();
  const jitteredSec = delaySec * (0.5 + chance);
  const askedSec = retryAfterSec * (1 + RETRY_AFTER_SPREAD * chance);
  return Math.round(Math.max(jitteredSec, askedSec) * 1000);
}

/** Retry-After counts on 429 (RFC 6585) and 503 (RFC 9110, section 15.6.4) only. */
export function obeyedRetryAfterSec(result: SendResult): number | undefined {
  if (result.outcome !== 'answered') return undefined;
  return result.status === 429 || result.status === 503 ? result.retryAfterSec : undefined;
}

/**
 * - `success`: any 2xx.
 * - `gone`: 410; the receiver wants nothing more, so the subscription is disabled.
 * - `park`: 413; a push holds one event and cannot be made smaller, so trying again is useless.
 * - `retry`: everything else, redirects among it.
 */
export type Verdict = 'success' | 'retry' | 'gone' | 'park';

export function classify(result: SendResult): Verdict {
  if (result.outcome === 'failed') return 'retry';
  const { status } = result;
  if (status >= 200 && status < 300) return 'success';
  if (status === 410) return 'gone';
  return status === 413 ? 'park' : 'retry';
}
