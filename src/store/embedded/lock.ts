// One Portolan per data folder: a lock owned by the Node process, valid only while that lives.
//
// Node has no flock(2), and "delete the stale lock file, create mine" lets two late comers delete
// each other's. So the lock is a row of numbered files that only grows:
//   - whoever holds the highest number holds the lock, if it lives and has not released it;
//   - the next owner creates highest + 1, which one contender only can do (hard link, EEXIST);
//   - it then looks again: a still higher number means that it was late, and it withdraws;
//   - lower numbers are deleted, the highest never, so a number cannot be given twice.
// The holder is told by process id and start time: a `kill -9` frees the lock at once.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, EmbeddedPostgresError } from './errors.ts';
import { createWhole, replaceWhole } from './files.ts';
import { isAlive, startMark } from './processes.ts';

export interface FolderLock {
  /** Frees the lock; a second call does nothing. */
  release(): void;
  /** False when its file was deleted, for instance with the whole data folder, or replaced. */
  isHeld(): boolean;
}

interface Holder {
  readonly pid: number;
  readonly mark: string | undefined;
}

const ATTEMPTS_MAX = 100;
const FREE = JSON.stringify({ free: true });

/**
 * Takes the lock kept in `lockDir` for this process.
 * @param folder the data folder, named in the error
 * @throws EmbeddedPostgresError `data-folder-in-use`, naming the folder and the process id
 */
export function takeLock(lockDir: string, folder: string): FolderLock {
  mkdirSync(lockDir, { recursive: true, mode: 0o700 });
  const mine = JSON.stringify({
    pid: process.pid,
    mark: startMark(process.pid),
    id: randomUUID(),
  });
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const highest = highestNumber(lockDir);
    const holder = highest === 0 ? undefined : readHolder(join(lockDir, String(highest)));
    if (holder !== undefined && isHolding(holder)) throw inUse(folder, holder.pid);
    const path = join(lockDir, String(highest + 1));
    if (!createWhole(path, mine)) continue;
    if (highestNumber(lockDir) === highest + 1) {
      return held(lockDir, { number: highest + 1, mine });
    }
    rmSync(path, { force: true });
  }
  throw new EmbeddedPostgresError(
    'data-folder-in-use',
    `The data folder ${folder} is being started by several processes at once; try again.`,
  );
}

function held(lockDir: string, { number, mine }: { number: number; mine: string }): FolderLock {
  const path = join(lockDir, String(number));
  for (const name of readdirSync(lockDir)) {
    const isOlder = /^\d+$/.test(name) && Number(name) < number;
    if (isOlder || name.endsWith('.tmp')) rmSync(join(lockDir, name), { force: true });
  }
  const isHeld = () => {
    try {
      return readFileSync(path, 'utf8') === mine;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  };
  return {
    isHeld,
    release() {
      // Released before; or the data folder was deleted under us, and perhaps made anew.
      if (isHeld()) replaceWhole(path, FREE);
    },
  };
}

function inUse(folder: string, pid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data-folder-in-use',
    `The data folder ${folder} is in use by process ${pid}; stop that one first.`,
  );
}

function isHolding(holder: Holder): boolean {
  if (!isAlive(holder.pid)) return false;
  const mark = startMark(holder.pid);
  return mark === undefined || holder.mark === undefined || mark === holder.mark;
}

function highestNumber(lockDir: string): number {
  const numbers = readdirSync(lockDir).filter((name) => /^\d+$/.test(name));
  return Math.max(0, ...numbers.map(Number));
}

/** Undefined when nobody holds it: released, deleted meanwhile, or emptied by a power cut. */
function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value)) return undefined;
    if (typeof value.pid !== 'number') return undefined;
    const mark = 'mark' in value && typeof value.mark === 'string' ? value.mark : undefined;
    return { pid: value.pid, mark };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
