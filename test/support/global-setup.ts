/**
 * One private PostgreSQL for a whole test run, with a migrated template: each test file that
 * touches data creates a database of its own from it (see database.ts).
 */
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/store/database.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded/index.ts';
import { migrate } from '../../src/store/migrate.ts';
import { removeFolder } from './hub-process.ts';
import { TEMPLATE, withDatabaseName } from './names.ts';
import { endLeftHubs, makeScratch } from './scratch.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Server of this run; the path names no database that tests may use. */
    postgresUrl: string;
  }
}

async function makeTemplate(url: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`create database ${TEMPLATE}`);
  await admin.end();
  const database = openDatabase({
    connectionString: withDatabaseName(url, TEMPLATE),
    connectionsMax: 2,
    onError: () => undefined,
  });
  await migrate(database);
  await database.close();
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const left of endLeftHubs()) await removeFolder(left);
  const folder = await makeScratch('test');
  const server = await startEmbeddedPostgres({
    dataDir: folder,
    // A test run's data need not survive the machine; everything else is as in production.
    settings: { fsync: 'off', max_connections: '300' },
  });
  await makeTemplate(server.url);
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await removeFolder(folder);
  };
}
