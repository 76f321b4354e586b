/**
 * migrations/schema.sql is what the migrations add up to. After a new migration run
 * `npm run schema`, which sets PORTOLAN_WRITE_SCHEMA, and commit the difference.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../src/lib/package-root.ts';
import { migrate } from '../src/store/migrate.ts';
import { dumpSchema } from '../src/store/schema-dump.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const file = join(packageRoot(), 'migrations', 'schema.sql');
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

it('is the sum of the migrations', async () => {
  const text = await dumpSchema(test.database);
  if (process.env['PORTOLAN_WRITE_SCHEMA'] === '1') await writeFile(file, text);
  expect(text).toBe(await readFile(file, 'utf8'));
});

it('is not changed by migrating again, also when many processes do', async () => {
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(test.database)));
  expect(applied).toEqual([[], [], [], []]);
});

it('comes from migrations that are numbered one after another', async () => {
  const names = await readdir(join(packageRoot(), 'migrations'));
  const numbers = names.flatMap((name) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1] ?? []);
  expect(numbers.sort()).toEqual(numbers.map((_, at) => String(at + 1).padStart(4, '0')));
});
