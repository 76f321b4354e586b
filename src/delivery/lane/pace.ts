/**
 * How fast one endpoint is sent to: a cap, a rate, a breaker, and a slow start after an outage. Pure:
 * time and chance are arguments.
 *
 * closed --(failures in a row, or Retry-After)--> open --(time is up)--> half open: one probe
 * half open --(the endpoint lives)--> closed, starting with one send at a time
 * half open --(it fails)--> open, for longer
 *
 * While it is open nothing is sent, so a delivery that waits here uses up none of its attempts.
 */
import { createRate } from './rate.ts';

export interface PaceSettings {
  /** Sends open at once. */
  readonly sendsMax: number;
  /** Failures in a row that open the breaker. */
  readonly failuresMax: number;
  readonly openMsMin: number;
  readonly openMsMax: number;
}

/** What its owner asks for; it narrows the settings. */
export interface PaceLimits {
  readonly sendsMax: number;
  readonly ratePerSecond: number | undefined;
}

/** - `alive`: it answered, whatever it said. - `unknown`: the try says nothing about it. */
export type Health = 'alive' | 'failing' | 'unknown';

export interface Ended {
  readonly isProbe: boolean;
  readonly health: Health;
  /** What the endpoint asked for by Retry-After; 0 for nothing. */
  readonly pauseMs: number;
  /** There was no request: nothing of the rate is used up. */
  readonly isUnsent?: boolean | undefined;
}

export interface Pace {
  /** Whether one more send may begin; `share` caps it further when all lanes are crowded. */
  readonly admits: (nowMs: number, inFlight: number, share: number) => boolean;
  /** Notes that a send begins; true when it is the probe. */
  readonly begin: (nowMs: number) => boolean;
  readonly ended: (end: Ended, nowMs: number) => void;
  /** When the next probe may go; undefined unless open. */
  readonly openUntilMs: () => number | undefined;
  /** From when on time is no reason to wait; the past where it is none now. */
  readonly nextAtMs: () => number;
  readonly limit: (limits: PaceLimits, nowMs: number) => void;
  /** Forgets an outage: someone says that the endpoint is well. */
  readonly reset: () => void;
}

export function createPace(settings: PaceSettings, random: () => number): Pace {
  const { failuresMax, openMsMin, openMsMax } = settings;
  const rate = createRate();
  let { sendsMax } = settings;
  let limit = sendsMax;
  let failures = 0;
  let openings = 0;
  let openUntilMs: number | undefined;
  let isProbing = false;

  function open(nowMs: number, pauseMs: number): void {
    const backoffMs = Math.min(openMsMax, openMsMin * 2 ** Math.min(openings, 20));
    openings += 1;
    // Lanes that fell together must not rise together.
    const spreadMs = backoffMs * (0.75 + 0.5 * random());
    openUntilMs = nowMs + Math.max(spreadMs, pauseMs);
  }

  function close(): void {
    openUntilMs = undefined;
    openings = 0;
    failures = 0;
    limit = 1;
  }

  function whileOpen({ isProbe, health, pauseMs }: Ended, nowMs: number): void {
    if (pauseMs > 0) openUntilMs = Math.max(openUntilMs ?? 0, nowMs + pauseMs);
    // What was still on its way when the breaker opened proves nothing new.
    if (!isProbe) return;
    isProbing = false;
    if (health === 'failing') open(nowMs, pauseMs);
    else if (health === 'alive' && pauseMs === 0) close();
  }

  function whileClosed({ health, pauseMs }: Ended, nowMs: number): void {
    if (health === 'unknown') return;
    if (health === 'alive') {
      failures = 0;
      limit = Math.min(sendsMax, limit + 1);
      return;
    }
    failures += 1;
    if (pauseMs > 0 || failures >= failuresMax) open(nowMs, pauseMs);
  }

  return {
    admits(nowMs, inFlight, share) {
      if (nowMs < rate.nextAtMs()) return false;
      if (openUntilMs !== undefined) return !isProbing && nowMs >= openUntilMs;
      return inFlight < Math.min(limit, share);
    },
    begin(nowMs) {
      rate.take(nowMs);
      isProbing = openUntilMs !== undefined;
      return isProbing;
    },
    ended(end, nowMs) {
      if (end.isUnsent === true) rate.giveBack();
      if (openUntilMs === undefined) whileClosed(end, nowMs);
      else whileOpen(end, nowMs);
    },
    openUntilMs: () => openUntilMs,
    nextAtMs: () => Math.max(openUntilMs ?? Number.NEGATIVE_INFINITY, rate.nextAtMs()),
    limit(limits, nowMs) {
      // One that is not slowed down by an outage takes its new cap at once.
      limit = limit < sendsMax ? Math.min(limit, limits.sendsMax) : limits.sendsMax;
      sendsMax = limits.sendsMax;
      rate.set(limits.ratePerSecond, nowMs);
    },
    reset() {
      openUntilMs = undefined;
      openings = 0;
      failures = 0;
      isProbing = false;
    },
  };
}
