/**
 * A hub as its users run it: the built program as a process of its own, on a scratch data folder
 * and a free port. For acceptance tests, which import nothing from `src/`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endPostmaster } from './postmaster.ts';
import { makeScratch, titleOf } from './scratch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startMsMax = 60_000;

export const adminKey = 'an-admin-key-for-tests';

export interface HubProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  /** All that it has printed so far. */
  readonly output: () => string;
  /** Sends the signal and waits for the end; the exit code, or null when a signal ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

export interface HubOptions {
  /** A folder made by `scratchFolder`; kept when the hub ends. */
  readonly dataDir: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another built copy of the project. */
  readonly main?: string;
  /** Runs it as this user; only root can. */
  readonly uid?: number;
}

export function scratchFolder(): Promise<string> {
  return makeScratch('hub');
}

/**
 * With the server that a killed hub left, and with the database that root's hub put elsewhere, where
 * PostgreSQL could not enter the folder.
 */
export async function removeFolder(folder: string): Promise<void> {
  await endPostmaster(folder);
  const note = join(folder, 'postgres.location');
  const home = existsSync(note) ? [(await readFile(note, 'utf8')).trim()] : [];
  for (const path of [...home, folder]) {
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Only what a program needs: settings of the person who runs the tests must not leak in. */
function environmentOf(options: HubOptions): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    ...{ PATH, HOME, TMPDIR },
    PORT: '0',
    PORTOLAN_DATA_DIR: options.dataDir,
    PORTOLAN_ADMIN_KEY: adminKey,
    PORTOLAN_WEBHOOK_ALLOW: '127.0.0.0/8,::1/128',
    PORTOLAN_LOG_LEVEL: 'warn',
    ...options.environment,
  };
}

/** Starts a hub and waits until it listens; throws with what it printed when it does not. */
export async function startHub(options: HubOptions): Promise<HubProcess> {
  const main = options.main ?? join(root, 'dist', 'src', 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build`);
  const child = spawn(process.execPath, [titleOf(options.dataDir), main], {
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const printed: string[] = [];
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.stderr.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  const url = await listening(child, printed, exited);
  return {
    url,
    dataDir: options.dataDir,
    pid: child.pid ?? 0,
    output: () => printed.join(''),
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

function listening(
  child: ChildProcess,
  printed: string[],
  exited: Promise<[number | null]>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the hub ${why}:\n${printed.join('')}`));
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not listen in time');
    }, startMsMax);
    void exited.then(([code]) => fail(`ended with ${code}`));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(`${line}\n`);
      if (!line.includes('"listening"')) return;
      clearTimeout(limit);
      resolve((JSON.parse(line) as { url: string }).url);
    });
  });
}

/** Runs `node <main>` that is expected to end by itself, e.g. because a setting is wrong. */
export async function runToEnd(
  options: HubOptions,
): Promise<{ code: number | null; output: string }> {
  const main = options.main ?? join(root, 'dist', 'src', 'main.js');
  const env = environmentOf(options);
  const child = spawn(process.execPath, [main], {
    env,
    timeout: startMsMax,
    killSignal: 'SIGKILL',
  });
  const printed: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: printed.join('') };
}
