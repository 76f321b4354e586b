/** Who watches the engine: metrics and traces. Without one nothing is computed for them. */
import type { Tracing } from '../telemetry/tracing.ts';

/** `taken`: ours now. `left`: given up for others, or taken by them. `fenced`: renewed too late. */
export type BucketMove = 'taken' | 'left' | 'fenced';

export interface DeliveryObserver {
  /** Outcomes written by one statement. */
  readonly flushed?: (items: number) => void;
  readonly bucketsMoved?: (move: BucketMove, buckets: number) => void;
  readonly traceAttempt?: Tracing['attempt'] | undefined;
}

/** Of a URL of a receiver only its host may be told: the rest may be a secret. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'none';
}
