/** A throw-away database per test file, made from the migrated template. */
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { TEMPLATE, withDatabaseName } from './names.ts';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  readonly drop: () => Promise<void>;
}

let made = 0;

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A database without rows, migrated unless it is to be `bare`; call `drop` in `afterAll`. */
export async function createTestDatabase({ bare = false } = {}): Promise<TestDatabase> {
  made += 1;
  const name = `t_${process.pid}_${Date.now()}_${made}`;
  await asAdmin(`create database ${name} template ${bare ? 'template0' : TEMPLATE}`);
  const url = withDatabaseName(inject('postgresUrl'), name);
  const errors: Error[] = [];
  const database = openDatabase({
    connectionString: url,
    connectionsMax: 8,
    onError: (error) => errors.push(error),
  });
  const drop = async () => {
    await database.close();
    // Dropping ends connections that are still closing; only what failed before is a fault.
    const [error] = errors;
    await asAdmin(`drop database if exists ${name} with (force)`);
    if (error !== undefined) throw error;
  };
  return { url, database, drop };
}
