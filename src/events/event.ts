/**
 * The canonical event: what every dialect decodes into and encodes from.
 * An event is immutable. A correction is a new event that `replaces` it, a withdrawal a new event
 * that `retracts` it.
 */
import type { OriginalTime } from './time.ts';
import type {
  Classifier,
  CustomsFlag,
  Direction,
  DocumentType,
  EventType,
  FreightFamily,
  Way,
} from './types.ts';

/** Where it happened. All members are optional; latitude and longitude are decimal degrees, WGS 84. */
export interface Place {
  /** UN/LOCODE, five characters, e.g. `FRLEH`. */
  readonly unlocode?: string;
  /** A partner's own location code, e.g. a terminal `MTDF`. */
  readonly location?: string;
  readonly name?: string;
  readonly latitude?: number;
  readonly longitude?: number;
}

export interface Vehicle {
  /** IMO number of a vessel, plate of a truck, … as told. */
  readonly id?: string;
  readonly name?: string;
  readonly voyage?: string;
}

export interface DocumentReference {
  readonly type: DocumentType;
  readonly reference: string;
}

/** What a source tells of an event, before the hub knows the unit. */
export interface EventFacts {
  readonly type: EventType;
  readonly classifier: Classifier;
  readonly occurredAt: OriginalTime;
  /** UN/ECE Recommendation 19, 0 to 9, or two digits for a subdivision. */
  readonly mode?: number;
  readonly direction?: Direction;
  readonly way?: Way;
  readonly place?: Place;
  readonly vehicle?: Vehicle;
  readonly full?: boolean;
  readonly documents?: readonly DocumentReference[];
  readonly message?: string;
  /** A code that refines the type, in the source dialect's own numbering. */
  readonly additionalInfo?: string;
  /** How a communication was sent, e.g. `SMS`. */
  readonly channel?: string;
  /** The code of this event in a dialect, by dialect name; told by the source. */
  readonly codes?: Readonly<Record<string, string>>;
  readonly replaces?: string;
  readonly retracts?: string;
}

/** How a request names a unit: `reference` may match several passages, `spi` and `id` name one. */
export interface UnitSelector {
  readonly id?: string;
  readonly reference?: string;
  readonly spi?: string;
}

/** An event on its way in: decoded, not yet recorded. */
export interface EventDraft extends EventFacts {
  readonly unit: UnitSelector;
  readonly source: EventSource;
  /** The fragment of the request that told this event, as received. */
  readonly received: string;
}

export interface EventSource {
  readonly dialect: string;
  /** The source's own code for the type, kept whether or not we know it. */
  readonly code?: string;
  /** Only the operator may speak for another organization; ignored for everyone else. */
  readonly organization?: string;
}

/**
 * What an event remembers of its unit. Kept with the event so that a push is rendered from
 * immutable data alone: every attempt of a delivery sends the same bytes.
 */
export interface UnitSnapshot {
  readonly id: string;
  readonly reference: string;
  readonly spi?: string;
  readonly freightFamily: FreightFamily;
  readonly customsFlag: CustomsFlag;
  /** Documents that the unit travelled under when the event was recorded. */
  readonly documents: readonly DocumentReference[];
}

export interface RecordedEvent extends EventFacts {
  readonly id: string;
  readonly unit: UnitSnapshot;
  /** Name of the source's organization; events recorded before it was kept have none. */
  readonly sourceName?: string;
  /** The hub's clock, epoch milliseconds. */
  readonly recordedAtMs: number;
  readonly source: {
    readonly organization: string;
    readonly dialect: string;
    readonly code?: string;
  };
}

/** The customs direction of an event: its own, else its unit's. */
export function directionOf(event: EventFacts, flag: CustomsFlag): Direction | undefined {
  if (event.direction !== undefined) return event.direction;
  switch (flag) {
    case 'Import':
      return 'import';
    case 'Export':
      return 'export';
    case 'Transit':
      return 'transit';
    case 'Transhipment':
      return 'transhipment';
    case 'Unknown':
      return undefined;
  }
}
