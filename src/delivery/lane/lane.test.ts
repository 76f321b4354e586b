/**
 * The lane against a model: a table of deliveries, and random sequences of everything that can
 * happen to a lane. What is checked: order within a unit, nothing twice at once, nothing forgotten.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LanePage, WaitingDelivery } from '../../store/deliveries/read-lane.ts';
import { createItem, type Item } from './item.ts';
import { Lane } from './lane.ts';
import type { End } from './lane-terms.ts';

interface Row {
  readonly id: string;
  readonly bucket: number;
  readonly position: number;
  readonly subscriptionId: string;
  readonly unitId: string;
  isHeld: boolean;
  dueMs: number;
}

interface Ended {
  readonly item: Item;
  readonly outcome: 'delivered' | 'parked' | 'retry' | 'gone';
}

const windowMax = 4;
const restMsMin = 3;
/** Long enough for a rest, and not. */
const retryMs = [2, 2, 8, 30];
const subscriptionIds = ['s0', 's1'];
const buckets = [0, 1];
const pace = { sendsMax: 3, failuresMax: 1_000_000, openMsMin: 1, openMsMax: 1 };
const neutral = { health: 'alive', pauseMs: 0 } as const;

/** Everything around a lane, with the rules that the engine and the store keep. */
class World {
  readonly table = new Map<string, Row>();
  readonly receipts = new Map<string, number>();
  /** May come twice: their outcome was lost with a process or a lease. */
  readonly mayRepeat = new Set<string>();
  readonly active = new Set(subscriptionIds);
  readonly knownActive = new Set(subscriptionIds);
  readonly owned = new Map(buckets.map((bucket) => [bucket, 1]));
  handOvers: Row[][] = [];
  flying: Item[] = [];
  ended: Ended[] = [];
  page: LanePage | undefined;
  /** Subscriptions whose state the engine is about to look up. */
  untold: string[] = [];
  last = 0;
  nowMs = 0;
  lane = this.createLane();

  createLane(): Lane {
    const isActive = (id: string) => this.knownActive.has(id);
    return new Lane({ pace, restMsMin, random: () => 0.5, isActive });
  }

  record(choice: number, isHandedOver: boolean): void {
    const batch: Row[] = [];
    for (let count = 0; count <= choice % 3; count += 1) {
      const unit = (choice + count) % 4;
      const subscriptionId = `s${(choice >> 2) & 1}`;
      this.last += 1;
      const row = {
        id: `d${this.last}`,
        bucket: unit % 2,
        position: this.last,
        subscriptionId,
        unitId: `u${unit}`,
        isHeld: !this.active.has(subscriptionId),
        dueMs: 0,
      };
      this.table.set(row.id, row);
      if (!row.isHeld) batch.push(row);
    }
    if (isHandedOver) this.handOvers.push(batch);
  }

  /** Commits of different connections may be heard of in another order. */
  handOver(choice: number): void {
    const [batch] = this.handOvers.splice(choice % Math.max(1, this.handOvers.length), 1);
    for (const row of batch ?? []) {
      if (!this.owned.has(row.bucket)) this.lane.skip(row.position);
      else if (this.lane.admits(row, windowMax)) {
        this.lane.add(this.itemOf(row), this.nowMs);
      }
    }
  }

  itemOf(row: Omit<Row, 'isHeld'>): Item {
    const { id, bucket, position, subscriptionId, unitId, dueMs } = row;
    return createItem({
      ...{ id, bucket, position, subscriptionId, unitId, sequence: position },
      ...{ epoch: this.owned.get(bucket) ?? 0, told: { event: undefined }, isNew: false },
      ...{ attemptCount: 0, payload: undefined, dueMs, eventId: undefined },
    });
  }

  beginRefill(): void {
    this.lane.refresh(windowMax, this.nowMs);
    if (this.page !== undefined || !this.lane.wantsRefill(windowMax)) return;
    const { afterPosition, limit } = this.lane.beginRefill(windowMax);
    const rows = [...this.table.values()]
      .filter((row) => row.position > afterPosition && this.owned.has(row.bucket))
      .sort((left, right) => left.position - right.position);
    const deliveries: WaitingDelivery[] = [];
    let due = 0;
    for (const row of rows) {
      if (due === limit || deliveries.length === 6) break;
      if (!row.isHeld) due += 1;
      const dueInMs = Math.max(0, row.dueMs - this.nowMs);
      const fresh = { dueInMs, attemptCount: 0, payload: undefined, event: undefined };
      deliveries.push({ ...row, ...fresh, sequence: row.position, eventId: undefined });
    }
    const isComplete = due < limit && deliveries.length < 6;
    this.page = { deliveries, isComplete, lastPosition: this.last };
  }

  endRefill(isLost: boolean): void {
    if (this.page === undefined) return;
    const { page } = this;
    this.page = undefined;
    const make = (delivery: WaitingDelivery) =>
      this.owned.has(delivery.bucket)
        ? this.itemOf({ ...delivery, dueMs: this.nowMs + delivery.dueInMs })
        : undefined;
    const newlyHeld = this.lane.endRefill(isLost ? undefined : page, make, this.nowMs);
    this.untold.push(...newlyHeld);
  }

  take(): void {
    const item = this.lane.take(this.nowMs, 8);
    if (item === undefined) return;
    const isUnderWay = (other: Item) => other.id === item.id;
    if (this.flying.some(isUnderWay) || this.ended.some((each) => isUnderWay(each.item))) {
      throw new Error(`${item.id} is sent twice at once`);
    }
    for (const row of this.table.values()) {
      const isBefore = row.position < item.position && !this.receipts.has(row.id);
      const isSameUnit = row.unitId === item.unitId && row.subscriptionId === item.subscriptionId;
      if (isBefore && isSameUnit) throw new Error(`${item.id} is sent before ${row.id}`);
    }
    this.flying.push(item);
  }

  end(choice: number): void {
    const [item] = this.flying.splice(choice % Math.max(1, this.flying.length), 1);
    if (item === undefined) return;
    const outcomes = ['delivered', 'delivered', 'parked', 'retry', 'gone', 'returned'] as const;
    const outcome = outcomes[choice % outcomes.length] ?? 'delivered';
    const kind: End['kind'] =
      outcome === 'delivered' || outcome === 'returned' ? outcome : 'settling';
    if (outcome === 'delivered') this.receive(item);
    if (outcome === 'gone') {
      this.knownActive.delete(item.subscriptionId);
      this.lane.hold(item.subscriptionId);
    }
    this.lane.ended(item, { kind, ...neutral }, this.nowMs);
    if (outcome !== 'returned') this.ended.push({ item, outcome });
  }

  receive({ id }: Item): void {
    const times = (this.receipts.get(id) ?? 0) + 1;
    if (times > 1 && !this.mayRepeat.has(id)) throw new Error(`${id} is received twice`);
    this.receipts.set(id, times);
  }

  flush(choice: number): void {
    const [done] = this.ended.splice(choice % Math.max(1, this.ended.length), 1);
    if (done === undefined) return;
    const { item, outcome } = done;
    const isFenced = this.owned.get(item.bucket) !== item.epoch;
    const row = this.table.get(item.id);
    if (isFenced) this.mayRepeat.add(item.id);
    if (!isFenced && (outcome === 'delivered' || outcome === 'parked')) this.table.delete(item.id);
    if (!isFenced && outcome === 'gone' && row !== undefined) row.isHeld = true;
    if (outcome === 'delivered') this.lane.delivered(item);
    else if (outcome === 'parked') this.lane.settled(item, 'finished', this.nowMs);
    else if (outcome === 'retry') {
      const dueMs = this.nowMs + (retryMs[choice % retryMs.length] ?? 2);
      if (!isFenced && row !== undefined) row.dueMs = dueMs;
      this.lane.settled(item, { dueMs }, this.nowMs);
    } else {
      this.lane.settled(item, 'held', this.nowMs);
      if (!isFenced) this.pause(item.subscriptionId);
      this.untold.push(item.subscriptionId);
    }
  }

  pause(id: string): void {
    this.active.delete(id);
    for (const row of this.table.values()) if (row.subscriptionId === id) row.isHeld = true;
  }

  resume(id: string): void {
    this.active.add(id);
    for (const row of this.table.values()) if (row.subscriptionId === id) row.isHeld = false;
  }

  /** The engine hears of a subscription's state. */
  tell(id: string): void {
    if (!this.active.has(id)) {
      this.knownActive.delete(id);
      this.lane.hold(id);
      return;
    }
    this.knownActive.add(id);
    if (this.lane.holds(id)) {
      this.resume(id);
      this.lane.hold(id);
      this.lane.reread();
    }
    this.lane.open(id, this.nowMs);
  }

  lose(bucket: number): void {
    this.owned.delete(bucket);
    this.lane.dropBuckets((each) => each === bucket);
  }

  gain(bucket: number, epoch: number): void {
    const isBusy = (item: Item) => item.bucket === bucket;
    if (this.owned.has(bucket) || this.flying.some(isBusy)) return;
    if (this.ended.some(({ item }) => isBusy(item))) return;
    this.owned.set(bucket, epoch);
    this.lane.reread();
  }

  crash(epoch: number): void {
    for (const item of this.flying) this.mayRepeat.add(item.id);
    for (const { item } of this.ended) this.mayRepeat.add(item.id);
    this.flying = [];
    this.ended = [];
    this.page = undefined;
    this.untold = [];
    for (const bucket of buckets) this.owned.set(bucket, epoch);
    this.knownActive.clear();
    for (const id of this.active) this.knownActive.add(id);
    this.lane = this.createLane();
    this.lane.reread();
  }

  /** Lets everything come to its end. */
  drain(): void {
    for (let round = 0; round < 2_000 && this.table.size > 0; round += 1) {
      this.nowMs += 1;
      while (this.handOvers.length > 0) this.handOver(0);
      for (const id of subscriptionIds) {
        if (!this.active.has(id)) this.resume(id);
        this.tell(id);
      }
      for (const bucket of buckets) this.gain(bucket, 1_000 + round);
      this.lane.noteBehind(this.last);
      this.beginRefill();
      this.endRefill(false);
      this.take();
      for (const item of this.flying.splice(0)) {
        this.receive(item);
        this.lane.ended(item, { kind: 'delivered', ...neutral }, this.nowMs);
        this.ended.push({ item, outcome: 'delivered' });
      }
      while (this.ended.length > 0) this.flush(0);
    }
  }
}

type Step = (world: World, choice: number, count: number) => void;

const steps: readonly Step[] = [
  (world, choice) => world.record(choice, true),
  (world, choice) => world.record(choice, choice % 4 !== 0),
  (world, choice) => world.handOver(choice % 2),
  (world) => world.handOver(0),
  (world) => world.beginRefill(),
  (world) => world.beginRefill(),
  (world, choice) => world.endRefill(choice % 8 === 0),
  (world) => world.take(),
  (world) => world.take(),
  (world, choice) => world.end(choice),
  (world, choice) => world.flush(choice),
  (world) => {
    world.nowMs += 1;
  },
  (world, choice) => world.pause(`s${choice % 2}`),
  (world, choice) => world.resume(`s${choice % 2}`),
  (world, choice) => world.tell(world.untold.shift() ?? `s${choice % 2}`),
  (world, choice) => world.lose(choice % 2),
  (world, choice, count) => world.gain(choice % 2, 2 + count),
  (world) => world.lane.noteBehind(world.last),
  (world, choice, count) => {
    if (choice % 4 === 0) world.crash(2 + count);
  },
];

const script = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(63)), {
  maxLength: 150,
  size: 'max',
});

function play(
  choices: readonly (readonly [number, number])[],
  afterStep: (world: World) => void = () => undefined,
): World {
  const world = new World();
  for (const [count, [step, choice]] of choices.entries()) {
    steps[step]?.(world, choice, count);
    afterStep(world);
  }
  return world;
}

describe('a lane, whatever happens to it', () => {
  test('keeps the order of each unit, sends nothing twice at once, forgets nothing', () => {
    fc.assert(
      fc.property(script, (choices) => {
        const world = play(choices);
        world.drain();
        expect([...world.table.keys()]).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('holds no more than its window', () => {
    fc.assert(
      fc.property(script, (choices) => {
        play(choices, (world) => expect(world.lane.size).toBeLessThanOrEqual(windowMax));
      }),
      { numRuns: 300 },
    );
  });
});
