// The launcher with the real programs, inside this process: what a start gives, wherever it is.
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './index.ts';
import { findPackageDir, packageNameFor } from './package.ts';
import { isAlive } from './processes.ts';

const FAST = { fsync: 'off' };
const installed = findPackageDir(packageNameFor(process.platform, process.arch));

let dir: string;
let servers: EmbeddedPostgres[];
let warnings: string[];
beforeEach(() => {
  dir = mkdtempSync(join(realpathSync(tmpdir()), 'portolan-start-'));
  // So that a server started by root for another user needs no place outside.
  chmodSync(dir, 0o711);
  servers = [];
  warnings = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(dir, { recursive: true, force: true });
});

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const logger = { info() {}, warn: (_: object, message: string) => warnings.push(message) };
  const places = { systemDir: join(dir, 'system'), ...options.places };
  const server = await startEmbeddedPostgres({ settings: FAST, logger, ...options, places });
  servers.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] ?? {};
  } finally {
    await client.end();
  }
}

describe('a start', () => {
  it('is durable, private and set for our work by default', async () => {
    const server = await start({ dataDir: join(dir, 'data'), settings: {} });
    const show = async (name: string) => (await query(server.url, `SHOW ${name}`))[name];
    expect(await show('fsync')).toBe('on');
    expect(await show('synchronous_commit')).toBe('on');
    expect(await show('listen_addresses')).toBe('');
    expect(await show('shared_buffers')).toBe('256MB');
    expect(await show('max_wal_size')).toBe('2GB');
    expect(await show('min_wal_size')).toBe('1GB');
    expect(await show('wal_init_zero')).toBe('off');
    expect(await show('bgwriter_lru_maxpages')).toBe('1000');
    expect(await show('jit')).toBe('off');
    expect(await show('server_encoding')).toBe('UTF8');
    expect(await show('password_encryption')).toBe('scram-sha-256');
    expect(
      await query(server.url, "SELECT upper('häfen') AS up, current_database() AS db"),
    ).toEqual({
      up: 'HÄFEN',
      db: 'portolan',
    });
    // One address in, one way to prove who one is.
    const rules = "SELECT string_agg(DISTINCT auth_method, ',') AS methods FROM pg_hba_file_rules";
    expect(await query(server.url, rules)).toEqual({ methods: 'scram-sha-256' });
    const wrong = server.url.replace(/:[^:@]+@/, ':wrong@');
    await expect(query(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('shows its secrets to nobody else', async () => {
    const { homeDir } = await start({ dataDir: join(dir, 'data') });
    const rights = (name: string) => statSync(join(homeDir, name)).mode & 0o077;
    expect(rights('cluster/password')).toBe(0);
    expect(rights('cluster/data')).toBe(0);
    expect(rights('cluster')).toBe(0);
    expect(rights('run')).toBe(0);
    expect(rights('lock')).toBe(0);
    expect(rights('postgres.log')).toBe(0);
    expect(lstatSync(join(homeDir, 'cluster/password')).uid).toBe(process.geteuid?.());
  });

  it('keeps the data from start to start, and stops when told, once', async () => {
    const dataDir = join(dir, 'data');
    const first = await start({ dataDir });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await Promise.all([first.stop(), first.stop()]);
    expect(isAlive(first.pid)).toBe(false);
    const second = await start({ dataDir });
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
    await first.stop();
    expect(await query(second.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
  });

  it('says so when the folder is taken, and disturbs nobody', async () => {
    const dataDir = join(dir, 'data');
    const first = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toMatchObject({
      code: 'data-folder-in-use',
      message: expect.stringMatching(
        `^The data folder ${dataDir} is in use by process ${process.pid};`,
      ),
    });
    expect(await query(first.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
  });

  it('makes the database again when it is missing', async () => {
    const dataDir = join(dir, 'data');
    const first = await start({ dataDir });
    const other = new URL(first.url);
    other.pathname = '/postgres';
    await query(other.href, 'DROP DATABASE portolan WITH (FORCE)');
    await first.stop();
    const second = await start({ dataDir });
    expect(await query(second.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
  });

  it('takes less memory where the machine refuses', async () => {
    const settings = { ...FAST, shared_buffers: '900GB', huge_pages: 'off' };
    const server = await start({ dataDir: join(dir, 'data'), settings });
    expect(await query(server.url, 'SHOW shared_buffers')).toEqual({ shared_buffers: '32MB' });
    expect(warnings).toEqual(['PostgreSQL got too little shared memory; trying with less']);
  });

  it("fails with PostgreSQL's own words, and lets the folder go", async () => {
    const dataDir = join(dir, 'data');
    await expect(start({ dataDir, settings: { max_connections: 'many' } })).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringMatching(/max_connections/),
    });
    await start({ dataDir });
  });
});

describe('a data folder', () => {
  it.each([
    ['with spaces, quotes and other scripts', `Häfen & 港, "x" 'y' $HOME %41 \\z`],
    ['with a path longer than a socket name may be', `${'deep'.repeat(20)}/${'er'.repeat(60)}`],
    ['whose parents are missing', 'a/b/c'],
  ])('%s', async (_name, name) => {
    const server = await start({ dataDir: join(dir, name) });
    expect(server.homeDir).toBe(join(dir, name, 'postgres'));
    expect(await query(server.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
    await server.stop();
    const again = await start({ dataDir: join(dir, name) });
    expect(await query(again.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
  });

  it('with a long path leaves nothing in the temporary folder', async () => {
    const scratchDir = join(dir, 'scratch');
    mkdirSync(scratchDir);
    chmodSync(scratchDir, 0o777);
    const server = await start({ dataDir: join(dir, 'x'.repeat(100)), places: { scratchDir } });
    expect(readdirSync(scratchDir)).toHaveLength(1);
    await server.stop();
    expect(readdirSync(scratchDir)).toEqual([]);
  });

  it('is the same by a relative path and through a link', async () => {
    const dataDir = join(dir, 'data');
    symlinkSync(dataDir, join(dir, 'link'));
    mkdirSync(dataDir);
    const server = await start({ dataDir: relative(process.cwd(), dataDir) });
    expect(server.dataDir).toBe(dataDir);
    const second = start({ dataDir: join(dir, 'link') });
    await expect(second).rejects.toMatchObject({ code: 'data-folder-in-use' });
  });

  it('that is a file is refused by name', async () => {
    writeFileSync(join(dir, 'file'), '');
    for (const dataDir of [join(dir, 'file'), join(dir, 'file', 'below')]) {
      await expect(start({ dataDir })).rejects.toMatchObject({
        code: 'data-folder-unusable',
        message: expect.stringContaining(dataDir),
      });
    }
  });

  it('of another major version is refused, naming both', async () => {
    const dataDir = join(dir, 'data');
    const { homeDir, stop } = await start({ dataDir });
    await stop();
    writeFileSync(join(homeDir, 'cluster/data/PG_VERSION'), '16\n');
    await expect(start({ dataDir })).rejects.toMatchObject({
      code: 'version-mismatch',
      message: expect.stringMatching(/PostgreSQL 16, .* PostgreSQL 18\.$/),
    });
  });

  it('with an unfinished first start begins anew and tidies up', async () => {
    const dataDir = join(dir, 'data');
    const draft = join(dataDir, 'postgres', 'cluster.new-abc', 'data');
    mkdirSync(draft, { recursive: true });
    chmodSync(dataDir, 0o711);
    writeFileSync(join(draft, 'PG_VERSION'), '18\n');
    const { homeDir } = await start({ dataDir });
    const drafts = readdirSync(homeDir).filter((name) => name.startsWith('cluster.new-'));
    expect(drafts).toEqual([]);
  });

  it('with stale files of a dead server starts all the same', async () => {
    const dataDir = join(dir, 'data');
    const { homeDir, stop } = await start({ dataDir });
    await stop();
    writeFileSync(join(homeDir, 'run/.s.PGSQL.5432'), '');
    writeFileSync(join(homeDir, 'run/.s.PGSQL.5432.lock'), `${process.pid}\n`);
    const server = await start({ dataDir });
    expect(await query(server.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
  });
});

describe.skipIf(process.platform === 'win32')('an install whose scripts were blocked', () => {
  let packageDir: string;
  beforeEach(() => {
    packageDir = join(dir, 'package');
    const filter = (path: string) => !lstatSync(path).isSymbolicLink();
    cpSync(installed, packageDir, { recursive: true, filter });
    chmodSync(packageDir, 0o755);
  });

  it.runIf(process.platform === 'linux')('gets its library links at the first start', async () => {
    const links = JSON.parse(readFileSync(join(packageDir, 'native/pg-symlinks.json'), 'utf8'));
    expect(links.length).toBeGreaterThan(0);
    const server = await start({ dataDir: join(dir, 'data'), places: { packageDir } });
    expect(await query(server.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
    for (const { target } of links) expect(statSync(join(packageDir, target)).isFile()).toBe(true);
  });

  it('is mended when a copy of it lost its content', async () => {
    const dataDir = join(dir, 'data');
    // Programs that lost their right to run cannot be used in place: a copy is made.
    for (const name of ['initdb', 'postgres'])
      chmodSync(join(packageDir, 'native/bin', name), 0o644);
    const places = { packageDir, systemDir: join(dir, 'file-not-folder') };
    writeFileSync(places.systemDir, '');
    const { homeDir, stop } = await start({ dataDir, places });
    await stop();
    const programs = join(homeDir, 'programs');
    const [copy = ''] = readdirSync(programs);
    const library = readdirSync(join(programs, copy, 'native/lib')).find((n) =>
      n.includes('libpq'),
    );
    writeFileSync(join(programs, copy, 'native/lib', library ?? ''), '');
    const server = await start({ dataDir, places });
    expect(await query(server.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
    expect(readdirSync(programs)).toEqual([copy]);
  });

  it('is named when it is not whole', async () => {
    rmSync(join(packageDir, 'native/bin/postgres'));
    await expect(
      start({ dataDir: join(dir, 'data'), places: { packageDir } }),
    ).rejects.toMatchObject({
      code: 'binaries-missing',
      message: expect.stringContaining(dirname(join(packageDir, 'native/bin/postgres'))),
    });
  });
});
