// Starts PostgreSQL's programs in a clean environment, as the server's user.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { codeOf, EmbeddedPostgresError, lineOf } from './errors.ts';
import type { ServerUser } from './types.ts';

export interface RunOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly user: ServerUser | undefined;
  /** A folder that the server's user can enter; the caller's own often is not. */
  readonly cwd: string;
}

/**
 * Options of `spawn`. Nothing of the caller's environment gets through: PGDATA, PGPORT, LC_ALL or
 * LD_LIBRARY_PATH would change what the programs do. Windows adds by itself what it needs.
 */
export function spawnOptions({ user, cwd }: Pick<RunOptions, 'user' | 'cwd'>): SpawnOptions {
  return {
    cwd,
    env: { LC_ALL: 'C', TZ: 'UTC' },
    // Standard input is closed: a password question must fail, not wait.
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  };
}

/** Runs a program to its end. @throws EmbeddedPostgresError `start-failed` with its last line */
export async function runToEnd(options: RunOptions): Promise<void> {
  const child = spawn(options.program, options.args, spawnOptions(options));
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4_096);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(spawnFailure(error, options.program)));
    child.once('close', resolve);
  });
  if (code === 0) return;
  const why = lineOf(stderr) || `it ended with status ${code}`;
  throw new EmbeddedPostgresError('start-failed', `${options.program} failed: ${why}`);
}

/** Waits until the program runs. @throws EmbeddedPostgresError when it cannot be started at all */
export function whenSpawned(child: ChildProcess, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(spawnFailure(error, program)));
  });
}

function spawnFailure(error: Error, program: string): EmbeddedPostgresError {
  const code = codeOf(error) ?? '';
  // The kernel says "no such file" for a program whose loader is missing: musl, as on Alpine.
  if (code === 'ENOEXEC' || (code === 'ENOENT' && existsSync(program))) {
    const message = `${program} needs glibc, which is missing here; set DATABASE_URL to a server.`;
    return new EmbeddedPostgresError('unsupported-platform', message, { cause: error });
  }
  const message = `${program} cannot be started: ${lineOf(error)}`;
  return new EmbeddedPostgresError('start-failed', message, { cause: error });
}
