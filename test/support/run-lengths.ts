/**
 * How long the long suites run. `npm test` takes the usual figures; a longer run is a vitest
 * configuration of its own that provides others: `test: { provide: { faultKills: 500 } }`.
 */
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Requests per route of test/fuzz. */
    fuzzRuns?: number;
    /** Kills of the hub in test/faults. */
    faultKills?: number;
    /** Kills of the database in test/faults, every other one together with the hub. */
    databaseKills?: number;
    /** Seed of the faults' chance; the current time when missing. */
    faultSeed?: number;
  }
}

export const runLengths = {
  fuzzRuns: inject('fuzzRuns') ?? 150,
  faultKills: inject('faultKills') ?? 20,
  databaseKills: inject('databaseKills') ?? 4,
  faultSeed: inject('faultSeed') ?? Date.now() % 1_000_000,
};
