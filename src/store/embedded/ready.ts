// Waits until the server takes connections, and makes Portolan's database where it is missing.
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { codeOf, EmbeddedPostgresError, lineOf } from './errors.ts';

/** Crash recovery reads up to max_wal_size of log before the server answers. */
const READY_TIMEOUT_MS = 300_000;
const RETRY_MS = 10;
/** Recovery may take long, and each question that comes too early is a line in the log. */
const RETRY_MS_MAX = 100;

// What a server that is about to come up answers: no socket yet, nobody listening, starting up.
const NOT_YET = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03']);

/**
 * @param hasEnded tells whether the server process is gone
 * @returns false when it ended before it was ready
 * @throws EmbeddedPostgresError `start-failed` when it refuses us or takes too long
 */
export async function waitUntilReady(url: string, hasEnded: () => boolean): Promise<boolean> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let retryMs = RETRY_MS;
  while (performance.now() < deadline) {
    const refusal = await connectOnce(url);
    if (refusal === undefined) return true;
    const code = codeOf(refusal);
    if (code === '3D000') await createDatabase(url);
    else if (hasEnded()) return false;
    // An error without a code is a connection that broke off: the server is ending or starting.
    else if (code !== undefined && !NOT_YET.has(code)) {
      throw failed(`PostgreSQL refuses us: ${lineOf(refusal)}`, refusal);
    } else {
      await wait(retryMs);
      retryMs = Math.min(retryMs * 1.5, RETRY_MS_MAX);
    }
  }
  throw failed(`PostgreSQL was not ready after ${READY_TIMEOUT_MS} ms`);
}

/** The error that a connection met, or undefined when it stood. */
async function connectOnce(url: string): Promise<unknown> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A connection that breaks while it closes must not end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error ?? new Error('unknown');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The URL names the database as its path; `postgres` exists in every cluster. */
async function createDatabase(url: string): Promise<void> {
  const target = new URL(url);
  const name = target.pathname.slice(1);
  target.pathname = '/postgres';
  const client = new Client({ connectionString: target.href });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    throw failed(`the database ${name} cannot be created: ${lineOf(error)}`, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function failed(message: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError('start-failed', message, { cause });
}
