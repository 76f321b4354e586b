/** The whole result of a benchmark, as `--json` prints it. */
import type { Machine } from '../machine.ts';
import type { RowResult, Settings } from '../row.ts';

export interface Report {
  readonly startedAt: string;
  readonly commit: string;
  readonly command: string;
  readonly machine: Machine;
  readonly settings: Settings;
  readonly rows: readonly RowResult[];
}
