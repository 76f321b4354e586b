/**
 * What is committed: the tables of delivery in memory, and each action on them as one atomic step,
 * with the meaning that the SQL in src/store/deliveries/ has. No latency and no faults in here.
 */
import { bucketCount } from '../../src/delivery/ownership.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import type { Completion, FailingSubscription } from '../../src/store/deliveries/complete.ts';
import type { Lease, LeaseRow, OtherProcess } from '../../src/store/deliveries/leases.ts';
import type { SubscriptionInTrouble } from '../../src/store/deliveries/notices.ts';
import type { LanePage, LaneRequest } from '../../src/store/deliveries/read-lane.ts';
import type { ToDisable } from '../../src/store/deliveries/sending.ts';

export interface Row {
  readonly id: string;
  readonly bucket: number;
  readonly endpointId: string;
  position: number;
  readonly subscriptionId: string;
  readonly unitId: string;
  readonly sequence: number;
  /** Undefined for a notice, whose payload is made with it. */
  readonly event: RecordedEvent | undefined;
  /** Infinity while its subscription is not active. */
  dueAtMs: number;
  attemptCount: number;
  payload: string | undefined;
}

export interface Subscription {
  readonly id: string;
  readonly endpointId: string;
  state: 'active' | 'paused' | 'disabled';
  lastSequence: number;
  /** It is told of the others. */
  readonly notices: boolean;
  /** Of its endpoint. */
  readonly sendsMax: number | null;
  readonly ratePerSecond: number | null;
  /** Microseconds, by the clock of whoever changed it. */
  version: number;
}

interface Recorded {
  readonly id: string;
  readonly unitId: string;
  readonly event: RecordedEvent | undefined;
}

export type DoneState = 'delivered' | 'parked';

/** Of a subscription that has had nothing but failures. */
interface Failure {
  readonly sinceMs: number;
  warnedAtMs: number | undefined;
}

export class Tables {
  readonly deliveries = new Map<string, Row>();
  readonly done = new Map<string, { readonly row: Row; readonly state: DoneState }>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly positions = new Map<string, number>();
  readonly processes = new Map<string, number>();
  /** Advisory locks: which connections hold that of a process. */
  readonly locks = new Map<string, Set<object>>();
  readonly leases: LeaseRow[] = [];
  /** Whether a machine tells that this process has ended. */
  hasEnded: (asker: string, id: string) => boolean = () => false;
  /** When a process was last seen without its lease. */
  readonly lapsedAtMs = new Map<string, number>();
  readonly attempts = new Map<string, number>();
  readonly failures = new Map<string, Failure>();
  private readonly nowMs: () => number;
  private readonly note: (text: string) => void;

  constructor(nowMs: () => number, note: (text: string) => void) {
    this.nowMs = nowMs;
    this.note = note;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      this.leases.push({ bucket, owner: null, epoch: 0 });
    }
  }

  /* ---- processes and leases -------------------------------------------------------------- */

  /** Whether nobody may take over from it while it lives, by what the database knows. */
  isLeased(id: string): boolean {
    return (this.processes.get(id) ?? 0) > this.nowMs();
  }

  lock(id: string, connection: object): void {
    const holders = this.locks.get(id) ?? new Set();
    this.locks.set(id, holders.add(connection));
  }

  unlock(id: string, connection: object): void {
    if (this.locks.get(id)?.delete(connection)) this.note(`${id} has lost a connection`);
  }

  renew(id: string, leaseMs: number): void {
    const until = this.processes.get(id);
    if (until !== undefined && until <= this.nowMs()) this.lapsedAtMs.set(id, this.nowMs());
    this.processes.set(id, this.nowMs() + leaseMs);
  }

  others(id: string): (OtherProcess & { readonly hasEnded: boolean })[] {
    return [...this.processes]
      .filter(([other]) => other !== id)
      .map(([other, untilMs]) => {
        const isUnlocked = (this.locks.get(other)?.size ?? 0) === 0;
        const hasEnded = isUnlocked && this.hasEnded(id, other);
        const leftMs = Math.max(0, untilMs - this.nowMs());
        return { id: other, isDead: hasEnded || leftMs === 0, leftMs, hasEnded };
      });
  }

  /** Forgets those that are dead still; their buckets are nobody's. */
  bury(dead: readonly string[], ended: readonly string[]): string[] {
    const buried = dead.filter(
      (id) => this.processes.has(id) && (!this.isLeased(id) || ended.includes(id)),
    );
    for (const id of buried) {
      this.forget(id);
      this.release(id, () => true);
    }
    return buried;
  }

  forget(id: string): void {
    this.note(`${id} is forgotten`);
    if (this.processes.delete(id)) this.lapsedAtMs.set(id, this.nowMs());
  }

  claim(id: string, free: readonly Lease[]): Lease[] {
    const taken: Lease[] = [];
    if (!this.processes.has(id)) return taken;
    for (const { bucket, epoch } of free) {
      const lease = this.leases[bucket];
      if (lease?.epoch !== epoch || this.processes.has(lease.owner ?? '')) continue;
      const claimed = { bucket, epoch: epoch + 1 };
      this.leases[bucket] = { ...claimed, owner: id };
      taken.push(claimed);
    }
    this.note(`${id} takes ${taken.length} buckets`);
    return taken;
  }

  release(id: string, isChosen: (bucket: number) => boolean): void {
    this.note(`${id} gives buckets back`);
    for (const { bucket, owner, epoch } of this.leases) {
      if (owner === id && isChosen(bucket)) this.leases[bucket] = { bucket, epoch, owner: null };
    }
  }

  ownerOf(bucket: number): string | null {
    return this.leases[bucket]?.owner ?? null;
  }

  /* ---- deliveries ------------------------------------------------------------------------ */

  /** Of one transaction: positions and sequences without gaps. */
  record(subscription: Subscription, { id, unitId, event }: Recorded, bucket: number): Row {
    const { id: subscriptionId, endpointId } = subscription;
    subscription.lastSequence += 1;
    const row: Row = {
      ...{ id: `${id}-${subscriptionId}`, bucket, endpointId, subscriptionId, unitId, event },
      position: this.nextPosition(endpointId),
      sequence: subscription.lastSequence,
      dueAtMs: subscription.state === 'active' ? this.nowMs() : Number.POSITIVE_INFINITY,
      attemptCount: 0,
      payload: undefined,
    };
    this.deliveries.set(row.id, row);
    return row;
  }

  private nextPosition(endpointId: string): number {
    const position = (this.positions.get(endpointId) ?? 0) + 1;
    this.positions.set(endpointId, position);
    return position;
  }

  /** By position, those of an endpoint. */
  private rowsOf(endpointId: string): Row[] {
    return [...this.deliveries.values()]
      .filter((row) => row.endpointId === endpointId)
      .sort((left, right) => left.position - right.position);
  }

  readLane({ endpointId, buckets, afterPosition, limit, rowsMax }: LaneRequest): LanePage {
    const deliveries: LanePage['deliveries'][number][] = [];
    let due = 0;
    for (const row of this.rowsOf(endpointId)) {
      if (row.position <= afterPosition) continue;
      if (buckets !== undefined && !buckets.includes(row.bucket)) continue;
      if (due === limit || deliveries.length === rowsMax) break;
      const isHeld = row.dueAtMs === Number.POSITIVE_INFINITY;
      if (!isHeld) due += 1;
      const { id, bucket, position, subscriptionId, unitId, sequence } = row;
      deliveries.push({
        ...{ id, bucket, position, subscriptionId, unitId, sequence, isHeld },
        dueInMs: isHeld || row.attemptCount === 0 ? 0 : Math.max(0, row.dueAtMs - this.nowMs()),
        attemptCount: row.attemptCount,
        payload: row.payload,
        event: isHeld ? undefined : row.event,
        eventId: row.event?.id ?? row.id,
      });
    }
    const isComplete = due < limit && deliveries.length < rowsMax;
    return { deliveries, isComplete, lastPosition: this.positions.get(endpointId) ?? 0 };
  }

  waitingEndpoints(before: string | undefined, limit: number) {
    const newest = new Map<string, number>();
    for (const { endpointId, position } of this.deliveries.values()) {
      if (before !== undefined && endpointId >= before) continue;
      newest.set(endpointId, Math.max(newest.get(endpointId) ?? 0, position));
    }
    return [...newest]
      .map(([endpointId, lastPosition]) => ({ endpointId, lastPosition }))
      .sort((left, right) => (left.endpointId < right.endpointId ? 1 : -1))
      .slice(0, limit);
  }

  /** Those that count: their bucket is still the owner's under the same epoch. */
  fenced(owner: string, completions: readonly Completion[]): Completion[] {
    return completions.filter(({ bucket, epoch }) => {
      const lease = this.leases[bucket];
      return lease?.owner === owner && lease.epoch === epoch;
    });
  }

  complete(completions: readonly Completion[]): FailingSubscription[] {
    const told = new Map<string, boolean>();
    for (const { id, ending, attemptCount, delayMs, payload, outcome } of completions) {
      const row = this.deliveries.get(id);
      if (row === undefined) continue;
      // Whose answer was not heard is written twice and counts once.
      if (ending === 'kept' && row.attemptCount >= attemptCount) continue;
      const isWell = outcome === 'delivered' || told.get(row.subscriptionId) === true;
      told.set(row.subscriptionId, isWell);
      this.attempts.set(id, (this.attempts.get(id) ?? 0) + 1);
      if (ending === 'kept') {
        row.attemptCount = attemptCount;
        row.payload ??= payload;
        const isHeld = delayMs === undefined || row.dueAtMs === Number.POSITIVE_INFINITY;
        row.dueAtMs = isHeld ? Number.POSITIVE_INFINITY : this.nowMs() + delayMs;
      } else {
        this.deliveries.delete(id);
        row.payload ??= payload;
        this.done.set(id, { row, state: ending });
      }
    }
    return [...told].flatMap(([id, isWell]) => this.noteFailure(id, isWell));
  }

  /** Those that failed before tell so. */
  noteFailure(subscriptionId: string, isWell: boolean): FailingSubscription[] {
    const failure = this.failures.get(subscriptionId);
    if (isWell) this.failures.delete(subscriptionId);
    else if (failure === undefined) {
      this.failures.set(subscriptionId, { sinceMs: this.nowMs(), warnedAtMs: undefined });
    }
    if (isWell || failure === undefined) return [];
    const { sinceMs, warnedAtMs } = failure;
    const warnedMs = warnedAtMs === undefined ? null : this.nowMs() - warnedAtMs;
    const failingMs = this.nowMs() - sinceMs;
    return [{ subscriptionId, failingSinceMs: sinceMs, failingMs, warnedMs }];
  }

  /* ---- subscriptions --------------------------------------------------------------------- */

  setState(id: string, state: Subscription['state'], nowMs: number): void {
    const subscription = this.subscriptions.get(id);
    if (subscription === undefined) return;
    subscription.state = state;
    // The store's own changes never lower it; those of delivery are in sending.ts.
    subscription.version = Math.max(Math.round(nowMs * 1_000), subscription.version + 1);
    if (state === 'active') {
      this.failures.delete(id);
      this.resumeRows(id);
    } else for (const row of this.pendingOf(id)) row.dueAtMs = Number.POSITIVE_INFINITY;
  }

  /** False where it has been warned before, is well again, or is not active any more. */
  warn({ id, notice }: SubscriptionInTrouble): boolean {
    const failure = this.failures.get(id);
    if (failure === undefined || failure.warnedAtMs !== undefined) return false;
    if (this.subscriptions.get(id)?.state !== 'active') return false;
    failure.warnedAtMs = this.nowMs();
    this.queueNotice(id, notice);
    return true;
  }

  /** Of an endpoint that answered 410, or that failed for long and does so still. */
  disable({ id, nowMs, notice, reason }: ToDisable): boolean {
    const subscription = this.subscriptions.get(id);
    if (subscription?.state !== 'active') return false;
    if (reason === 'failing' && this.failures.get(id)?.warnedAtMs === undefined) return false;
    subscription.state = 'disabled';
    subscription.version = Math.round(nowMs * 1_000);
    this.queueNotice(id, notice);
    for (const row of this.pendingOf(id)) row.dueAtMs = Number.POSITIVE_INFINITY;
    return true;
  }

  /** To all that wish for it but the one it is about. */
  queueNotice(of: string, { id, text }: SubscriptionInTrouble['notice']): void {
    for (const listener of this.subscriptions.values()) {
      if (!listener.notices || listener.id === of) continue;
      const row = this.record(listener, { id, unitId: of, event: undefined }, 0);
      row.payload = `{"sequence":${row.sequence},"notice":${text}}`;
    }
  }

  resumeRows(id: string): void {
    for (const row of this.pendingOf(id)) {
      if (row.dueAtMs < Number.POSITIVE_INFINITY) continue;
      row.dueAtMs = this.nowMs();
      row.attemptCount = 0;
    }
  }

  /** Puts a finished delivery back, at a new position; or makes a waiting one due. */
  replay(id: string, nowMs: number): void {
    const done = this.done.get(id);
    const row = done?.row ?? this.deliveries.get(id);
    const subscription = row && this.subscriptions.get(row.subscriptionId);
    if (row === undefined || subscription === undefined) return;
    if (done === undefined) {
      if (row.dueAtMs < Number.POSITIVE_INFINITY) row.dueAtMs = this.nowMs();
      subscription.version = Math.max(Math.round(nowMs * 1_000), subscription.version);
      return;
    }
    this.done.delete(id);
    const isActive = subscription.state === 'active';
    this.deliveries.set(id, {
      ...row,
      position: this.nextPosition(row.endpointId),
      attemptCount: 0,
      dueAtMs: isActive ? this.nowMs() : Number.POSITIVE_INFINITY,
    });
  }

  private pendingOf(subscriptionId: string): Row[] {
    return [...this.deliveries.values()].filter((row) => row.subscriptionId === subscriptionId);
  }
}
