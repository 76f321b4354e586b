/**
 * A token bucket, kept as one moment: when it would be full again (the generic cell rate algorithm).
 * It holds what one second brings, at least one, so a lane that was idle may begin that many at
 * once. Pure: time is an argument.
 */
export interface Rate {
  /** Undefined: no limit. What was used up before stays used up. */
  readonly set: (perSecond: number | undefined, nowMs: number) => void;
  /** From when on one may be taken; the past where it may be now. */
  readonly nextAtMs: () => number;
  readonly take: (nowMs: number) => void;
  /** What was taken was not used. */
  readonly giveBack: () => void;
}

export function createRate(): Rate {
  /** From one token to the next; 0 without a limit. */
  let everyMs = 0;
  let holds = 1;
  let fullAtMs = Number.NEGATIVE_INFINITY;
  return {
    set(perSecond, nowMs) {
      const used = everyMs === 0 ? 0 : Math.max(0, fullAtMs - nowMs) / everyMs;
      everyMs = perSecond === undefined ? 0 : 1_000 / perSecond;
      holds = Math.max(1, Math.floor(perSecond ?? 1));
      fullAtMs = nowMs + Math.min(used, holds) * everyMs;
    },
    nextAtMs: () => (everyMs === 0 ? Number.NEGATIVE_INFINITY : fullAtMs - (holds - 1) * everyMs),
    take(nowMs) {
      if (everyMs > 0) fullAtMs = Math.max(fullAtMs, nowMs) + everyMs;
    },
    giveBack() {
      fullAtMs -= everyMs;
    },
  };
}
