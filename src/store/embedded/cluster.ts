// Makes the database folder at the first start, and checks it at every later one.
//
// initdb takes half a second and may be killed in it. It works in a folder beside the final one,
// which gets its name by a rename, together with its password: there is no half-made cluster.
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, lineOf } from './errors.ts';
import { exists, syncFolder } from './files.ts';
import { giveTo, type Home } from './home.ts';
import { runToEnd } from './run.ts';
import { FRUGAL, saysNoMemory } from './settings.ts';
import type { Binaries, EmbeddedLogger } from './types.ts';

export interface Cluster {
  readonly pgData: string;
  /** Password of the only role, `portolan`. */
  readonly password: string;
}

interface ClusterOptions {
  readonly home: Home;
  readonly binaries: Binaries;
  /** False when the caller gave up durability with `fsync=off`. */
  readonly isDurable: boolean;
  readonly logger: EmbeddedLogger | undefined;
}

const DRAFT = 'cluster.new-';

/** Call under the lock only. @throws EmbeddedPostgresError `start-failed`, `version-mismatch` */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  const { home, binaries } = options;
  const dir = join(home.dir, 'cluster');
  if (!(await exists(dir))) await createCluster(options, dir);
  await removeDrafts(options);
  const pgData = join(dir, 'data');
  const major = (await readFile(join(pgData, 'PG_VERSION'), 'utf8')).trim();
  if (major !== binaries.major) {
    throw new EmbeddedPostgresError(
      'version-mismatch',
      `${pgData} is of PostgreSQL ${major}, but this Portolan has PostgreSQL ${binaries.major}.`,
    );
  }
  const password = (await readFile(join(dir, 'password'), 'utf8')).trim();
  return { pgData, password };
}

async function createCluster(options: ClusterOptions, dir: string): Promise<void> {
  const { home, binaries, logger } = options;
  const draft = await mkdtemp(join(home.dir, DRAFT));
  await giveTo(draft, home.user);
  const passwordFile = join(draft, 'password');
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flush: true });
  await giveTo(passwordFile, home.user);
  await runInitdb(options, { draft, passwordFile });
  await takeBack(passwordFile);
  await syncFolder(draft);
  await rename(draft, dir);
  await syncFolder(home.dir);
  logger?.info({ home: home.dir, major: binaries.major }, 'made a new database folder');
}

/** initdb starts a server too, and so can meet the same lack of shared memory. */
async function runInitdb(
  { home, binaries, isDurable, logger }: ClusterOptions,
  { draft, passwordFile }: { draft: string; passwordFile: string },
): Promise<void> {
  const pgData = join(draft, 'data');
  const args = initdbArgs({ pgData, passwordFile, isDurable });
  const run = { program: binaries.initdb, user: home.user, cwd: home.dir };
  try {
    await runToEnd({ ...run, args });
  } catch (error) {
    if (!saysNoMemory(lineOf(error))) throw error;
    logger?.warn({ err: error }, 'initdb got too little shared memory; trying with less');
    await rm(pgData, { recursive: true, force: true });
    const less = Object.entries(FRUGAL).map(([name, value]) => `--set=${name}=${value}`);
    await runToEnd({ ...run, args: [...args, ...less] });
  }
}

function initdbArgs(options: { pgData: string; passwordFile: string; isDurable: boolean }) {
  return [
    `--pgdata=${options.pgData}`,
    '--username=portolan',
    `--pwfile=${options.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorts by code point as C does, but knows upper and lower case beyond ASCII; built in, so it
    // neither needs the system's locales nor changes with them.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(options.isDurable ? [] : ['--no-sync']),
  ];
}

/** initdb had to read the password as the server's user; from now on only we do. */
async function takeBack(path: string): Promise<void> {
  if (process.geteuid !== undefined && process.getegid !== undefined) {
    await chown(path, process.geteuid(), process.getegid());
  }
  await chmod(path, 0o600);
}

/** An initdb whose Node was killed may still write, so what fails is left to the next start. */
async function removeDrafts({ home, logger }: ClusterOptions): Promise<void> {
  for (const name of await readdir(home.dir)) {
    if (!name.startsWith(DRAFT)) continue;
    await rm(join(home.dir, name), { recursive: true, force: true }).catch((error: unknown) => {
      logger?.warn({ err: error, name }, 'could not remove an unfinished database folder');
    });
  }
}
