/** Units that leave a full lane until they are due. */
import { expect, test } from 'vitest';
import type { LanePage, WaitingDelivery } from '../../store/deliveries/read-lane.ts';
import { createItem, type Item } from './item.ts';
import { Lane } from './lane.ts';

const windowMax = 4;
const restMsMin = 3;
const pace = { sendsMax: 8, failuresMax: 1_000_000, openMsMin: 1, openMsMax: 1 };
const neutral = { health: 'alive', pauseMs: 0 } as const;

const place = (position: number) => ({ position, subscriptionId: 's0', unitId: `u${position}` });
const rowOf = (position: number): WaitingDelivery => ({
  ...place(position),
  ...{ id: `d${position}`, bucket: 0, sequence: position, isHeld: false, dueInMs: 0 },
  ...{ attemptCount: 1, payload: undefined, eventId: undefined, event: undefined },
});
const make = (row: WaitingDelivery): Item =>
  createItem({
    ...{ ...place(row.position), id: row.id, bucket: 0, sequence: row.sequence, epoch: 1 },
    ...{ told: row, isNew: false, attemptCount: 1, payload: undefined, dueMs: 0 },
    eventId: undefined,
  });
const pageOf = (positions: readonly number[]): LanePage => ({
  ...{ deliveries: positions.map(rowOf), isComplete: true },
  lastPosition: Math.max(...positions),
});

/** A full window of units that wait until 100, and one more delivery in the table. */
function fullLane(): Lane {
  const lane = new Lane({ pace, restMsMin, random: () => 0.5, isActive: () => true });
  for (const position of [1, 2, 3, 4]) {
    expect(lane.admits(place(position), windowMax)).toBe(true);
    lane.add(make(rowOf(position)), 0);
    const item = lane.take(0, 8);
    if (item === undefined) throw new Error('nothing to take');
    lane.ended(item, { kind: 'settling', ...neutral }, 0);
    lane.settled(item, { dueMs: 100 }, 0);
  }
  expect(lane.admits(place(5), windowMax)).toBe(false);
  return lane;
}

function expectAllBack(lane: Lane, nowMs: number): void {
  expect(lane.beginRefill(windowMax).afterPosition).toBe(0);
  lane.endRefill(pageOf([1, 2, 3, 4, 5]), make, nowMs);
  expect([lane.take(nowMs, 8)?.id, lane.size]).toEqual(['d1', 5]);
}

test('make room for others, and come back when they are due', () => {
  const lane = fullLane();
  expect(lane.wantsRefill(windowMax)).toBe(false);
  lane.refresh(windowMax, 0);
  expect([lane.size, lane.isEmpty, lane.wantsRefill(windowMax)]).toEqual([0, false, true]);
  expect(lane.beginRefill(windowMax)).toMatchObject({ afterPosition: 4, limit: 4 });
  lane.endRefill(pageOf([5]), make, 0);
  expect(lane.take(0, 8)?.id).toBe('d5');
  expect(lane.wakeAtMs(0)).toBe(100);
  lane.refresh(windowMax, 99);
  expect(lane.wantsRefill(windowMax)).toBe(false);
  lane.refresh(windowMax, 100);
  expectAllBack(lane, 100);
});

test('come back at once where all is read again', () => {
  const lane = fullLane();
  lane.refresh(windowMax, 0);
  lane.reread();
  expectAllBack(lane, 0);
});

test('stay where there is nothing more to read, and where they are due soon', () => {
  const lane = fullLane();
  lane.refresh(windowMax, 98);
  expect(lane.size).toBe(4);
  const live = new Lane({ pace, restMsMin, random: () => 0.5, isActive: () => true });
  live.refresh(windowMax, 0);
  expect(live.isEmpty).toBe(true);
});
