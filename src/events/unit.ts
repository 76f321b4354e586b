/** The handling unit: one passage of a container, of a break-bulk lot, of a parcel. */
import type { DocumentReference, RecordedEvent, UnitSnapshot } from './event.ts';
import type { Classifier, EventType } from './types.ts';
import type { UnitDetails } from './unit-details.ts';

export interface Party {
  readonly organization: string;
  /** Free word, e.g. `carrier`, `consignee`, `shop`. `observer` may read but not register events. */
  readonly role: string;
}

export interface HandlingUnit extends UnitSnapshot {
  /** Organization that owns the unit. */
  readonly organization: string;
  readonly parties: readonly Party[];
  readonly details: UnitDetails;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What the newest actual event that holds says; of place and full or empty, the newest that tells. */
export interface UnitState {
  /** UN/LOCODE. It, `location` and `placeName` are told by one and the same event. */
  readonly place?: string;
  readonly location?: string;
  readonly placeName?: string;
  readonly full?: boolean;
  readonly lastEvent: {
    readonly id: string;
    readonly type: EventType;
    readonly classifier: Classifier;
    /** As told, with its own offset. */
    readonly occurredAt: string;
  };
}

/** A unit with its state; there is none before the first actual event. */
export interface UnitAsKnown extends HandlingUnit {
  readonly state?: UnitState;
}

/** A unit with what is known of its events, oldest first by `occurredAt`. */
export interface UnitWithEvents {
  readonly unit: HandlingUnit;
  readonly events: readonly RecordedEvent[];
}

export type { DocumentReference };
