/**
 * `npm run test:faults`: breaks everything that can break, again and again, and compares what was
 * acknowledged with what was received. Ends with status 1 when anything was wrong.
 */
import { availableParallelism, cpus, release, type as systemType } from 'node:os';
import { parseArgs } from 'node:util';
import { describeCommit } from '../../bench/machine.ts';
import { fullAmounts, shortAmounts } from './amounts.ts';
import { type FaultReport, lineOf, tableOf, writeSummary } from './report.ts';
import { type Amounts, isClean, type Result, runScenario, scenarios } from './scenarios.ts';

const usage = `npm run test:faults -- [options]

  --short                  as the tests run it: minutes instead of the better part of an hour
  --only <scenario>        only this one; may be repeated: ${scenarios.map(({ name }) => name).join(' ')}
  --seed <n>               the moments of an earlier run
  --kills <n>  --postmaster-kills <n>  --resets <n>  --cut-offs <n>  --cut-off-seconds <n>
  --away-seconds <n>  --clock-moves <n>  --requests <n>  --trick-one-in <n>
  --json                   print JSON instead of a table
  --write-docs             put the summary into docs/benchmarks.md
`;

class UsageError extends Error {}

/** Options for amounts, and what one of each is in the program's own unit. */
const amountOptions = {
  kills: ['kills', 1],
  'postmaster-kills': ['postmasterKills', 1],
  resets: ['resets', 1],
  'cut-offs': ['cutOffs', 1],
  'cut-off-seconds': ['cutOffMs', 1_000],
  'away-seconds': ['awayMs', 1_000],
  'clock-moves': ['clockMoves', 1],
  requests: ['requests', 1],
  'trick-one-in': ['trickOneIn', 1],
} as const satisfies Readonly<Record<string, readonly [keyof Amounts, number]>>;

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!(number >= 0 && number <= 1_000_000)) throw new UsageError(`--${name} needs a number`);
  return number;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const names = Object.keys(amountOptions);
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ short: flag, json: flag, 'write-docs': flag, help: { ...flag, short: 'h' } },
        only: { type: 'string', multiple: true, default: [] },
        seed: text,
        ...Object.fromEntries(names.map((name) => [name, text])),
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function amountsOf(values: Readonly<Record<string, unknown>>, isShort: boolean): Amounts {
  const amounts = { ...(isShort ? shortAmounts : fullAmounts) };
  for (const [name, [key, unit]] of Object.entries(amountOptions)) {
    const text = values[name];
    if (typeof text === 'string') amounts[key] = numberOf(name, text) * unit;
  }
  return amounts;
}

function chosen(only: readonly string[]) {
  const unknown = only.find((name) => scenarios.every((each) => each.name !== name));
  if (unknown !== undefined) throw new UsageError(`there is no scenario ${unknown}`);
  return only.length === 0 ? scenarios : scenarios.filter(({ name }) => only.includes(name));
}

function describeHere(): string {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown';
  const system = `${systemType()} ${release()}`;
  return `${cpu}, ${availableParallelism()} cores, ${system}, Node ${process.version}`;
}

async function main(args: readonly string[]): Promise<boolean> {
  const values = parse(args);
  if (values.help) {
    process.stdout.write(usage);
    return true;
  }
  const amounts = amountsOf(values, values.short);
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : numberOf('seed', values.seed);
  const startedAt = new Date().toISOString();
  const results: Result[] = [];
  for (const scenario of chosen(values.only)) {
    process.stderr.write(`${scenario.name}: ${scenario.title(amounts)}\n`);
    const result = await runScenario(scenario, { amounts, seed });
    process.stderr.write(`${[lineOf(result), ...result.complaints].join('\n')}\n`);
    results.push(result);
  }
  const command = ['npm run test:faults', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
  const commit = describeCommit();
  const report: FaultReport = { command, commit, startedAt, machine: describeHere(), results };
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : tableOf(results)}\n`);
  const isGood = results.every(isClean);
  // A summary that shows a fault belongs on a screen, not into the documents.
  if (values['write-docs'] && isGood) writeSummary(report);
  return isGood;
}

main(process.argv.slice(2)).then(
  (isGood) => process.exit(isGood ? 0 : 1),
  (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `faults: ${error.message}\n\n${usage}` : `faults: ${text}\n`);
    process.exit(isUsage ? 2 : 1);
  },
);
