// Chooses the user that PostgreSQL runs as, and tells what that user can reach.
//
// PostgreSQL refuses to run as root. Started by root it gets an unprivileged user that has a name
// in /etc/passwd, because initdb refuses a nameless one. Started by anybody else it runs as that.
import type { Stats } from 'node:fs';
import { access, constants, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerUser } from './types.ts';

/** An administrator may give Portolan its own user; `nobody` exists nearly everywhere. */
const NAMES_PREFERRED = ['portolan', 'nobody'];
const OVERFLOW_USER: ServerUser = { uid: 65534, gid: 65534 };

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The user to drop to; undefined when this process is not root and need not drop anything. */
export async function chooseServerUser(): Promise<ServerUser | undefined> {
  if (!isRoot()) return undefined;
  return pickUser(await readFile('/etc/passwd', 'utf8').catch(() => ''));
}

/** Picks from the text of /etc/passwd: a preferred name, else any unprivileged one, else 65534. */
export function pickUser(passwd: string): ServerUser {
  const users = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid = '', gid = '']) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter((user) => user.name !== '' && Number.isInteger(user.uid) && user.uid !== 0);
  const preferred = NAMES_PREFERRED.map((name) => users.find((user) => user.name === name));
  const { uid, gid } = preferred.find((user) => user !== undefined) ?? users[0] ?? OVERFLOW_USER;
  return { uid, gid };
}

/** The first folder on the way to `path` that the user cannot enter, or undefined. */
export async function findBlocker(path: string, user?: ServerUser): Promise<string | undefined> {
  const real = await realpath(path);
  if (user === undefined) {
    const entered = access(real, constants.R_OK | constants.X_OK);
    return entered.then(() => undefined).catch(() => real);
  }
  const folders = [real];
  for (let folder = real; folder !== dirname(folder); ) {
    folder = dirname(folder);
    folders.unshift(folder);
  }
  for (const folder of folders) {
    if (!allows(await stat(folder), user, 'execute')) return folder;
  }
  return undefined;
}

/** Reads the mode bits as the kernel does: the first class that fits decides. */
export function allows(file: Stats, user: ServerUser, right: 'read' | 'execute'): boolean {
  const bit = right === 'read' ? 4 : 1;
  if (file.uid === user.uid) return (file.mode & (bit << 6)) !== 0;
  if (file.gid === user.gid) return (file.mode & (bit << 3)) !== 0;
  return (file.mode & bit) !== 0;
}
