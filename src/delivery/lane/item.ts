/** One delivery in a lane's memory. */
import type { RecordedEvent } from '../../events/event.ts';

/** What a delivery tells; undefined where retention has dropped it. */
export interface Told {
  readonly event: RecordedEvent | undefined;
}

/**
 * - `queued`: waits for its turn.
 * - `flying`: its request is under way.
 * - `ended`: the outcome is known and not yet durable.
 */
export type Phase = 'queued' | 'flying' | 'ended';

export interface Item {
  readonly id: string;
  readonly bucket: number;
  /** Of our lease when it was loaded; its completion names it. */
  readonly epoch: number;
  readonly position: number;
  readonly subscriptionId: string;
  readonly unitId: string;
  readonly sequence: number;
  /** Where its event is; asking may cost as much as parsing it. */
  readonly told: Told;
  readonly eventId: string | undefined;
  /** Of the request that registered the event, where it was traced. */
  readonly traceparent?: string | undefined;
  /** No attempt can have been recorded: it came from the recorder, not from the table. */
  readonly isNew: boolean;
  /** Attempts of this round that have ended. */
  attemptCount: number;
  /** The text sent before, once an attempt has failed. */
  payload: string | undefined;
  /** On the steady clock; 0 is at once. */
  dueMs: number;
  phase: Phase;
  /** The lane no longer answers for it: it is forgotten when its attempt has ended. */
  isOrphan: boolean;
  isProbe: boolean;
  /** The next one of the same subscription and unit. */
  next: Item | undefined;
}

export type NewItem = Omit<Item, 'phase' | 'isOrphan' | 'isProbe' | 'next'>;

/** Member by member: this runs for every delivery, and a spread costs ten times as much. */
export function createItem(given: NewItem): Item {
  return {
    id: given.id,
    bucket: given.bucket,
    epoch: given.epoch,
    position: given.position,
    subscriptionId: given.subscriptionId,
    unitId: given.unitId,
    sequence: given.sequence,
    told: given.told,
    eventId: given.eventId,
    traceparent: given.traceparent,
    isNew: given.isNew,
    attemptCount: given.attemptCount,
    payload: given.payload,
    dueMs: given.dueMs,
    phase: 'queued',
    isOrphan: false,
    isProbe: false,
    next: undefined,
  };
}
