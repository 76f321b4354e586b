/**
 * A lane's deliveries in order: one queue per subscription and unit, of which only the head may be
 * sent. Pure. A class, like the lane: one state and many small steps on it, run for every delivery.
 *
 * A queue is `busy` while its head is under way or its outcome is not yet settled, `blocked` while
 * its subscription is not known to be active, `waiting` until its head is due, else `ready`.
 * A ready queue is in the list, a waiting one in the heap, once each and no other: however often
 * subscriptions are blocked and opened while nothing is sent, there is one entry per queue at most.
 */
import { createChain, type Linked } from './chain.ts';
import { createDueHeap, type Due } from './due-heap.ts';
import type { Item } from './item.ts';

export interface UnitQueue extends Linked<UnitQueue> {
  readonly subscription: SubscriptionQueues;
  readonly unitId: string;
  readonly bucket: number;
  head: Item | undefined;
  tail: Item | undefined;
  size: number;
  state: 'blocked' | 'waiting' | 'ready' | 'busy';
  /** Its entry in the heap, while it waits. */
  due: Due<UnitQueue> | undefined;
}

interface SubscriptionQueues {
  readonly id: string;
  isOpen: boolean;
  readonly units: Map<string, UnitQueue>;
}

export class Queues {
  private readonly isOpen: (subscriptionId: string) => boolean;
  private readonly subscriptions = new Map<string, SubscriptionQueues>();
  private readonly ready = createChain<UnitQueue>();
  private readonly waiting = createDueHeap<UnitQueue>();
  private count = 0;
  private countWaiting = 0;

  /** `isOpen`: whether a subscription that comes in is known to be active. */
  constructor(isOpen: (subscriptionId: string) => boolean) {
    this.isOpen = isOpen;
  }

  /** Items in it, those under way included. */
  get size(): number {
    return this.count;
  }

  /** Items of the queues whose head waits until it is due. */
  get waitingSize(): number {
    return this.countWaiting;
  }

  /** Entries in the list and in the heap: as many as queues whose head waits for its turn or time. */
  get listed(): number {
    return this.ready.size() + this.waiting.size();
  }

  has(subscriptionId: string): boolean {
    return this.subscriptions.has(subscriptionId);
  }

  add(item: Item, nowMs: number): void {
    const queue = this.queueOf(item);
    this.count += 1;
    queue.size += 1;
    if (queue.state === 'waiting') this.countWaiting += 1;
    if (queue.tail === undefined) {
      queue.head = item;
      queue.tail = item;
      this.place(queue, nowMs);
    } else {
      queue.tail.next = item;
      queue.tail = item;
    }
  }

  /** The next item whose turn it is; its queue is busy from now on. */
  take(nowMs: number): Item | undefined {
    const queue = this.nextReady(nowMs);
    if (queue === undefined) return undefined;
    this.unlist(queue, 'busy');
    return queue.head;
  }

  hasReady(nowMs: number): boolean {
    return this.nextReady(nowMs) !== undefined;
  }

  /** The item that has been ready longest. */
  oldest(nowMs: number): Item | undefined {
    return this.nextReady(nowMs)?.head;
  }

  /** When the next waiting queue is due. */
  nextDueMs(): number | undefined {
    return this.waiting.peek()?.dueMs;
  }

  /** The head leaves: the next of its queue may go. */
  pass(item: Item, nowMs: number): void {
    const queue = this.find(item);
    this.unlist(queue, 'blocked');
    queue.head = item.next;
    if (queue.head === undefined) queue.tail = undefined;
    item.next = undefined;
    this.count -= 1;
    queue.size -= 1;
    this.place(queue, nowMs);
  }

  /** The head stays and waits until it is due. */
  again(item: Item, nowMs: number): void {
    this.place(this.find(item), nowMs);
  }

  open(subscriptionId: string, nowMs: number): void {
    const subscription = this.subscriptions.get(subscriptionId);
    if (subscription === undefined || subscription.isOpen) return;
    subscription.isOpen = true;
    for (const queue of subscription.units.values()) {
      if (queue.state === 'blocked') this.place(queue, nowMs);
    }
  }

  block(subscriptionId: string): void {
    const subscription = this.subscriptions.get(subscriptionId);
    if (subscription === undefined) return;
    subscription.isOpen = false;
    for (const queue of subscription.units.values()) {
      if (queue.state !== 'busy') this.unlist(queue, 'blocked');
    }
  }

  /** Takes out of a subscription's queues what is not under way. */
  dropSubscription(subscriptionId: string, onDropped: (item: Item) => void): void {
    const subscription = this.subscriptions.get(subscriptionId);
    if (subscription === undefined) return;
    for (const queue of [...subscription.units.values()]) this.cut(queue, onDropped);
  }

  /** Takes out the queues whose head is due later than `afterMs`; `onQueue` is told each and when that is. */
  dropWaiting(
    afterMs: number,
    onQueue: (queue: UnitQueue, dueMs: number) => void,
    onDropped: (item: Item) => void,
  ): void {
    for (const { dueMs, value } of this.waiting.all()) {
      if (dueMs <= afterMs) continue;
      onQueue(value, dueMs);
      this.cut(value, onDropped);
    }
  }

  /** Takes out of the matching buckets what is not under way. */
  dropBuckets(match: (bucket: number) => boolean, onDropped: (item: Item) => void): void {
    for (const subscription of [...this.subscriptions.values()]) {
      for (const queue of [...subscription.units.values()]) {
        if (match(queue.bucket)) this.cut(queue, onDropped);
      }
    }
  }

  private queueOf(item: Item): UnitQueue {
    let subscription = this.subscriptions.get(item.subscriptionId);
    if (subscription === undefined) {
      const id = item.subscriptionId;
      subscription = { id, isOpen: this.isOpen(id), units: new Map() };
      this.subscriptions.set(id, subscription);
    }
    let queue = subscription.units.get(item.unitId);
    if (queue === undefined) {
      queue = createQueue(subscription, item);
      subscription.units.set(item.unitId, queue);
    }
    return queue;
  }

  private remove({ subscription, unitId }: UnitQueue): void {
    subscription.units.delete(unitId);
    if (subscription.units.size === 0) this.subscriptions.delete(subscription.id);
  }

  /** Puts a queue where its head belongs. */
  private place(queue: UnitQueue, nowMs: number): void {
    const { head } = queue;
    this.unlist(queue, 'blocked');
    if (head === undefined) {
      this.remove(queue);
    } else if (queue.subscription.isOpen && head.dueMs > nowMs) {
      queue.state = 'waiting';
      this.countWaiting += queue.size;
      queue.due = this.waiting.push({ dueMs: head.dueMs, value: queue });
    } else if (queue.subscription.isOpen) {
      queue.state = 'ready';
      this.ready.push(queue);
    }
  }

  /** Takes it out of the list or the heap. */
  private unlist(queue: UnitQueue, state: 'blocked' | 'busy'): void {
    if (queue.state === 'ready') this.ready.remove(queue);
    if (queue.state === 'waiting') this.countWaiting -= queue.size;
    if (queue.due !== undefined) this.waiting.remove(queue.due);
    queue.due = undefined;
    queue.state = state;
  }

  /** The first ready queue, after what has become due. */
  private nextReady(nowMs: number): UnitQueue | undefined {
    for (let top = this.waiting.peek(); top !== undefined; top = this.waiting.peek()) {
      if (top.dueMs > nowMs) break;
      this.place(top.value, nowMs);
    }
    return this.ready.first();
  }

  private find(item: Item): UnitQueue {
    const queue = this.subscriptions.get(item.subscriptionId)?.units.get(item.unitId);
    if (queue?.head !== item) throw new Error('a delivery that is not at the head of its queue');
    return queue;
  }

  private cut(queue: UnitQueue, onDropped: (item: Item) => void): void {
    const kept = queue.state === 'busy' ? queue.head : undefined;
    if (kept === undefined) this.unlist(queue, 'blocked');
    for (let item = kept === undefined ? queue.head : kept.next; item !== undefined; ) {
      const { next } = item;
      item.next = undefined;
      this.count -= 1;
      queue.size -= 1;
      onDropped(item);
      item = next;
    }
    queue.head = kept;
    queue.tail = kept;
    if (kept !== undefined) {
      kept.next = undefined;
      return;
    }
    this.remove(queue);
  }
}

function createQueue(subscription: SubscriptionQueues, { unitId, bucket }: Item): UnitQueue {
  return {
    subscription,
    unitId,
    bucket,
    head: undefined,
    tail: undefined,
    size: 0,
    state: 'blocked',
    due: undefined,
    before: undefined,
    after: undefined,
  };
}
