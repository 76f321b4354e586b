/**
 * The core of a lane: what of an endpoint's deliveries is in memory, what may be sent now, and what an
 * outcome does. Pure: no I/O, no timers; time is an argument. delivery/engine.ts explains the whole.
 *
 * The invariant that keeps order: every row of ours up to `cursor` is either finished, or in memory,
 * or of a subscription in `held`, or of a unit in `resting`. So a delivery is only ever added when all
 * before it are accounted for, and the queues per unit are never missing something in the middle.
 *
 * - Live: a handed-over delivery is added if it is exactly the next position. Anything else (a full
 *   window, a position that skips) makes the lane behind.
 * - Behind: hand-overs are only noted; rows are read from the table in order of position, until a
 *   page shows that nothing noted is missing.
 * - `reread` starts again at position 0; what is in memory is skipped. It is the answer to
 *   everything that may have put rows before the cursor: new buckets, a resumed subscription.
 * - Units that wait for a later attempt do not stand in the way of others: where they fill the window
 *   and there is more to read they leave it, and come back by reading again when they are due.
 */
import type { LanePage, WaitingDelivery } from '../../store/deliveries/read-lane.ts';
import { Cursor } from './cursor.ts';
import type { Item } from './item.ts';
import type { End, LaneParts, MakeItem, Place, Refill, Settlement } from './lane-terms.ts';
import { createPace, type Pace } from './pace.ts';
import { Queues } from './queues.ts';
import { Resting } from './resting.ts';

export class Lane {
  readonly pace: Pace;
  private readonly queues: Queues;
  private readonly items = new Map<string, Item>();
  /** Subscriptions with rows up to the cursor that are not in memory; `resting` has such units. */
  private readonly held = new Set<string>();
  private readonly resting: Resting;
  /** Finished while a page was being read: the page may still show them. */
  private readonly finishedMeanwhile = new Set<string>();
  private readonly cursor = new Cursor();
  private refilling: Refill | undefined;
  private flying = 0;

  constructor({ pace, restMsMin, random, isActive }: LaneParts) {
    this.pace = createPace(pace, random);
    this.queues = new Queues(isActive);
    this.resting = new Resting(restMsMin);
  }

  get size(): number {
    return this.queues.size;
  }

  get inFlight(): number {
    return this.flying;
  }

  get isBehind(): boolean {
    return this.cursor.isBehind;
  }

  /** Nothing in it that would be missed: what is held back is found again in the table. */
  get isEmpty(): boolean {
    const isUnused = this.items.size === 0 && this.resting.size === 0 && !this.isBehind;
    return isUnused && this.pace.openUntilMs() === undefined;
  }

  /** Nothing to do now: all that is left waits for its time. */
  isQuiet(nowMs: number): boolean {
    return !this.isBehind && this.flying === 0 && !this.queues.hasReady(nowMs);
  }

  /** When the delivery that has been due longest was due. */
  oldestDueMs(nowMs: number): number | undefined {
    const dueMs = this.queues.oldest(nowMs)?.dueMs ?? Number.POSITIVE_INFINITY;
    const oldestMs = Math.min(dueMs, this.resting.dueAtMs);
    return oldestMs <= nowMs ? oldestMs : undefined;
  }

  /** Whether deliveries of the subscription are in memory. */
  knows(subscriptionId: string): boolean {
    return this.queues.has(subscriptionId);
  }

  /* ---- hand-over ------------------------------------------------------------------------- */

  /**
   * Whether a handed-over delivery is to be added; the caller then calls `add`. If not, the lane
   * knows it already, or has noted that it must read the table.
   */
  admits(place: Place, windowMax: number): boolean {
    const { position, subscriptionId } = place;
    if (this.cursor.hasSeen(position)) return false;
    const isNext = this.cursor.isNext(position);
    if (this.isBehind) return false;
    if (this.held.has(subscriptionId)) {
      // It was resumed: its earlier rows come first.
      this.reread();
      return false;
    }
    if (isNext && this.resting.has(place)) {
      this.cursor.advance(position);
      return false;
    }
    if (!isNext || this.queues.size >= windowMax) {
      this.cursor.note(position);
      return false;
    }
    this.cursor.advance(position);
    return true;
  }

  add(item: Item, nowMs: number): void {
    this.items.set(item.id, item);
    this.queues.add(item, nowMs);
  }

  /** Notes a position that is not ours to send. */
  skip(position: number): void {
    if (this.cursor.isNext(position)) this.cursor.advance(position);
    else this.cursor.note(position);
  }

  /** Someone knows of this position. */
  noteBehind(position: number): void {
    this.cursor.note(position);
  }

  reread(): void {
    this.cursor.restart();
    this.held.clear();
    this.resting.clear();
  }

  /**
   * To be called before `wantsRefill`. Wakes the units whose rest is over; where what waits for a later time
   * fills the window, and nothing more could be read for it, lets it rest.
   */
  refresh(windowMax: number, nowMs: number): void {
    if (this.resting.wakeAtMs(this.pace.nextAtMs()) <= nowMs) {
      this.resting.wake(nowMs, this.cursor.position);
      this.cursor.restart();
    }
    if (!this.isBehind || this.refilling !== undefined || !this.isCrowded(windowMax)) return;
    if (this.isCrowded(windowMax, this.queues.size - this.queues.waitingSize)) return;
    this.resting.takeFrom(this.queues, nowMs, (item) => this.items.delete(item.id));
  }

  /** With fewer in memory the next page is read. */
  private isCrowded(windowMax: number, many = this.queues.size): boolean {
    return many > windowMax / 4;
  }

  /* ---- the table ------------------------------------------------------------------------- */

  wantsRefill(windowMax: number): boolean {
    return this.isBehind && this.refilling === undefined && !this.isCrowded(windowMax);
  }

  beginRefill(windowMax: number): Refill {
    const limit = Math.max(1, windowMax - this.queues.size);
    const { position: afterPosition, generation } = this.cursor;
    this.refilling = { afterPosition, limit, generation };
    return this.refilling;
  }

  /**
   * Takes in a page; without one the reading failed and is to be repeated. `make` gives undefined
   * for what is not ours. Returns the subscriptions newly found to be held back.
   */
  endRefill(page: LanePage | undefined, make: MakeItem, nowMs: number): readonly string[] {
    // A page that was asked for before a reread says nothing about what comes before it.
    const isCurrent = this.refilling?.generation === this.cursor.generation;
    const newlyHeld = page !== undefined && isCurrent ? this.load(page, make, nowMs) : [];
    if (isCurrent) this.resting.hasRead(nowMs, this.cursor.position);
    this.refilling = undefined;
    this.finishedMeanwhile.clear();
    return newlyHeld;
  }

  private load(page: LanePage, make: MakeItem, nowMs: number): string[] {
    const newlyHeld: string[] = [];
    for (const delivery of page.deliveries) {
      this.cursor.advance(delivery.position);
      if (delivery.isHeld) {
        if (!this.held.has(delivery.subscriptionId)) newlyHeld.push(delivery.subscriptionId);
        this.hold(delivery.subscriptionId);
      } else if (!this.isKnown(delivery)) {
        const item = make(delivery);
        if (item !== undefined) this.add(item, nowMs);
      }
    }
    if (page.isComplete) this.cursor.complete(page.lastPosition);
    return newlyHeld;
  }

  private isKnown(delivery: WaitingDelivery): boolean {
    const { id, subscriptionId } = delivery;
    if (this.held.has(subscriptionId) || this.resting.has(delivery)) return true;
    return this.items.has(id) || this.finishedMeanwhile.has(id);
  }

  /* ---- sending --------------------------------------------------------------------------- */

  canTake(nowMs: number, share: number): boolean {
    return this.pace.admits(nowMs, this.flying, share) && this.queues.hasReady(nowMs);
  }

  /** `share`: sends that this lane may have open at most, for now. */
  take(nowMs: number, share: number): Item | undefined {
    if (!this.pace.admits(nowMs, this.flying, share)) return undefined;
    const item = this.queues.take(nowMs);
    if (item === undefined) return undefined;
    this.flying += 1;
    item.phase = 'flying';
    item.isProbe = this.pace.begin(nowMs);
    return item;
  }

  ended(item: Item, end: End, nowMs: number): void {
    const { kind, health, pauseMs, isUnsent } = end;
    this.flying -= 1;
    this.pace.ended({ isProbe: item.isProbe, health, pauseMs, isUnsent }, nowMs);
    item.isProbe = false;
    item.phase = kind === 'returned' ? 'queued' : 'ended';
    if (kind === 'delivered') this.queues.pass(item, nowMs);
    if (kind === 'returned') this.goesOn(item, nowMs);
  }

  /** After `ended` with `delivered`: that is durable now. */
  delivered(item: Item): void {
    this.items.delete(item.id);
    if (this.refilling !== undefined) this.finishedMeanwhile.add(item.id);
  }

  /** After `ended` with `settling`: that is durable now. */
  settled(item: Item, settlement: Settlement, nowMs: number): void {
    item.phase = 'queued';
    if (settlement === 'finished') {
      this.queues.pass(item, nowMs);
      this.delivered(item);
    } else if (settlement === 'held') {
      this.letGo(item, nowMs);
      this.hold(item.subscriptionId);
    } else {
      item.dueMs = settlement.dueMs;
      this.goesOn(item, nowMs);
    }
  }

  private goesOn(item: Item, nowMs: number): void {
    if (item.isOrphan || this.held.has(item.subscriptionId)) this.letGo(item, nowMs);
    else this.queues.again(item, nowMs);
  }

  /** Takes an unfinished head out of memory; its row stays. */
  private letGo(item: Item, nowMs: number): void {
    this.items.delete(item.id);
    this.queues.pass(item, nowMs);
  }

  /** When time alone makes something sendable; undefined when it does not. */
  wakeAtMs(nowMs: number): number | undefined {
    const atMs = Math.min(this.sendAtMs(nowMs), this.resting.wakeAtMs(this.pace.nextAtMs()));
    return Number.isFinite(atMs) ? atMs : undefined;
  }

  private sendAtMs(nowMs: number): number {
    const nextMs = this.pace.nextAtMs();
    if (this.queues.hasReady(nowMs)) return nextMs > nowMs ? nextMs : Number.POSITIVE_INFINITY;
    return Math.max(this.queues.nextDueMs() ?? Number.POSITIVE_INFINITY, nextMs);
  }

  /* ---- subscriptions and buckets --------------------------------------------------------- */

  /** The subscription is active: what waited for that may go. */
  open(subscriptionId: string, nowMs: number): void {
    this.queues.open(subscriptionId, nowMs);
  }

  /** Its deliveries wait in memory until `open`. */
  block(subscriptionId: string): void {
    this.queues.block(subscriptionId);
  }

  holds(subscriptionId: string): boolean {
    return this.held.has(subscriptionId);
  }

  /** Drops a subscription that must not be sent from here for now; its rows stay in the table. */
  hold(subscriptionId: string): void {
    this.queues.block(subscriptionId);
    this.queues.dropSubscription(subscriptionId, (item) => this.items.delete(item.id));
    this.held.add(subscriptionId);
  }

  /**
   * Drops what is in buckets that are not ours any more. A bucket may only become ours again when
   * nothing of it is under way here, and then by a `reread`.
   */
  dropBuckets(isLost: (bucket: number) => boolean): void {
    this.queues.dropBuckets(isLost, (item) => this.items.delete(item.id));
    for (const item of this.items.values()) if (isLost(item.bucket)) item.isOrphan = true;
  }
}
