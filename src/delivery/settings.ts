/** Limits and intervals of delivery. All are bounds that tests and operators may narrow. */

export interface DeliverySettings {
  readonly requestTimeoutMs: number;
  /** Deliveries of one endpoint in memory. */
  readonly laneWindowMax: number;
  /** The same while `queuedMax` is reached: enough to keep a lane going. */
  readonly laneWindowMin: number;
  /** Where a lane is full, units whose next attempt is due later than this wait in the table. */
  readonly laneRestMsMin: number;
  /** Deliveries of all lanes in memory. */
  readonly queuedMax: number;
  /** Open sends of one endpoint, and of all. */
  readonly laneSendsMax: number;
  readonly sendsMax: number;
  /** Open sends of one endpoint while half of `sendsMax` are taken: nobody may take the rest. */
  readonly laneSendsCrowdedMax: number;
  /** Failures in a row that open an endpoint's breaker, and for how long it stays open. */
  readonly breakerFailuresMax: number;
  readonly breakerOpenMsMin: number;
  readonly breakerOpenMsMax: number;
  /** Outcomes not yet durable; no send begins beyond. This is what a kill may repeat. */
  readonly unflushedMax: number;
  /** Outcomes per statement: a second statement starts at the least, none holds more than the most. */
  readonly flushRowsMin: number;
  readonly flushRowsMax: number;
  readonly flushesMax: number;
  /** How long fewer outcomes than that wait for more. */
  readonly flushLingerMs: number;
  /** Pages read at the same time, and rows looked at for one. */
  readonly refillsMax: number;
  readonly refillRowsMax: number;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** A lease counts as over this long before its end: clocks and messages take time. */
  readonly leaseMarginMs: number;
  /** Pause while buckets are on the move, and after a failure of the database. */
  readonly retryDatabaseMs: number;
  /**
   * Pause between searches of the table for what nobody handed over: 20 times as long as the last
   * one took, within these bounds.
   */
  readonly sweepPauseMsMin: number;
  readonly sweepPauseMsMax: number;
  readonly subscriptionsEveryMs: number;
  /** Pause between notifications to other processes. */
  readonly tellEveryMs: number;
  readonly subscriptionsCachedMax: number;
  /**
   * A subscription of which everything has failed for so long is warned, and for so long disabled,
   * the grace after its warning at the earliest.
   */
  readonly failingWarnMs: number;
  readonly failingDisableMs: number;
  readonly failingGraceMs: number;
  /** A lane without work is forgotten after so long. */
  readonly laneIdleMs: number;
  /** How long `stop` waits for open sends, then for outcomes to be stored, then for the leases. */
  readonly drainMs: number;
  readonly leaveMs: number;
}

export const defaultDeliverySettings: DeliverySettings = {
  requestTimeoutMs: 15_000,
  laneWindowMax: 1_000,
  laneWindowMin: 32,
  laneRestMsMin: 10_000,
  queuedMax: 8_000,
  laneSendsMax: 32,
  sendsMax: 1_024,
  laneSendsCrowdedMax: 4,
  breakerFailuresMax: 5,
  breakerOpenMsMin: 1_000,
  breakerOpenMsMax: 60_000,
  unflushedMax: 2_048,
  flushRowsMin: 256,
  flushRowsMax: 1_024,
  flushesMax: 2,
  flushLingerMs: 10,
  refillsMax: 4,
  refillRowsMax: 5_000,
  leaseMs: 12_000,
  renewEveryMs: 3_000,
  leaseMarginMs: 2_000,
  retryDatabaseMs: 250,
  sweepPauseMsMin: 1_000,
  sweepPauseMsMax: 15_000,
  subscriptionsEveryMs: 2_000,
  tellEveryMs: 20,
  subscriptionsCachedMax: 20_000,
  failingWarnMs: 86_400_000,
  failingDisableMs: 5 * 86_400_000,
  failingGraceMs: 86_400_000,
  laneIdleMs: 300_000,
  drainMs: 5_000,
  leaveMs: 1_250,
};
