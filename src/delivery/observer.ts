/** Who watches the engine: metrics and traces. Without one nothing is computed for them. */
import type { Judgement } from './judge.ts';

/** `taken`: ours now. `left`: given up for others, or taken by them. `fenced`: renewed too late. */
export type BucketMove = 'taken' | 'left' | 'fenced';

export interface AttemptToTrace {
  /** Of the request that registered the event, where it was traced. */
  readonly traceparent: string | undefined;
  readonly delivery: string;
  readonly subscription: string;
  readonly organization: string;
  readonly dialect: string;
  readonly host: string;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface TracedAttempt {
  /** To be sent along. */
  readonly traceparent: string;
  readonly ended: (judgement: Judgement) => void;
}

export interface DeliveryObserver {
  /** Outcomes written by one statement. */
  readonly flushed?: (items: number) => void;
  readonly bucketsMoved?: (move: BucketMove, buckets: number) => void;
  readonly traceAttempt?: ((given: AttemptToTrace) => TracedAttempt) | undefined;
}

/** Of a URL of a receiver only its host may be told: the rest may be a secret. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'none';
}
