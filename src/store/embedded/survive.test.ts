// The launcher in processes of its own: killed, run twice at once, ended without a stop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compileLauncher,
  endRuns,
  installPackages,
  type Launcher,
  run,
  type Started,
  spawnRun,
} from '../../../test/support/embedded-launcher.ts';
import { isAlive, isServerOf } from './processes.ts';

let launcher: Launcher;
let dataDir: string;
let count = 0;
beforeAll(async () => {
  launcher = await compileLauncher();
  installPackages(launcher);
});
beforeEach(() => {
  count += 1;
  dataDir = join(realpathSync(launcher.dir), `data-${count}`);
});
afterEach(endRuns);
afterAll(() => launcher.remove());

const places = () => ({ systemDir: join(launcher.dir, 'system') });
const begin = () => run({ launcher, options: { dataDir, places: places() } });
const LEFTOVER = 'stopped the PostgreSQL that a killed process left running';

async function beginWell(): Promise<{ node: Awaited<ReturnType<typeof run>>; server: Started }> {
  const node = await begin();
  if (node.started === undefined) throw new Error(node.failed?.message);
  return { node, server: node.started };
}

async function query(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] ?? {};
  } finally {
    await client.end();
  }
}

describe('after kill -9', () => {
  it('of Node, the next start ends the server left behind and finds the data', async () => {
    const { node, server } = await beginWell();
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await node.kill('SIGKILL');
    expect(isAlive(server.pid)).toBe(true);

    const { node: next, server: later } = await beginWell();
    expect(next.logs).toContain(LEFTOVER);
    expect(isAlive(server.pid)).toBe(false);
    expect(await query(later.url, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
  });

  it('of Node with open transactions, too', async () => {
    const { node, server } = await beginWell();
    const client = new Client({ connectionString: server.url });
    client.on('error', () => undefined);
    const lost = new Promise<void>((resolve) => client.once('end', resolve));
    await client.connect();
    await client.query('BEGIN');
    await client.query('CREATE TABLE never (x int)');
    await node.kill('SIGKILL');
    const { server: later } = await beginWell();
    await lost;
    expect(await query(later.url, "SELECT to_regclass('never') AS found")).toEqual({ found: null });
  });

  it('of Node and server, the log is replayed', async () => {
    const { node, server } = await beginWell();
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await node.kill('SIGKILL');
    process.kill(server.pid, 'SIGKILL');
    const { server: later } = await beginWell();
    expect(await query(later.url, 'SELECT answer FROM kept')).toEqual({ answer: 42 });
    const log = readFileSync(join(later.homeDir, 'postgres.log'), 'utf8');
    expect(log).toContain('automatic recovery in progress');
  });

  it('of the server alone, a stop and a new start work', async () => {
    const { node, server } = await beginWell();
    process.kill(server.pid, 'SIGKILL');
    expect(await node.finish('stop')).toBe(0);
    const { server: later } = await beginWell();
    expect(await query(later.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
  });

  it('a recycled process id in the pid file stops nothing', async () => {
    const { node, server } = await beginWell();
    await node.kill('SIGKILL');
    process.kill(server.pid, 'SIGKILL');
    // A stranger that runs as the same user: PostgreSQL by itself would refuse to start.
    const { uid, gid } = statSync(join(server.homeDir, 'cluster/data'));
    const stranger = spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'], uid, gid });
    await once(stranger, 'spawn');
    try {
      const pidFile = join(server.homeDir, 'cluster/data/postmaster.pid');
      const text = readFileSync(pidFile, 'utf8').replace(/^\d+/, String(stranger.pid));
      writeFileSync(pidFile, text);
      const { server: later } = await beginWell();
      expect(await query(later.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
      expect(isAlive(stranger.pid ?? 0)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('in the middle of the first start, the next one begins anew', async () => {
    mkdirSync(join(dataDir, 'postgres'), { recursive: true });
    chmodSync(dataDir, 0o711);
    const watcher = watch(join(dataDir, 'postgres'));
    const node = spawnRun({ launcher, options: { dataDir, places: places() } });
    try {
      for (let name = ''; !name.startsWith('cluster.new-'); ) {
        name = String((await once(watcher, 'change'))[1]);
      }
    } finally {
      watcher.close();
      node.kill('SIGKILL');
    }
    await once(node, 'exit');
    const { server } = await beginWell();
    expect(await query(server.url, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
  });
});

describe('two starts on one data folder', () => {
  it('the second says who holds it; after a kill -9 of the first, a start works', async () => {
    const { node, server } = await beginWell();
    const second = await begin();
    expect(second.failed).toEqual({
      code: 'data-folder-in-use',
      message: expect.stringMatching(
        `^The data folder ${dataDir} is in use by process ${node.node.pid};`,
      ),
    });
    expect(isAlive(server.pid)).toBe(true);
    await node.kill('SIGKILL');
    await beginWell();
  });

  it('at the same moment, on a new folder: one wins, the others say so', async () => {
    const results = await Promise.all([begin(), begin(), begin()]);
    expect(results.filter((result) => result.started !== undefined)).toHaveLength(1);
    const codes = results.flatMap((result) => result.failed?.code ?? []);
    expect(codes).toEqual(['data-folder-in-use', 'data-folder-in-use']);
  });

  it('after a stop, another process may start', async () => {
    const { node } = await beginWell();
    expect(await node.finish('stop')).toBe(0);
    const { node: next } = await beginWell();
    expect(next.logs).toEqual([]);
  });
});

describe('an end without a stop', () => {
  const ended = (pid: number) => expect.poll(() => isAlive(pid), { interval: 5, timeout: 90_000 });

  it.each(['exit', 'end'] as const)('by %s takes the server along', async (word) => {
    const { node, server } = await beginWell();
    expect(await node.finish(word)).toBe(0);
    await ended(server.pid).toBe(false);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s takes the server along',
    async (signal) => {
      const { node, server } = await beginWell();
      await node.kill(signal);
      expect(node.node.signalCode).toBe(signal);
      await ended(server.pid).toBe(false);
    },
  );

  it('by the keyboard leaves the server to Node: it has a process group of its own', async () => {
    const { server } = await beginWell();
    // The group that Ctrl-C would reach has the number of its leader.
    expect(() => process.kill(-server.pid, 0)).not.toThrow();
    expect(isServerOf(server.pid, join(server.homeDir, 'cluster/data'))).toBe(true);
  });
});

describe('the environment', () => {
  it('of the caller disturbs neither programs nor connection', async () => {
    const bad = join(launcher.dir, 'bad-libraries');
    mkdirSync(bad, { recursive: true });
    for (const name of ['libpq.so.5', 'libz.so.1']) writeFileSync(join(bad, name), 'not a library');
    const env = {
      ...{ PGDATA: '/nowhere', PGHOST: '192.0.2.1', PGPORT: '1', PGUSER: 'x', PGDATABASE: 'x' },
      ...{ PGPASSWORD: 'x', PGSSLMODE: 'require', PGTZ: 'Mars', LC_ALL: 'xx_YY', LANG: 'de_DE' },
      ...{ TZ: 'Nowhere/City', LD_LIBRARY_PATH: bad },
    };
    const options = { dataDir, places: places(), umask: 0o077 };
    const { started, failed } = await run({ launcher, options, env });
    expect(failed).toBeUndefined();
    expect(started?.homeDir).toBe(join(dataDir, 'postgres'));
    const time = await query(started?.url ?? '', 'SHOW timezone');
    expect(time).toEqual({ TimeZone: 'UTC' });
    rmSync(bad, { recursive: true });
  });
});
