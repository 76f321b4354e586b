/**
 * A document as a party gave it to the hub, e.g. an order: what units travel under, who its parties
 * are, and what it plans. Its body stays in the words of the dialect that it came in.
 */
import type { Place } from './event.ts';
import type { OriginalTime } from './time.ts';
import type { DocumentType } from './types.ts';
import type { Party } from './unit.ts';

/** When a stop is expected; every member may be missing. */
export interface PlannedWindow {
  /** The day as told, `2017-02-20`. */
  readonly day?: string;
  /** Times of day as told, with their offsets: `09:09:09+00:00`. */
  readonly fromText?: string;
  readonly toText?: string;
  /** The instants, where day and time are told; `to` is never before `from`. */
  readonly from?: OriginalTime;
  readonly to?: OriginalTime;
}

export interface PlannedStop {
  /** Types of the events that are expected there. */
  readonly kind: 'loaded' | 'unloaded';
  readonly place: Place;
  readonly window: PlannedWindow;
}

/** What a document is made of before the hub has given it an id. */
export interface DocumentFacts {
  readonly type: DocumentType;
  /** Unique among its owner's documents of this type. */
  readonly number: string;
  /** Whose words `body` is in. */
  readonly dialect: string;
  /** Organizations beside the owner that may read it, with their roles, e.g. `carrier`. */
  readonly parties: readonly Party[];
  /** In the order of the route. */
  readonly stops: readonly PlannedStop[];
  /** The JSON text exactly as received. */
  readonly body: string;
}

export interface HubDocument extends DocumentFacts {
  /** UUID of version 7 that carries the bucket of the number. */
  readonly id: string;
  /** The owner, and its name. */
  readonly organization: string;
  readonly organizationName: string;
  readonly createdAtMs: number;
}
