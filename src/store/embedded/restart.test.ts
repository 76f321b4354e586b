// A real server that dies under a connected pool, and what takes its place.
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pidOfServer } from '../../../test/support/embedded-launcher.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './index.ts';
import { clusterNameOf } from './orphans.ts';
import { isAlive, processesTitled } from './processes.ts';

interface Bench {
  readonly server: EmbeddedPostgres;
  readonly pool: Pool;
  readonly pgData: string;
  /** Resolves the next time that the launcher calls `onRestart`. */
  restarted(): Promise<void>;
}

let dir: string;
let bench: Bench;
let lines: string[];
beforeEach(async () => {
  dir = mkdtempSync(join(realpathSync(tmpdir()), 'portolan-restart-'));
  // So that a server started by root for another user needs no place outside.
  chmodSync(dir, 0o711);
  lines = [];
  bench = await begin();
});
afterEach(async () => {
  await bench.pool.end();
  await bench.server.stop();
  expect(left(bench.pgData)).toEqual([]);
  rmSync(dir, { recursive: true, force: true });
});

async function begin(): Promise<Bench> {
  const waiting: (() => void)[] = [];
  const server = await startEmbeddedPostgres({
    dataDir: join(dir, 'data'),
    places: { systemDir: join(dir, 'system') },
    // The last one shows only in a standby, which some tests make of it: it refuses everybody.
    settings: { fsync: 'off', hot_standby: 'off' },
    logger: {
      info: (_, message) => lines.push(`info: ${message}`),
      warn: (_, message) => lines.push(`warn: ${message}`),
    },
    onRestart: () => waiting.splice(0).forEach((resolve) => void resolve()),
  });
  lines.splice(0);
  const pool = new Pool({ connectionString: server.url });
  pool.on('error', () => undefined);
  const restarted = () => new Promise<void>((resolve) => waiting.push(resolve));
  return { server, pool, pgData: join(server.homeDir, 'cluster/data'), restarted };
}

/** Process ids of a database: sessions and helpers by their title, the server by its pid file. */
function left(pgData: string): readonly number[] {
  const titled = processesTitled(`postgres: ${clusterNameOf(pgData)}: `).map(({ pid }) => pid);
  const server = pidOfServer(pgData);
  return server === undefined || server === process.pid || !isAlive(server)
    ? titled
    : [server, ...titled];
}

const kill = (pid: number) => process.kill(pid, 'SIGKILL');
const died = 'warn: the embedded PostgreSQL ended by itself';
const back = 'info: the embedded PostgreSQL is back';

async function answerOf(pool: Pool, sql: string): Promise<unknown> {
  const { rows } = await pool.query<{ answer: unknown }>(sql);
  return rows[0]?.answer;
}

/** From now on a restart stays in the middle: the server runs but takes no connections. */
const holdRestarts = () => writeFileSync(join(bench.pgData, 'standby.signal'), '');
const letRestart = () => rmSync(join(bench.pgData, 'standby.signal'));

/** Waits for a server after `known` that answers, if only that it is starting up. */
async function startingUp(known: number): Promise<number> {
  const code = () =>
    bench.pool.query('select 1').then(
      () => 'ready',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined),
    );
  await expect.poll(code, { interval: 5, timeout: 90_000 }).toBe('57P03');
  const pid = pidOfServer(bench.pgData) ?? 0;
  expect(pid).not.toBe(known);
  return pid;
}

describe('kill -9 of the server', () => {
  it('is a short pause for a connected pool: same address, same data', async () => {
    const { server, pool, restarted } = bench;
    const { url, pid } = server;
    await pool.query('create table kept as select 42 as answer');
    const again = restarted();
    kill(pid);
    await again;
    expect(await answerOf(pool, 'select answer from kept')).toBe(42);
    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(pid);
    expect(isAlive(server.pid)).toBe(true);
    expect(lines).toEqual([died, back]);
  });

  it('three times in a row is survived three times', async () => {
    const { server, pool, restarted } = bench;
    await pool.query('create table kept (answer int)');
    for (const answer of [1, 2, 3]) {
      await pool.query('insert into kept values ($1)', [answer]);
      const again = restarted();
      kill(server.pid);
      await again;
    }
    expect(await answerOf(pool, 'select sum(answer)::int as answer from kept')).toBe(6);
    expect(lines).toEqual([died, back, died, back, died, back]);
  });

  it('ends sessions that are busy and would not notice', async () => {
    const { server, pool, restarted } = bench;
    const session = await pool.connect();
    session.on('error', () => undefined);
    const busy = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
    const endless = session.query('do $$ begin loop null; end loop; end $$');
    const running = "select count(*)::int as answer from pg_stat_activity where query like 'do %'";
    await expect.poll(() => answerOf(pool, running), { interval: 5 }).toBe(1);
    const again = restarted();
    kill(server.pid);
    await expect(endless).rejects.toThrow();
    session.release(true);
    await again;
    expect(isAlive(busy.rows[0]?.pid ?? 0)).toBe(false);
    expect(await answerOf(pool, 'select 1 as answer')).toBe(1);
  });

  it('while another one is starting up starts the next', async () => {
    const { server, pool, restarted } = bench;
    await pool.query('create table kept as select 42 as answer');
    const again = restarted();
    holdRestarts();
    kill(server.pid);
    const halfway = await startingUp(server.pid);
    letRestart();
    kill(halfway);
    await again;
    expect(await answerOf(pool, 'select answer from kept')).toBe(42);
    expect(server.pid).not.toBe(halfway);
    const failed = 'warn: the embedded PostgreSQL could not be started again';
    expect(lines).toEqual([died, failed, back]);
  });

  it('during a stop is no reason to start again', async () => {
    const { server, pool, pgData } = bench;
    const session = await pool.connect();
    session.on('error', () => undefined);
    const stopped = server.stop();
    kill(server.pid);
    await stopped;
    session.release(true);
    expect(left(pgData)).toEqual([]);
    expect(lines).toEqual([]);
  });
});

describe('stop', () => {
  it('while a server is starting up ends that one, and nothing follows', async () => {
    const { server, pgData } = bench;
    holdRestarts();
    kill(server.pid);
    const halfway = await startingUp(server.pid);
    await server.stop();
    expect(isAlive(halfway)).toBe(false);
    expect(left(pgData)).toEqual([]);
    expect(lines).toEqual([died]);
  });

  it('right after the end of a server leaves nothing, and the folder is free', async () => {
    const { server, pool, pgData } = bench;
    await pool.query('create table kept as select 42 as answer');
    kill(server.pid);
    await expect.poll(() => lines, { interval: 1 }).toEqual([died]);
    await server.stop();
    expect(left(pgData)).toEqual([]);
    await pool.end();
    bench = await begin();
    expect(await answerOf(bench.pool, 'select answer from kept')).toBe(42);
  });
});

describe('a data folder that was deleted and made anew by somebody else', () => {
  it('is left to its new owner', async () => {
    const old = bench;
    rmSync(join(dir, 'data'), { recursive: true });
    bench = await begin();
    kill(old.server.pid);
    const lost = 'warn: the embedded PostgreSQL could not be started again';
    await expect.poll(() => lines).toContain(lost);
    await old.pool.end();
    await old.server.stop();
    expect(await answerOf(bench.pool, 'select 1 as answer')).toBe(1);
  });
});
