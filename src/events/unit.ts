/** The handling unit: one passage of a container, of a break-bulk lot, of a parcel. */
import type { DocumentReference, RecordedEvent, UnitSnapshot } from './event.ts';
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

/** A unit with what is known of its events, oldest first by `occurredAt`. */
export interface UnitWithEvents {
  readonly unit: HandlingUnit;
  readonly events: readonly RecordedEvent[];
}

export type { DocumentReference };
