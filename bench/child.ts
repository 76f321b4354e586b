/** Child processes: each server and the load run in one of their own, so that none slows another's event loop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface ChildOptions {
  /** For messages. */
  readonly name: string;
  /** Built program, from the folder that holds bench/ and src/, e.g. `src/main.js`. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** False for a program that tidies up by itself when the benchmark is gone. */
  readonly guarded?: boolean;
}

export interface Child {
  readonly name: string;
  readonly channel: ChildProcess;
  /** The first line of output that is JSON with `msg: "listening"`; rejects when it ends before. */
  readonly listening: () => Promise<{ readonly url: string }>;
  /** The end of what it has printed so far. */
  readonly lastWords: () => string;
  /** Resolves when it has ended, with its last words. */
  readonly ended: Promise<string>;
  /** Asks it to end, waits, and insists after a while. */
  readonly stop: () => Promise<void>;
}

const built = fileURLToPath(new URL('..', import.meta.url));
const stopMsMax = 15_000;
const startMsMax = 30_000;
const lastWordsCharactersMax = 2_000;

/** What a program needs of the surroundings; settings of the hub must not leak in from a shell. */
function cleanEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot', 'TEMP'];
  const present = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(present);
}

function launch(options: ChildOptions): ChildProcess {
  const guard = pathToFileURL(join(built, 'bench/guard.js')).href;
  const guarding = options.guarded === false ? [] : ['--import', guard];
  const program = join(built, options.program);
  return spawn(
    process.execPath,
    // As `npm start` gives it; the floors get it too.
    [
      '--max-semi-space-size=32',
      '--heap-growing-percent=100',
      ...(options.nodeArgs ?? []),
      ...guarding,
      program,
      ...(options.args ?? []),
    ],
    {
      env: { ...cleanEnvironment(), NODE_ENV: 'production', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Carries arrays of numbers as they are.
      serialization: 'advanced',
    },
  );
}

export function startChild(options: ChildOptions): Child {
  const child = launch(options);
  let words = '';
  const keep = (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-lastWordsCharactersMax);
  };
  child.stderr?.on('data', keep);
  child.stdout?.on('data', keep);
  const listening = firstListening(child);
  const ended = once(child, 'close').then(
    ([code, signal]) => `${options.name} ended (${code ?? signal}): ${words.trim()}`,
    (error: Error) => `${options.name} could not be started: ${error.message}`,
  );
  return {
    name: options.name,
    channel: child,
    lastWords: () => words.trim(),
    listening: () => inTime(listening, { name: options.name, ended }),
    ended,
    stop: () => stop(child, ended),
  };
}

async function inTime(
  listening: Promise<{ url: string }>,
  { name, ended }: { name: string; ended: Promise<string> },
): Promise<{ url: string }> {
  const failed = ended.then((words) => {
    throw new Error(words);
  });
  const limit = AbortSignal.timeout(startMsMax);
  const late = once(limit, 'abort').then(() => {
    throw new Error(`${name} was not ready after ${startMsMax / 1000} s`);
  });
  return Promise.race([listening, failed, late]);
}

/** Its further lines are left to others: a hub that delivers prints one for every attempt. */
function firstListening({ stdout }: ChildProcess): Promise<{ url: string }> {
  if (stdout === null) throw new Error('a child process without output');
  const lines = createInterface({ input: stdout });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (!line.includes('"listening"')) return;
      const said: unknown = JSON.parse(line);
      if (typeof said !== 'object' || said === null || !('url' in said)) return;
      if (typeof said.url !== 'string') return;
      resolve({ url: said.url });
      lines.close();
      // A program whose output nobody takes stands still, and never closes.
      stdout.resume();
    });
  });
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  await ended;
  clearTimeout(insist);
}
