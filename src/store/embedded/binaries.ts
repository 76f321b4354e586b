// Makes the PostgreSQL programs usable by the user that will run them.
//
// In place when that works. Otherwise from a copy: npm's install scripts may be blocked (then the
// library links are missing), node_modules may be read-only, and a checkout may lie under a folder
// that only root enters. The user's own folders are never opened up instead.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, EmbeddedPostgresError, lineOf } from './errors.ts';
import { exists, syncFolder } from './files.ts';
import { packageVersion } from './package.ts';
import type { Binaries, EmbeddedLogger, ServerUser } from './types.ts';
import { allows, findBlocker } from './user.ts';

interface LibraryLink {
  /** What the link holds: a file name in the same folder. */
  readonly target: string;
  /** Where the link belongs, from the package's folder. */
  readonly path: string;
}

export interface BinariesOptions {
  readonly packageDir: string;
  readonly user: ServerUser | undefined;
  /** Folders that may take a copy, best first; each can be entered by `user`. */
  copyDirs(): Promise<readonly string[]>;
  readonly logger: EmbeddedLogger | undefined;
}

/** @throws EmbeddedPostgresError `binaries-missing` */
export async function prepareBinaries(options: BinariesOptions): Promise<Binaries> {
  const { packageDir, user, logger } = options;
  const links = await readLinks(packageDir);
  if ((await isRunnable(packageDir, user)) && (await makeLinks(packageDir, links))) {
    return programsIn(packageDir);
  }
  const name = `${basename(packageDir)}-${packageVersion(packageDir)}`;
  const failures: string[] = [];
  for (const copyDir of await options.copyDirs()) {
    const copy = join(copyDir, name);
    try {
      if (!(await isWholeCopy(packageDir, copy))) {
        await makeCopy({ packageDir, copy, links });
        logger?.info({ from: packageDir, to: copy }, 'copied the PostgreSQL programs');
      }
      return programsIn(copy);
    } catch (error) {
      failures.push(lineOf(error));
    }
  }
  throw new EmbeddedPostgresError(
    'binaries-missing',
    `The PostgreSQL programs in ${packageDir} cannot be used nor copied: ${failures.join('; ')}`,
  );
}

function programsIn(packageDir: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(packageDir, 'native', 'bin', `${name}${suffix}`);
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    pgCtl: program('pg_ctl'),
    major: packageVersion(packageDir).split('.')[0] ?? '',
  };
}

/** Samples one file of each kind: npm gives all files of a package the same treatment. */
async function isRunnable(packageDir: string, user: ServerUser | undefined): Promise<boolean> {
  const { postgres, initdb } = programsIn(packageDir);
  const share = join(packageDir, 'native', 'share', 'postgresql', 'postgres.bki');
  if (!(await exists(postgres)) || !(await exists(initdb))) {
    throw new EmbeddedPostgresError('binaries-missing', `${postgres} is missing; run npm ci.`);
  }
  if (process.platform === 'win32') return true;
  const runner = user ?? { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  for (const program of [postgres, initdb]) {
    if ((await findBlocker(dirname(program), user)) !== undefined) return false;
    const file = await stat(program);
    if (!allows(file, runner, 'execute') || !allows(file, runner, 'read')) return false;
  }
  const isShareReachable = (await findBlocker(dirname(share), user)) === undefined;
  return isShareReachable && allows(await stat(share), runner, 'read');
}

/** The package's list of library links, which npm archives cannot hold as such. */
async function readLinks(packageDir: string): Promise<readonly LibraryLink[]> {
  const path = join(packageDir, 'native', 'pg-symlinks.json');
  if (!(await exists(path))) return [];
  const list: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    if (!('source' in item) || !('target' in item)) return [];
    return [{ target: basename(String(item.source)), path: String(item.target) }];
  });
}

/** Makes those links that are missing, as the package's install script does. */
async function makeLinks(packageDir: string, links: readonly LibraryLink[]): Promise<boolean> {
  for (const link of links) {
    const path = join(packageDir, link.path);
    if (await exists(path)) continue;
    try {
      await symlink(link.target, path);
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'EEXIST') continue;
      if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return false;
      throw error;
    }
  }
  return true;
}

/** Copies beside the final name, then renames: a reader sees no copy or a whole one. */
async function makeCopy(options: {
  packageDir: string;
  copy: string;
  links: readonly LibraryLink[];
}): Promise<void> {
  const { packageDir, copy, links } = options;
  const tag = randomBytes(6).toString('hex');
  const draft = `${copy}.${tag}.new`;
  const old = `${copy}.${tag}.old`;
  await makeFolder(dirname(copy));
  try {
    await makeFolder(draft);
    for (const name of await listFiles(packageDir)) {
      await makeFolder(dirname(join(draft, name)));
      await copyFile(join(packageDir, name), join(draft, name), constants.COPYFILE_FICLONE);
      await chmod(join(draft, name), name.includes(join('native', 'bin')) ? 0o755 : 0o644);
    }
    await makeLinks(draft, links);
    if (await exists(copy)) await rename(copy, old);
    await rename(draft, copy);
    await syncFolder(dirname(copy));
  } catch (error) {
    // Another process was faster; its copy is as good as ours.
    if (!(await isWholeCopy(packageDir, copy))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/** Other users must enter it, whatever the umask of this process. */
async function makeFolder(path: string): Promise<void> {
  if (await exists(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

/** Compares sizes, because a power cut can leave a renamed copy with empty files. */
async function isWholeCopy(packageDir: string, copy: string): Promise<boolean> {
  if (!(await exists(copy))) return false;
  for (const name of await listFiles(packageDir)) {
    const file = join(copy, name);
    if (!(await exists(file))) return false;
    if ((await stat(file)).size !== (await stat(join(packageDir, name))).size) return false;
  }
  const links = await readLinks(copy);
  return (await Promise.all(links.map((link) => exists(join(copy, link.path))))).every(Boolean);
}

/** Plain files needed at run time, from the package's folder; no static libraries, no links. */
async function listFiles(packageDir: string): Promise<readonly string[]> {
  const entries = await readdir(join(packageDir, 'native'), {
    recursive: true,
    withFileTypes: true,
  });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.a'))
    .map((entry) => join(entry.parentPath, entry.name).slice(packageDir.length + 1));
  return ['package.json', ...names];
}
