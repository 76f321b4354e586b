/**
 * Units of a lane that wait so long for their next attempt that they are not kept in memory: their rows
 * stay in the table, and none of them is taken in before the unit is woken. Pure.
 *
 * To wake one the table is read from its beginning again, so it is done for all at once that are due
 * soon, and not too often: the more pages it takes, the longer the pause after it.
 */
import type { Item } from './item.ts';
import type { Queues, UnitQueue } from './queues.ts';

export interface RestingUnit {
  readonly subscriptionId: string;
  readonly unitId: string;
}

const keyOf = ({ subscriptionId, unitId }: RestingUnit) => `${subscriptionId} ${unitId}`;

/** Beyond so many those that follow stay in memory, and may fill it: each takes about 150 bytes here. */
const unitsMax = 20_000;
/** For each page that was read again; about twenty times as long as that takes. */
const pausePerPageMs = 200;
const pauseMsMax = 60_000;

export class Resting {
  private readonly leastMs: number;
  private readonly dueMs = new Map<string, number>();
  private soonestMs = Number.POSITIVE_INFINITY;
  /** Up to which position the table is being read again, and how many pages of it so far. */
  private reading: { readonly upTo: number; pages: number } | undefined;
  private pauseUntilMs = Number.NEGATIVE_INFINITY;

  /** `leastMs`: what is due sooner is not worth a rest, and is woken along with others. */
  constructor(leastMs: number) {
    this.leastMs = leastMs;
  }

  get size(): number {
    return this.dueMs.size;
  }

  get isFull(): boolean {
    return this.dueMs.size >= unitsMax;
  }

  has(unit: RestingUnit): boolean {
    return this.dueMs.size > 0 && this.dueMs.has(keyOf(unit));
  }

  /** Whatever waits there and is not due soon; `onDropped` is told of each delivery. */
  takeFrom(queues: Queues, nowMs: number, onDropped: (item: Item) => void): void {
    if (this.isFull) return;
    const rest = ({ subscription, unitId }: UnitQueue, dueMs: number) =>
      this.add({ subscriptionId: subscription.id, unitId }, dueMs);
    queues.dropWaiting(nowMs + this.leastMs, rest, onDropped);
  }

  add(unit: RestingUnit, dueMs: number): void {
    this.dueMs.set(keyOf(unit), dueMs);
    this.soonestMs = Math.min(this.soonestMs, dueMs);
  }

  /** When the first of them is due; infinity while none rests. */
  get dueAtMs(): number {
    return this.soonestMs;
  }

  /**
   * When units are to be woken; infinity while none rests, and while the last ones are being read.
   * `sendAtMs`: when something may be sent; sooner they could only fill the window.
   */
  wakeAtMs(sendAtMs: number): number {
    if (this.reading !== undefined) return Number.POSITIVE_INFINITY;
    return Math.max(this.soonestMs, this.pauseUntilMs, sendAtMs);
  }

  /** Wakes what is due soon: the caller reads the table again, which it had read up to `position`. */
  wake(nowMs: number, position: number): void {
    this.reading = { upTo: position, pages: 0 };
    this.soonestMs = Number.POSITIVE_INFINITY;
    for (const [key, dueMs] of this.dueMs) {
      if (dueMs <= nowMs + this.leastMs) this.dueMs.delete(key);
      else this.soonestMs = Math.min(this.soonestMs, dueMs);
    }
  }

  /** Another page was read, and so the table up to `position`. */
  hasRead(nowMs: number, position: number): void {
    if (this.reading === undefined) return;
    this.reading.pages += 1;
    if (position < this.reading.upTo) return;
    const pauseMs = Math.min(pauseMsMax, this.reading.pages * pausePerPageMs);
    this.pauseUntilMs = nowMs + Math.max(this.leastMs, pauseMs);
    this.reading = undefined;
  }

  /** None rests any more: everything is about to be read. */
  clear(): void {
    this.dueMs.clear();
    this.soonestMs = Number.POSITIVE_INFINITY;
    this.reading = undefined;
  }
}
