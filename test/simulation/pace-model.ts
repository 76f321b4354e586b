/**
 * The rules of an endpoint's breaker, written a second time from their description: when one process
 * may send to one endpoint, by what it has heard from it.
 */
import type { SendResult } from '../../src/delivery/send.ts';

export interface PaceLimits {
  readonly failuresMax: number;
  readonly openMsMin: number;
  readonly openMsMax: number;
}

export interface PaceModel {
  /** Notes a send; what is wrong with it now, undefined where nothing is. */
  readonly begin: (nowMs: number) => string | undefined;
  readonly ended: (wasProbe: boolean, result: SendResult, nowMs: number) => void;
  readonly isProbing: () => boolean;
}

/** The earliest of the spread of a breaker's opening. */
const spreadMin = 0.75;

export function createPaceModel({ failuresMax, openMsMin, openMsMax }: PaceLimits): PaceModel {
  let failures = 0;
  let openings = 0;
  let openUntilMs: number | undefined;
  let isProbing = false;

  function open(nowMs: number, pauseMs: number): void {
    const leastMs = Math.min(openMsMax, openMsMin * 2 ** openings) * spreadMin;
    openings += 1;
    openUntilMs = nowMs + Math.max(leastMs, pauseMs);
  }

  return {
    isProbing: () => isProbing,
    begin(nowMs) {
      if (openUntilMs === undefined) return undefined;
      if (isProbing) return 'a probe is under way';
      isProbing = true;
      // Sums of fractions are rounded.
      return nowMs < openUntilMs - 0.001 ? 'the breaker is open' : undefined;
    },
    ended(wasProbe, result, nowMs) {
      const health = healthOf(result);
      const pauseMs = pauseOf(result);
      if (wasProbe) isProbing = false;
      if (openUntilMs !== undefined) {
        if (pauseMs > 0) openUntilMs = Math.max(openUntilMs, nowMs + pauseMs);
        if (wasProbe && health === 'failing') open(nowMs, pauseMs);
        if (wasProbe && health === 'alive') {
          openUntilMs = undefined;
          failures = 0;
          openings = 0;
        }
      } else if (health === 'alive') {
        failures = 0;
      } else if (health === 'failing') {
        failures += 1;
        if (pauseMs > 0 || failures >= failuresMax) open(nowMs, pauseMs);
      }
    },
  };
}

function healthOf(result: SendResult): 'alive' | 'failing' | 'unknown' {
  if (result.outcome === 'failed') return result.stage === 'aborted' ? 'unknown' : 'failing';
  return result.status >= 500 || [408, 429].includes(result.status) ? 'failing' : 'alive';
}

function pauseOf(result: SendResult): number {
  if (result.outcome === 'failed' || ![429, 503].includes(result.status)) return 0;
  return (result.retryAfterSec ?? 0) * 1_000;
}
