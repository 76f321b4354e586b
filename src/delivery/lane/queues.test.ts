/** What a lane keeps of its queues beside the deliveries themselves: never more than one entry each. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDueHeap } from './due-heap.ts';
import { createItem, type Item } from './item.ts';
import { Queues } from './queues.ts';

function itemOf(unitId: string, dueMs: number): Item {
  return createItem({
    ...{ id: `${unitId}-${dueMs}`, bucket: 0, epoch: 1, position: 1, subscriptionId: 's', unitId },
    ...{ sequence: 1, told: { event: undefined }, eventId: undefined, isNew: false },
    ...{ attemptCount: 1, payload: undefined, dueMs },
  });
}

describe('queues', () => {
  test('gather no entries while a subscription is paused and resumed again and again', () => {
    const queues = new Queues(() => true);
    for (let unit = 0; unit < 10; unit += 1) {
      queues.add(itemOf(`waiting${unit}`, 1_000_000), 0);
      queues.add(itemOf(`ready${unit}`, 0), 0);
    }
    for (let round = 0; round < 100; round += 1) {
      queues.block('s');
      expect(queues.listed).toBe(0);
      queues.open('s', 0);
      expect(queues.listed).toBe(20);
    }
    expect(queues.nextDueMs()).toBe(1_000_000);
    const taken: (string | undefined)[] = [];
    for (let item = queues.take(0); item !== undefined; item = queues.take(0)) {
      taken.push(item.unitId);
    }
    expect(taken).toEqual(Array.from({ length: 10 }, (_, unit) => `ready${unit}`));
    expect(queues.listed).toBe(10);
  });

  test('keep nothing of a subscription that is dropped while it waits', () => {
    const queues = new Queues(() => true);
    for (let round = 0; round < 100; round += 1) {
      queues.add(itemOf('u', 1_000_000), 0);
      queues.dropSubscription('s', () => undefined);
      expect([queues.size, queues.listed]).toEqual([0, 0]);
    }
    expect(queues.nextDueMs()).toBeUndefined();
  });
});

describe('the heap of due times', () => {
  test('gives what is left in order, whatever was taken out of it', () => {
    const script = fc.array(fc.tuple(fc.nat(50), fc.boolean(), fc.nat(20)), { maxLength: 80 });
    fc.assert(
      fc.property(script, (steps) => {
        const heap = createDueHeap<number>();
        const kept: ReturnType<typeof heap.push>[] = [];
        for (const [dueMs, isRemoval, choice] of steps) {
          const [gone] = isRemoval ? kept.splice(choice % Math.max(1, kept.length), 1) : [];
          if (gone !== undefined) heap.remove(gone);
          else kept.push(heap.push({ dueMs, value: dueMs }));
        }
        expect(heap.size()).toBe(kept.length);
        const given: number[] = [];
        for (let top = heap.pop(); top !== undefined; top = heap.pop()) given.push(top.dueMs);
        expect(given).toEqual(kept.map(({ dueMs }) => dueMs).sort((a, b) => a - b));
      }),
    );
  });
});
