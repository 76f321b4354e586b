/**
 * Which buckets this process may send from, by lease.
 *
 * Every few seconds (`tick`) it renews its life sign, looks who else lives, and moves towards an
 * equal share: it takes buckets that nobody living owns, and gives up what it has too much.
 *
 * - A process is dead when its lease has run out; sooner only where that is certain (leases.ts).
 * - A process whose connection is lost begins no sends until it has a new one: what it sends could
 *   hardly be stored. Nobody takes its buckets meanwhile, and what is under way goes on.
 * - A process that could not renew in time counts itself as dead a margin before the others do
 *   (`fence`): it aborts what is under way and owns nothing until it has renewed again. So when the
 *   others take over nothing of it is under way, however it lost its connection.
 * - A bucket that is given up is sent from no longer, but released only when nothing of it is
 *   under way or waiting to be stored. A bucket is taken up under the same condition.
 * - Every change of owner raises the bucket's epoch, so an outcome that comes late is told apart.
 */
import type { Logger } from 'pino';
import type { LeaseRow, Membership, OtherProcess } from '../store/deliveries/leases.ts';
import type { DeliverySettings } from './settings.ts';
import type { Timer, Timers } from './timers.ts';

export const bucketCount = 256;

export interface OwnershipParts {
  readonly processId: string;
  readonly join: (onLost: (error: Error) => void) => Promise<Membership>;
  readonly timers: Timers;
  readonly steadyMs: () => number;
  readonly settings: DeliverySettings;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly onGained: (buckets: readonly number[]) => void;
  /** `isFenced`: open sends must stop at once. */
  readonly onLost: (isLost: (bucket: number) => boolean, isFenced: boolean) => void;
  /** After each renewal: sending may go on. */
  readonly onRenewed: () => void;
}

export class Ownership {
  private readonly parts: OwnershipParts;
  /** Epoch of each bucket that is ours to send from; 0 for the others. */
  private readonly epochs = new Array<number>(bucketCount).fill(0);
  /** Sends under way and outcomes not yet durable, per bucket. */
  private readonly busy = new Array<number>(bucketCount).fill(0);
  /** Still leased, no longer sent from. */
  private readonly leaving = new Set<number>();
  private owned = 0;
  private alive = 1;
  private validUntilMs = Number.NEGATIVE_INFINITY;
  private membership: Membership | undefined;
  /** Our lock is held, as far as we know. */
  private isConnected = false;
  private ticking: Promise<void> | undefined;
  private tickTimer: Timer | undefined;
  private fenceTimer: Timer | undefined;
  /** Buckets are on their way from one process to another. */
  private isMoving = false;
  /** When the next of the others is dead if it does not renew, from the last look on. */
  private soonestEndMs = Number.POSITIVE_INFINITY;
  private isStopped = false;

  constructor(parts: OwnershipParts) {
    this.parts = parts;
  }

  owns(bucket: number): boolean {
    return this.epochOf(bucket) > 0;
  }

  epochOf(bucket: number): number {
    return this.epochs[bucket] ?? 0;
  }

  get count(): number {
    return this.owned;
  }

  /** Undefined means all. */
  buckets(): readonly number[] | undefined {
    if (this.owned === bucketCount) return undefined;
    return [...this.epochs.keys()].filter((bucket) => this.owns(bucket));
  }

  maySend(): boolean {
    return this.isConnected && this.parts.steadyMs() < this.validUntilMs;
  }

  /** Something of the bucket is under way. */
  enter(bucket: number): void {
    this.busy[bucket] = this.busyOf(bucket) + 1;
  }

  leave(bucket: number): void {
    this.busy[bucket] = this.busyOf(bucket) - 1;
  }

  /** Takes part from now on; resolves when the first share is taken. Rejects without a database. */
  async start(): Promise<void> {
    try {
      await this.tick();
    } catch (error) {
      this.disconnect();
      throw error;
    }
    this.tickIn(this.pauseMs());
  }

  /** Gives everything back; for when nothing is under way any more. Must not take longer than `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.isStopped = true;
    this.clearTimers();
    const timer = this.parts.timers.set(() => this.membership?.abandon(), limitMs);
    await this.ticking;
    this.clearTimers();
    try {
      await this.membership?.leave();
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'buckets could not be given back');
    }
    this.parts.timers.clear(timer);
    this.disconnect();
    this.epochs.fill(0);
    this.owned = 0;
  }

  private busyOf(bucket: number): number {
    return this.busy[bucket] ?? 0;
  }

  private tickIn(delayMs: number): void {
    if (this.isStopped) return;
    this.tickTimer = this.parts.timers.set(() => {
      this.tickTimer = undefined;
      this.ticking = this.tickSafely();
    }, delayMs);
  }

  private async tickSafely(): Promise<void> {
    try {
      await this.tick();
      this.tickIn(this.pauseMs());
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'leases could not be renewed');
      // The connection is not to be trusted; its lock ends with it.
      this.disconnect();
      this.tickIn(this.parts.settings.retryDatabaseMs);
    }
  }

  private pauseMs(): number {
    const { renewEveryMs, retryDatabaseMs } = this.parts.settings;
    const leastMs = Math.min(renewEveryMs, retryDatabaseMs);
    return this.isMoving ? leastMs : Math.min(renewEveryMs, Math.max(leastMs, this.soonestEndMs));
  }

  private async tick(): Promise<void> {
    const { settings, steadyMs } = this.parts;
    const membership = await this.join();
    const askedMs = steadyMs();
    await membership.renew(settings.leaseMs);
    const others = await membership.others();
    const leases = await membership.leases();
    // Lost while we asked: what was read is of no use.
    if (this.membership !== membership) return;
    this.validUntil(askedMs + settings.leaseMs - settings.leaseMarginMs);
    await this.rebalance(membership, others, leases);
    if (this.membership !== membership) return;
    this.isConnected = true;
    this.parts.onRenewed();
  }

  private async join(): Promise<Membership> {
    if (this.membership !== undefined) return this.membership;
    const joined = await this.parts.join((error) => {
      this.parts.logger.warn({ err: error }, 'the connection that holds the leases was lost');
      this.disconnect();
      // A renewal that is under way fails by itself.
      if (this.tickTimer === undefined) return;
      this.parts.timers.clear(this.tickTimer);
      this.tickIn(0);
    });
    this.membership = joined;
    return joined;
  }

  private validUntil(untilMs: number): void {
    this.validUntilMs = untilMs;
    if (this.fenceTimer !== undefined) this.parts.timers.clear(this.fenceTimer);
    this.fenceTimer = this.parts.timers.set(() => {
      this.parts.logger.warn({}, 'the leases have run out');
      // Whatever hangs on it is not to come through later.
      this.disconnect();
      this.fence();
    }, untilMs - this.parts.steadyMs());
  }

  private disconnect(): void {
    this.membership?.abandon();
    this.membership = undefined;
    this.isConnected = false;
  }

  /** Owns nothing until the next renewal. */
  private fence(): void {
    this.leaving.clear();
    if (this.owned > 0) this.lose((bucket) => this.owns(bucket), true);
  }

  private lose(isLost: (bucket: number) => boolean, isFenced: boolean): void {
    const lost = new Set([...this.epochs.keys()].filter((bucket) => isLost(bucket)));
    if (lost.size === 0) return;
    for (const bucket of lost) this.epochs[bucket] = 0;
    this.owned -= lost.size;
    this.parts.onLost((bucket) => lost.has(bucket), isFenced);
  }

  private async rebalance(
    membership: Membership,
    others: readonly OtherProcess[],
    leases: readonly LeaseRow[],
  ): Promise<void> {
    const { processId, logger } = this.parts;
    const alive = others.filter((other) => !other.isDead);
    const living = new Set(alive.map((other) => other.id));
    this.soonestEndMs = Math.min(...alive.map((other) => other.leftMs));
    this.alive = living.size + 1;
    const target = Math.ceil(bucketCount / this.alive);
    const mine = leases.filter((lease) => lease.owner === processId);
    this.dropTaken(mine);
    const free = leases.filter(
      ({ owner }) => owner === null || !(owner === processId || living.has(owner)),
    );
    const wanted = free.slice(0, Math.max(0, target - mine.length));
    const claimed = wanted.length === 0 ? [] : await membership.claim(wanted);
    if (this.membership !== membership) return;
    const taken = [...mine, ...claimed.map((lease) => ({ ...lease, owner: processId }))];
    const isWaiting = this.takeUp(taken);
    if (taken.length - this.leaving.size > target) this.giveUp(target);
    await this.releaseLeft(membership);
    // What is left for one when all the others have their full share: then nothing is to come.
    const least = Math.max(0, bucketCount - (this.alive - 1) * target);
    const isShort = wanted.length > claimed.length || taken.length < least;
    this.isMoving = isWaiting || isShort || this.leaving.size > 0;
    if (claimed.length > 0) {
      logger.info(
        { claimed: claimed.length, owned: this.owned, alive: this.alive },
        'buckets taken',
      );
    }
  }

  /** Forgets what another process has taken from us. */
  private dropTaken(mine: readonly LeaseRow[]): void {
    const still = new Map(mine.map(({ bucket, epoch }) => [bucket, epoch]));
    for (const bucket of this.leaving) if (!still.has(bucket)) this.leaving.delete(bucket);
    this.lose((bucket) => this.owns(bucket) && still.get(bucket) !== this.epochOf(bucket), false);
  }

  /** Begins to send from what is leased to us; true where something has to end before. */
  private takeUp(mine: readonly LeaseRow[]): boolean {
    const gained: number[] = [];
    let isWaiting = false;
    for (const { bucket, epoch } of mine) {
      if (this.owns(bucket) || this.leaving.has(bucket)) continue;
      if (this.busyOf(bucket) > 0) {
        isWaiting = true;
        continue;
      }
      this.epochs[bucket] = epoch;
      gained.push(bucket);
    }
    this.owned += gained.length;
    if (gained.length > 0) this.parts.onGained(gained);
    return isWaiting;
  }

  private giveUp(target: number): void {
    const owned = [...this.epochs.keys()].filter((bucket) => this.owns(bucket));
    const surplus = new Set(owned.slice(target));
    for (const bucket of surplus) this.leaving.add(bucket);
    this.lose((bucket) => surplus.has(bucket), false);
  }

  private async releaseLeft(membership: Membership): Promise<void> {
    const ready = [...this.leaving].filter((bucket) => this.busyOf(bucket) === 0);
    if (ready.length === 0) return;
    await membership.release(ready);
    for (const bucket of ready) this.leaving.delete(bucket);
    this.parts.logger.info({ released: ready.length, owned: this.owned }, 'buckets given up');
  }

  private clearTimers(): void {
    const { timers } = this.parts;
    if (this.tickTimer !== undefined) timers.clear(this.tickTimer);
    if (this.fenceTimer !== undefined) timers.clear(this.fenceTimer);
  }
}
