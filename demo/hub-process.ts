/**
 * Runs the hub as its users do, as a program of its own, on a scratch data folder: waits for its
 * `"listening"` line, keeps its log, and stops it by SIGTERM.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/lib/package-root.ts';
import { parse, text } from './json.ts';

export interface HubProcess {
  readonly url: string;
  readonly adminKey: string;
  /** Rejects when the hub ends although nobody stopped it; never resolves. */
  readonly failed: Promise<never>;
  readonly stop: () => Promise<void>;
}

const startMsMax = 60_000;
/** The hub promises to be gone 10 s after SIGTERM. */
const stopMsMax = 15_000;
const logLinesShown = 30;

/** A new folder that nobody else uses; PostgreSQL's user may pass through it, but not list it. */
export async function makeScratchDir(): Promise<string> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'portolan-demo-'));
  await chmod(scratchDir, 0o711);
  return scratchDir;
}

export async function removeScratchDir(scratchDir: string): Promise<void> {
  await rm(scratchDir, { recursive: true, force: true, maxRetries: 3 });
}

const logPathOf = (scratchDir: string) => join(scratchDir, 'hub.log');

/** The end of the hub's log, for when something went wrong; empty when it wrote nothing. */
export async function readLogTail(scratchDir: string): Promise<string> {
  const log = await readFile(logPathOf(scratchDir), 'utf8').catch(() => '');
  return log.trimEnd().split('\n').slice(-logLinesShown).join('\n');
}

/** `port` 0 picks a free one. Throws when the hub ends, keeps silent, or is no longer wanted. */
export async function startHub(given: {
  readonly scratchDir: string;
  readonly port: number;
  /** Settles when the start is to be given up. */
  readonly givenUp: Promise<unknown>;
}): Promise<HubProcess> {
  const adminKey = randomBytes(24).toString('base64url');
  const child = spawnHub({ ...given, adminKey });
  const lifetime = watch(child);
  try {
    const givenUp = given.givenUp.then(() => Promise.reject(new Error('interrupted')));
    const url = await Promise.race([listening(child), lifetime.failed, givenUp]);
    return { url, adminKey, failed: lifetime.failed, stop: lifetime.stop };
  } catch (error) {
    await lifetime.stop();
    throw error;
  }
}

function spawnHub(given: {
  readonly scratchDir: string;
  readonly port: number;
  readonly adminKey: string;
}): ChildProcess {
  const root = packageRoot();
  const preload = join(root, 'dist/demo/end-with-parent.js');
  const child = spawn(process.execPath, ['--import', preload, join(root, 'dist/src/main.js')], {
    env: {
      ...foreignVariables(),
      PORT: String(given.port),
      PORTOLAN_DATA_DIR: join(given.scratchDir, 'data'),
      PORTOLAN_ADMIN_KEY: given.adminKey,
      // The demo's receiver is on this machine, which callbacks may not reach otherwise.
      PORTOLAN_WEBHOOK_ALLOW: '127.0.0.0/8,::1/128',
      PORTOLAN_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own: Ctrl-C reaches the demo alone, which then stops the hub once.
    detached: true,
  });
  const log = createWriteStream(logPathOf(given.scratchDir), { flags: 'a', mode: 0o600 });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once('close', () => log.end());
  return child;
}

/** The environment without what would turn the demo's hub into another one, e.g. a database. */
function foreignVariables(): NodeJS.ProcessEnv {
  const ours = /^(PORTOLAN_.*|PORT|HOST|DATABASE_URL)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** The URL of the line that the hub prints once it takes requests. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const read = (chunk: Buffer) => {
      seen += chunk.toString('utf8');
      const line = /^.*"listening".*$/m.exec(seen)?.[0];
      // Until its line feed has come, the line may be half of one.
      if (line === undefined || !seen.includes(`${line}\n`)) return;
      clearTimeout(giveUp);
      child.stdout?.off('data', read);
      resolve(text(parse(line), 'url'));
    };
    const giveUp = setTimeout(() => {
      reject(new Error(`the hub did not listen within ${startMsMax / 1000} s`));
    }, startMsMax);
    child.once('exit', () => clearTimeout(giveUp));
    child.stdout?.on('data', read);
  });
}

function watch(child: ChildProcess) {
  let stopping = false;
  const ended = once(child, 'exit');
  const failed = ended.then(([code, signal]: unknown[]): never | Promise<never> => {
    if (stopping) return new Promise<never>(() => undefined);
    throw new Error(`the hub ended by itself (${signal ?? `exit code ${code}`})`);
  });
  // Whoever waits gets the error; without a waiter it must not end the demo.
  failed.catch(() => undefined);
  const stop = async () => {
    stopping = true;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
      await ended;
      clearTimeout(giveUp);
    }
  };
  return { failed, stop };
}
