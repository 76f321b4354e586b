/** `npm run bench`: measures the rows one after another, prints them, leaves nothing behind. */
import { setMaxListeners } from 'node:events';
import { join, resolve } from 'node:path';
import { packageRoot } from '../src/lib/package-root.ts';
import { startChild } from './child.ts';
import { openLab, queryOnce } from './lab.ts';
import { describeCommit, describeMachine } from './machine.ts';
import { type Options, readOptions, UsageError, usage } from './options.ts';
import { writeDocs } from './report/docs.ts';
import type { Report } from './report/report.ts';
import { plainReport } from './report/table.ts';
import type { Row, RowResult } from './row.ts';
import { discoverRows } from './rows.ts';
import { judgeRow } from './statistics.ts';

const progress = (line: string) => process.stderr.write(`${line}\n`);

/** Ends all work in good order at the first signal, and this process at once at the second. */
function watchSignals(): AbortSignal {
  const controller = new AbortController();
  // One for each process that is asked something; they end with their row.
  setMaxListeners(0, controller.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort(new Error(`interrupted by ${signal}`));
    });
  }
  return controller.signal;
}

function choose(rows: readonly Row[], only: readonly string[]): readonly Row[] {
  const unknown = only.find((name) => rows.every((row) => row.name !== name));
  if (unknown !== undefined) {
    const names = rows.map((row) => row.name).join(', ');
    throw new UsageError(`there is no row ${unknown}; there are ${names}`);
  }
  return only.length === 0 ? rows : rows.filter((row) => only.includes(row.name));
}

interface Place {
  readonly serverUrl: string;
  readonly folder: string;
}

async function measure(
  rows: readonly Row[],
  { settings, profile }: Options,
  { signal, ...place }: Place & { signal: AbortSignal },
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  for (const row of rows) {
    progress(`${row.name}: ${row.title}`);
    const folder = profile === undefined ? undefined : resolve(profile);
    const { lab, lastWords, close } = openLab({
      settings,
      signal,
      progress,
      profile: folder,
      earlier: results,
      ...place,
    });
    try {
      results.push(judgeRow(row, await row.run(lab)));
    } catch (error) {
      if (!signal.aborted) lastWords().forEach(progress);
      throw error;
    } finally {
      await close();
    }
  }
  return results;
}

async function serverVersion(serverUrl: string): Promise<string> {
  const [row] = await queryOnce(serverUrl, 'show server_version');
  return String(row?.['server_version']);
}

function commandOf(args: readonly string[]): string {
  return ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
}

async function bench(options: Options, signal: AbortSignal): Promise<Report> {
  const rows = choose(await discoverRows(), options.only);
  const folder = join(resolve(options.scratch ?? join(packageRoot(), '.tmp')), 'portolan-bench');
  const startedAt = new Date().toISOString();
  const server = startChild({
    name: 'database',
    program: 'bench/programs/database.js',
    args: [folder],
    guarded: false,
  });
  try {
    const { url: serverUrl } = await server.listening();
    const machine = describeMachine(folder, await serverVersion(serverUrl));
    const results = await measure(rows, options, { serverUrl, folder, signal });
    const { settings } = options;
    const command = commandOf(process.argv.slice(2));
    return { startedAt, commit: describeCommit(), command, machine, settings, rows: results };
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(usage);
  const signal = watchSignals();
  const report = await bench(options, signal).catch((error: unknown) => {
    // Ctrl-C reaches the children too; what they say about it is not the cause.
    throw signal.aborted ? signal.reason : error;
  });
  if (options.writeDocs) writeDocs(report);
  const text = options.json ? JSON.stringify(report, null, 2) : plainReport(report);
  process.stdout.write(`${text}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`bench: ${text}\n${error instanceof UsageError ? `\n${usage}` : ''}`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
