/** A delivery that was just recorded, as its lane holds it. */
import type { RecordedDelivery } from '../store/record/index.ts';
import { createItem, type Item } from './lane/item.ts';

/** `epoch`: of our lease of its bucket; `nowMs`: on the steady clock. */
export function newItem(delivery: RecordedDelivery, epoch: number, nowMs: number): Item {
  return createItem({
    id: delivery.id,
    bucket: delivery.bucket,
    epoch,
    position: delivery.position,
    subscriptionId: delivery.subscriptionId,
    unitId: delivery.event.unit.id,
    sequence: delivery.sequence,
    told: delivery,
    eventId: delivery.event.id,
    traceparent: delivery.traceparent,
    isNew: true,
    attemptCount: 0,
    payload: undefined,
    dueMs: nowMs,
  });
}
