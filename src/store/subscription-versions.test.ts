// Databases that are older than the versions of subscriptions, and ways of changing them that know nothing of it.
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { packageRoot } from '../lib/package-root.ts';
import { migrate } from './migrate.ts';

let test: TestDatabase;
let earlier: string;
const migrations = join(packageRoot(), 'migrations');

beforeAll(async () => {
  test = await createTestDatabase({ bare: true });
  earlier = await mkdtemp(join(tmpdir(), 'portolan-migrations-'));
  for (const name of await readdir(migrations)) {
    if (name < '0013' && name.endsWith('.sql'))
      await copyFile(join(migrations, name), join(earlier, name));
  }
});
afterAll(async () => {
  await test.drop();
  await rm(earlier, { recursive: true });
});

const organization = '00000000-0000-7000-8000-000000000000';

const insert = (id: string) => [
  `insert into subscriptions (id, organization_id, dialect, endpoint_id, url, state, filter, match_key,
     required_tags, settings, secret_sealed, created_at, updated_at)
   values ('${id}', '${organization}', 'hub', '${organization}', 'https://x.test/', 'active', '{}', '*',
     '{}', '{}', 'sealed', now(), now())`,
];

async function run(statements: readonly string[]): Promise<void> {
  for (const statement of statements) await test.database.query(statement);
}

async function version(): Promise<number | undefined> {
  const rows = await test.database.query<{ version: number }>(
    'select version from subscription_versions where organization_id = $1',
    [organization],
  );
  return rows[0]?.version;
}

it('subscriptions from before have a version, and every way to change them moves it', async () => {
  await migrate(test.database, earlier);
  await run([
    `insert into organizations (id, name, created_at) values ('${organization}', 'x', now())`,
    `insert into endpoints (id, organization_id, url, created_at)
     values ('${organization}', '${organization}', 'https://x.test/', now())`,
    ...insert('00000000-0000-7000-8000-000000000001'),
  ]);
  await migrate(test.database);
  expect(await version()).toBe(1);
  await test.database.transaction(() =>
    run([
      ...insert('00000000-0000-7000-8000-000000000002'),
      `update subscriptions set state = 'paused'`,
      `update subscriptions set required_tags = '{way:in}'`,
    ]),
  );
  // Whoever reads in between sees nothing of that transaction, so it counts once.
  expect(await version()).toBe(2);
  await run([`update subscriptions set expires_at = now()`]);
  expect(await version()).toBe(3);
  await run([`update subscriptions set updated_at = now(), notices = true, state = state`]);
  expect(await version()).toBe(3);
  await run(['delete from subscriptions']);
  expect(await version()).toBe(4);
});
