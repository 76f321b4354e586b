/**
 * Looks at what the settings name before anything is built on it, so that a wrong one is told by its
 * name, in one line, and leaves nothing behind: no bucket taken, no schema changed.
 */
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { ConfigError } from './config.ts';
import { codeOf } from './lib/error-code.ts';
import { type Database, sqlState } from './store/database.ts';
import { EmbeddedPostgresError, startEmbeddedPostgres } from './store/embedded/index.ts';
import { makeFolder } from './store/embedded/make-folder.ts';

/** Makes the folder when it is missing. Throws ConfigError for `PORTOLAN_DATA_DIR`. */
export async function checkDataDir(dataDir: string): Promise<void> {
  const path = resolve(dataDir);
  const unusable = (why: string) =>
    new ConfigError('PORTOLAN_DATA_DIR', `${path} cannot be used: ${why}`);
  try {
    await makeFolder(path);
    if (!(await stat(path)).isDirectory()) throw unusable('it is not a folder');
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw error instanceof ConfigError ? error : unusable(codeOf(error) || String(error));
  }
}

/** Throws ConfigError for `DATABASE_URL`, with the server's name and without the password. */
export async function checkDatabase(database: Database, url: string): Promise<void> {
  try {
    (await database.connect()).release();
  } catch (error) {
    const isAnswer = sqlState(error) !== undefined;
    const did = isAnswer ? 'refuses' : 'cannot be reached';
    const at = new URL(url).host || 'its socket';
    throw new ConfigError('DATABASE_URL', `${did} (${at}): ${withoutPassword(whyOf(error), url)}`);
  }
}

/** A host of several addresses fails with one error for each, and no text of its own. */
function whyOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(whyOf).join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error) || error.name;
}

function withoutPassword(text: string, url: string): string {
  const { password } = new URL(url);
  if (password === '') return text;
  return text.replaceAll(password, '***').replaceAll(decoded(password), '***');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Starts the private PostgreSQL. Throws ConfigError where its folder is the trouble. */
export async function startPrivate({ dataDir }: { dataDir: string }, logger: Logger) {
  try {
    return await startEmbeddedPostgres({ dataDir, logger });
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error;
    throw error.code === 'data-folder-unusable'
      ? new ConfigError('PORTOLAN_DATA_DIR', error.message)
      : error;
  }
}
