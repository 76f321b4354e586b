/**
 * Numbered SQL files under an advisory lock: each runs once, in its own transaction, in order.
 * A landed file is never edited; its checksum is kept and compared.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { packageRoot } from '../lib/package-root.ts';
import type { Database } from './database.ts';

/** Any constant will do, as long as every process uses the same. */
const LOCK = 7_061_994;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name));
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migrations (name, sha256, applied_at) values ($1, $2, now())', [
      migration.name,
      migration.sha256,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${migration.name} failed`, { cause: error });
  }
}

function check(migrations: readonly Migration[], applied: ReadonlyMap<string, string>): void {
  const known = new Set(migrations.map((migration) => migration.name));
  for (const name of applied.keys()) {
    if (!known.has(name))
      throw new Error(`the database is newer than this version: it has ${name}`);
  }
  for (const { name, sha256 } of migrations) {
    const was = applied.get(name);
    if (was !== undefined && was !== sha256) {
      throw new Error(`migration ${name} was edited after it had been applied`);
    }
  }
}

/** Brings the schema up to date; names of the files applied now. Safe to run in many processes. */
export async function migrate(
  database: Database,
  folder = join(packageRoot(), 'migrations'),
): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await database.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      'create table if not exists migrations (name text primary key, sha256 text not null, applied_at timestamptz not null)',
    );
    const rows = await client.query<{ name: string; sha256: string }>(
      'select name, sha256 from migrations',
    );
    const applied = new Map(rows.rows.map((row) => [row.name, row.sha256]));
    check(migrations, applied);
    const due = migrations.filter((migration) => !applied.has(migration.name));
    for (const migration of due) await apply(client, migration);
    return due.map((migration) => migration.name);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    client.release();
  }
}
