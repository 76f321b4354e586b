// Decides where the database truly lives: its "home".
//
//   <data folder>/postgres/            the home, ordinarily
//   <data folder>/postgres.location    else: one line naming the home, which lies elsewhere
//   <home>/lock/                       lock.ts
//   <home>/cluster/data, …/password    cluster.ts: PGDATA, and the secret of its only role
//   <home>/run/                        the server's socket
//   <home>/postgres.log                log.ts
//
// It lies elsewhere when this process is root and the server's user cannot enter the data folder.
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { codeOf, EmbeddedPostgresError, lineOf } from './errors.ts';
import { createWhole, exists } from './files.ts';
import { makeFolder } from './make-folder.ts';
import type { EmbeddedLogger, Places, ServerUser } from './types.ts';
import { chooseServerUser, findBlocker, isRoot } from './user.ts';

export interface Home {
  /** The data folder: absolute, links resolved. */
  readonly dataDir: string;
  readonly dir: string;
  readonly user: ServerUser | undefined;
}

interface HomeOptions {
  readonly dataDir: string;
  readonly places: Places;
  readonly logger: EmbeddedLogger | undefined;
}

/**
 * Finds the home of a data folder, or settles on one, and makes it enterable by the server's user.
 * @throws EmbeddedPostgresError `data-folder-unusable`, `data-missing`, `data-unreachable`
 */
export async function settleHome(options: HomeOptions): Promise<Home> {
  const asked = resolve(options.dataDir);
  try {
    const dataDir = await makeDataDir(asked);
    const existing = await findExisting(dataDir);
    const user = existing === undefined ? await chooseServerUser() : await ownerOf(existing);
    if (existing !== undefined) {
      await refuseUnreachable(existing, user);
      return { dataDir, dir: existing, user };
    }
    const local = await claimLocal(dataDir, user);
    if (local !== undefined) return { dataDir, dir: local, user };
    return { dataDir, dir: await settleElsewhere({ ...options, dataDir }, user), user };
  } catch (cause) {
    if (cause instanceof EmbeddedPostgresError) throw cause;
    throw unusable(asked, lineOf(cause), cause);
  }
}

/** The folder that holds the server's socket; only the server's user and root enter it. */
export async function makeRunDir(home: Home): Promise<string> {
  const path = join(home.dir, 'run');
  await mkdir(path, { recursive: true });
  await giveTo(path, home.user);
  // The caller holds the lock and knows that no server runs: what is left here is stale.
  for (const name of await readdir(path)) await rm(join(path, name), { force: true });
  return path;
}

/** Hands a folder or file to the server's user, closed to all others but root. */
export async function giveTo(path: string, user: ServerUser | undefined): Promise<void> {
  if (user !== undefined) await chown(path, user.uid, user.gid);
  const isFolder = (await lstat(path)).isDirectory();
  await chmod(path, isFolder ? 0o700 : 0o600);
}

/** An empty or new data folder is ours to set up; one in use keeps the rights its owner gave. */
async function makeDataDir(path: string): Promise<string> {
  await makeFolder(path);
  const dataDir = await realpath(path);
  const isFresh = (await readdir(dataDir)).length === 0;
  if (isFresh && isRoot() && (await lstat(dataDir)).uid === 0) await chmod(dataDir, 0o711);
  return dataDir;
}

async function findExisting(dataDir: string): Promise<string | undefined> {
  const notePath = join(dataDir, 'postgres.location');
  if (await exists(notePath)) {
    const home = (await readFile(notePath, 'utf8')).trim();
    if (await exists(home)) {
      // After a reboot anybody could have put a folder of that name into a temporary place.
      if (isRoot() && (await lstat(home)).uid !== 0) throw unusable(home, 'root does not own it');
      return home;
    }
    throw new EmbeddedPostgresError(
      'data-missing',
      `The database of ${dataDir} was in ${home} and is gone; restore it, or delete ${notePath}.`,
    );
  }
  const local = join(dataDir, 'postgres');
  return (await exists(join(local, 'cluster'))) ? local : undefined;
}

/** PostgreSQL runs only as the owner of its data, so existing data decides. */
async function ownerOf(home: string): Promise<ServerUser | undefined> {
  if (process.geteuid === undefined) return undefined;
  const cluster = join(home, 'cluster');
  if (!(await exists(cluster))) return chooseServerUser();
  const { uid, gid } = await lstat(cluster);
  if (uid === process.geteuid() && !isRoot()) return undefined;
  if (isRoot() && uid !== 0) return { uid, gid };
  const advice = isRoot() ? 'PostgreSQL never runs as root' : 'start as that user or as root';
  throw unusable(home, `it belongs to user ${uid}; ${advice}`);
}

async function refuseUnreachable(home: string, user: ServerUser | undefined): Promise<void> {
  const blocker = await findBlocker(home, user);
  if (blocker === undefined) return;
  throw new EmbeddedPostgresError(
    'data-unreachable',
    `The database in ${home} belongs to user ${user?.uid}, who may no longer enter ${blocker}.`,
  );
}

/** Undefined when the server's user could not use a home inside the data folder. */
async function claimLocal(dataDir: string, user?: ServerUser): Promise<string | undefined> {
  if ((await findBlocker(dataDir, user)) !== undefined) return undefined;
  const home = join(dataDir, 'postgres');
  if (!(await exists(home))) await mkdir(home, { mode: 0o700 });
  if (user === undefined) return home;
  await chmod(home, 0o711);
  return (await canOwn(home, user)) ? home : undefined;
}

/** Some shared and foreign file systems refuse or ignore a change of owner. */
async function canOwn(home: string, user: ServerUser): Promise<boolean> {
  const probe = await mkdtemp(join(home, 'probe-'));
  try {
    await chown(probe, user.uid, user.gid);
    return (await lstat(probe)).uid === user.uid;
  } catch (error) {
    if (codeOf(error) === 'EPERM' || codeOf(error) === 'EINVAL') return false;
    throw error;
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}

/** A new folder each time: a re-created data folder must not find the data of a deleted one. */
async function settleElsewhere(options: HomeOptions, user?: ServerUser): Promise<string> {
  const { dataDir, places, logger } = options;
  // What lies in a temporary place was not meant to outlive it.
  const isScratch = dataDir.startsWith((await realpath(places.scratchDir)) + sep);
  const parent = isScratch ? undefined : await enterSystemDir(places.systemDir, user);
  if (parent === undefined && (await findBlocker(places.scratchDir, user)) !== undefined) {
    throw unusable(dataDir, `user ${user?.uid}, who runs PostgreSQL, cannot enter it`);
  }
  const home = await mkdtemp(join(parent ?? places.scratchDir, 'portolan-'));
  await chmod(home, 0o711);
  await writeFile(join(home, 'origin'), `The database of Portolan's data folder ${dataDir}\n`);
  if (!createWhole(join(dataDir, 'postgres.location'), `${home}\n`)) {
    await rm(home, { recursive: true, force: true });
    return (await readFile(join(dataDir, 'postgres.location'), 'utf8')).trim();
  }
  const message = `the database of ${dataDir} lives in ${home}: PostgreSQL cannot enter the former`;
  if (parent === undefined && !isScratch) {
    logger?.warn({ dataDir, home }, `${message}; the latter is temporary, so choose another`);
  } else logger?.info({ dataDir, home }, message);
  return home;
}

/**
 * The durable place for data and programs, if root alone writes there and `user` can enter it.
 * @returns undefined when it cannot be used
 */
export async function enterSystemDir(
  systemDir: string,
  user: ServerUser | undefined,
): Promise<string | undefined> {
  if (user === undefined) return undefined;
  try {
    if ((await mkdir(systemDir, { recursive: true })) !== undefined) await chmod(systemDir, 0o711);
    const { uid, mode } = await lstat(await realpath(systemDir));
    if (uid !== 0 || (mode & 0o022) !== 0) return undefined;
    return (await findBlocker(systemDir, user)) === undefined ? systemDir : undefined;
  } catch {
    return undefined;
  }
}

function unusable(path: string, why: string, cause?: unknown): EmbeddedPostgresError {
  const message = `The data folder ${path} cannot be used: ${why}.`;
  return new EmbeddedPostgresError('data-folder-unusable', message, { cause });
}
