/** The command line of `npm run bench`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Settings } from './row.ts';

export interface Options {
  readonly settings: Settings;
  /** Names of the rows to run; empty means all. */
  readonly only: readonly string[];
  readonly json: boolean;
  readonly writeDocs: boolean;
  /** Folder below which the database lies while it is measured; what is made there is removed. */
  readonly scratch: string | undefined;
  /** Folder for a CPU profile of the hub's process. */
  readonly profile: string | undefined;
  readonly help: boolean;
}

export const usage = `npm run bench -- [options]

  --quick              3 rounds of 1 s and small backlogs instead of 5 rounds of 10 s
  --only <row>         only this row; may be repeated
  --json               print JSON instead of tables
  --write-docs         put the figures into docs/benchmarks.md
  --rounds <n>  --round-seconds <s>  --connections <n>  --units <n>
  --backlog <n>        deliveries waiting in the rows that drain them (the row memory: 5 times that)
  --hold-seconds <s>   how long a rate must be held, how long an outage lasts
  --scratch <folder>   the database lies below it meanwhile (default .tmp), on the disk to measure
  --profile <folder>   leave a CPU profile of the hub there (costs some speed)
`;

const full = { mode: 'full', rounds: 5, roundSec: 10, warmUpSec: 5 } as const;
const quick = { mode: 'quick', rounds: 3, roundSec: 1, warmUpSec: 1 } as const;
const long = { backlog: 200_000, holdSec: 60, units: 2_000 } as const;
/** Shorter than the first retry, so that an outage of this length ends within seconds. */
const short = { backlog: 10_000, holdSec: 2, units: 1_000 } as const;

/** A wrong option; the message fits on one line. */
export class UsageError extends Error {}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!(number > 0 && number <= 1_000_000))
    throw new UsageError(`--${name} needs a number above 0`);
  return number;
}

function whole(name: string, text: string | undefined): number | undefined {
  const number = positive(name, text);
  if (number !== undefined && !Number.isInteger(number)) {
    throw new UsageError(`--${name} needs a whole number`);
  }
  return number;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: flag,
        only: { type: 'string', multiple: true, default: [] },
        json: flag,
        'write-docs': flag,
        rounds: text,
        'round-seconds': text,
        connections: text,
        units: text,
        backlog: text,
        'hold-seconds': text,
        scratch: text,
        profile: text,
        help: { ...flag, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const base = values.quick ? { ...quick, ...short } : { ...full, ...long };
  const rounds = whole('rounds', values.rounds);
  const roundSec = positive('round-seconds', values['round-seconds']);
  const isOwn = (rounds ?? roundSec) !== undefined;
  return {
    settings: {
      mode: isOwn ? 'own' : base.mode,
      rounds: rounds ?? base.rounds,
      roundSec: roundSec ?? base.roundSec,
      warmUpSec: Math.min(roundSec ?? base.warmUpSec, base.warmUpSec),
      connections: whole('connections', values.connections) ?? 64 * Math.max(2, cores()),
      units: whole('units', values.units) ?? base.units,
      backlog: whole('backlog', values.backlog) ?? base.backlog,
      holdSec: positive('hold-seconds', values['hold-seconds']) ?? base.holdSec,
    },
    only: values.only,
    json: values.json,
    writeDocs: values['write-docs'],
    scratch: values.scratch,
    profile: values.profile,
    help: values.help,
  };
}

/** More than four cores do not make one door process faster. */
const cores = (): number => Math.min(4, availableParallelism());
