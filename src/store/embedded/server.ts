// The server process: started until it is ready, watched while it runs, stopped in steps.
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { EmbeddedPostgresError, lineOf } from './errors.ts';
import { atExit } from './exit.ts';
import { type Home, makeRunDir } from './home.ts';
import { clearLeftover, STOP_STEPS } from './leftover.ts';
import { openLog, type ServerLog } from './log.ts';
import { clusterNameOf, endOrphans } from './orphans.ts';
import { waitUntilReady } from './ready.ts';
import { spawnOptions, whenSpawned } from './run.ts';
import { saysNoMemory, settingsArgs } from './settings.ts';
import { type Endpoint, listenSettings } from './socket.ts';
import type { Binaries, EmbeddedLogger } from './types.ts';

export interface ServerOptions {
  readonly home: Home;
  readonly pgData: string;
  readonly binaries: Binaries;
  readonly endpoint: Endpoint;
  readonly url: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly logPath: string;
  readonly logger: EmbeddedLogger | undefined;
  /** Withdraws the start: what was launched is ended, then `startServer` rejects. */
  readonly signal?: AbortSignal;
}

export interface RunningServer {
  readonly pid: number;
  /** Resolves when the process is gone, by itself or because it was told to. */
  readonly ended: Promise<ServerEnd>;
  /** Ends the server and waits for it. Never rejects. */
  stop(): Promise<void>;
}

export interface ServerEnd {
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
  /** The last of what it wrote to its log. */
  readonly words: string;
}

interface Launched {
  readonly pgData: string;
  readonly child: ChildProcess;
  /** The process is gone. */
  readonly ended: Promise<void>;
  /** So are its last words. */
  readonly closed: Promise<void>;
  readonly log: ServerLog;
  hasEnded(): boolean;
}

const LOG_BYTES_MAX = 5 * 1024 * 1024;
/** How long an earlier server, or what is left of one, may take to let go of the data. */
const CONTENTION_MS = 20_000;
const CONTENTION_RETRY_MS = 50;
const LAST_WORDS_MS = 1_000;
const CONTENDED = /lock file "postmaster\.pid" already exists|pre-existing shared memory block/;

/** Call under the lock only. @throws EmbeddedPostgresError with the server's own last words */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { logger, signal = new AbortController().signal, url } = options;
  const deadline = performance.now() + CONTENTION_MS;
  let isFrugal = false;
  for (;;) {
    await clearLeftover({ ...options, dataDir: options.home.dataDir });
    signal.throwIfAborted();
    await makeRunDir(options.home);
    const launched = await launch(options, isFrugal);
    if (await becomesReady(launched, { url, signal })) return watched(launched);
    await Promise.race([launched.closed, wait(LAST_WORDS_MS, undefined, { ref: false })]);
    const words = launched.log.tail();
    if (CONTENDED.test(words) && performance.now() < deadline) await wait(CONTENTION_RETRY_MS);
    else if (saysNoMemory(words) && !isFrugal) {
      isFrugal = true;
      logger?.warn({ words }, 'PostgreSQL got too little shared memory; trying with less');
    } else throw startFailed(words, options.logPath);
  }
}

/** False when it ended before it was ready. */
async function becomesReady(
  launched: Launched,
  { url, signal }: { url: string; signal: AbortSignal },
): Promise<boolean> {
  // Its end also ends the wait for it, which in crash recovery may be long.
  const withdraw = () => void stopInSteps(launched);
  signal.addEventListener('abort', withdraw);
  if (signal.aborted) withdraw();
  try {
    const isReady = await waitUntilReady(url, launched.hasEnded);
    signal.throwIfAborted();
    return isReady;
  } catch (error) {
    await stopInSteps(launched);
    throw error;
  } finally {
    signal.removeEventListener('abort', withdraw);
  }
}

async function launch(options: ServerOptions, isFrugal: boolean): Promise<Launched> {
  const { home, pgData, binaries, endpoint, settings, logPath } = options;
  const fixed = { ...listenSettings(endpoint), cluster_name: clusterNameOf(pgData) };
  const args = ['-D', pgData, ...settingsArgs({ settings, fixed, isFrugal })];
  const log = openLog(logPath, LOG_BYTES_MAX);
  const child = spawn(binaries.postgres, args, {
    ...spawnOptions({ user: home.user, cwd: home.dir }),
    // A process group of its own: Ctrl-C in the terminal must reach Node only, which drains first.
    detached: process.platform !== 'win32',
  });
  let isEnded = false;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const forget = atExit(() => child.kill('SIGINT'));
  child.once('exit', () => {
    isEnded = true;
    forget();
  });
  // Also what a failed kill emits; without a listener it would end this process.
  child.on('error', forget);
  void closed.then(log.close);
  child.stderr?.on('data', (chunk: Buffer) => log.write(chunk));
  await whenSpawned(child, binaries.postgres);
  return { pgData, child, ended, closed, log, hasEnded: () => isEnded };
}

function watched(launched: Launched): RunningServer {
  const { child, ended, log } = launched;
  // A script that is done ends, and atExit stops the server, instead of the server keeping it.
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return {
    pid: child.pid ?? 0,
    ended: ended.then(() => ({
      exitCode: child.exitCode,
      exitSignal: child.signalCode,
      words: log.tail(),
    })),
    stop: () => stopInSteps(launched),
  };
}

async function stopInSteps(launched: Launched): Promise<void> {
  await tellToEnd(launched);
  if (launched.child.exitCode !== 0) await endOrphans(launched.pgData);
}

async function tellToEnd({ child, ended, hasEnded }: Launched): Promise<void> {
  for (const { signal, graceMs } of STOP_STEPS) {
    if (hasEnded()) return;
    child.ref();
    child.kill(signal);
    const timer = new AbortController();
    const grace = wait(graceMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([ended, grace]);
    timer.abort();
  }
}

function startFailed(words: string, logPath: string): EmbeddedPostgresError {
  const lines = words.split('\n');
  const fatal = lines.findLast((line) => /FATAL|PANIC|error while loading/.test(line));
  const why = lineOf(fatal ?? lines.findLast((line) => line.trim() !== '') ?? 'it said nothing');
  return new EmbeddedPostgresError('start-failed', `PostgreSQL ended: ${why} (see ${logPath})`);
}
