/** What a row of the benchmark is: one file under rows/ that exports `row`. */
import type { Lab } from './lab.ts';

export interface Settings {
  readonly mode: 'quick' | 'full' | 'own';
  /** Each round measures every subject of a row once, in turn. */
  readonly rounds: number;
  readonly roundSec: number;
  readonly warmUpSec: number;
  /** Open connections of the load, each with one request under way. */
  readonly connections: number;
  /** Handling units that are booked before; rows that need other numbers take a multiple of it. */
  readonly units: number;
  /** Deliveries waiting in the rows that drain them. */
  readonly backlog: number;
  /** How long a rate must be held, how long an outage lasts. */
  readonly holdSec: number;
}

/** What one subject reached: a figure per round, in `unit`. */
export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly rounds: readonly number[];
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Further figures of the same rounds, as medians, e.g. latencies. */
  readonly details: Readonly<Record<string, number>>;
}

/** At least `least`, at most `most` times the floor; without a floor so many of the measure's unit. */
export interface Target {
  readonly measure: string;
  readonly floor?: string;
  /** Judges this one of the details, e.g. `p99Ms`, of both; absent: the figures. */
  readonly detail?: string;
  readonly least?: number;
  readonly most?: number;
  /** False where the run is too short to tell; absent: true. */
  readonly isJudged?: boolean;
}

export interface JudgedTarget extends Target {
  readonly text: string;
  readonly reached: number;
  readonly met: boolean;
}

export interface Findings {
  readonly measures: readonly Measure[];
  /** Names of the measures that the others are compared with. */
  readonly floors: readonly string[];
  readonly targets: readonly Target[];
  /** Sentences that belong under the table. */
  readonly notes: readonly string[];
  /** What the medians are of, where it is not rounds of so many seconds. */
  readonly procedure?: string;
}

export interface Row {
  readonly name: string;
  readonly title: string;
  /** Rows are run and printed in this order. */
  readonly order: number;
  /** Throws when anything was answered wrongly or lost: such figures are worth nothing. */
  readonly run: (lab: Lab) => Promise<Findings>;
}

export interface RowResult extends Omit<Findings, 'targets'> {
  readonly name: string;
  readonly title: string;
  readonly targets: readonly JudgedTarget[];
}
