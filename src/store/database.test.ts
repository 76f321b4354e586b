/** The pool and its transactions against a real server that is killed, stopped, hung and cut off. */
import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pidOfServer } from '../../test/support/embedded-launcher.ts';
import { openProxy, type TestProxy } from '../../test/support/proxy.ts';
import {
  type Database,
  type DatabaseOptions,
  isReachable,
  isUnavailable,
  openDatabase,
  sqlState,
} from './database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/index.ts';

let dir: string;
let server: EmbeddedPostgres;
let proxy: TestProxy;
let waiting: (() => void)[] = [];
let errors: Error[];
const opened: Database[] = [];
let database: Database;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'portolan-database-'));
  await chmod(dir, 0o711);
  server = await startEmbeddedPostgres({
    dataDir: join(dir, 'data'),
    // The second shows only in a standby, which one test makes of it: it refuses everybody.
    settings: { fsync: 'off', hot_standby: 'off' },
    onRestart: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
  });
  proxy = await openProxy(server.url);
});
afterAll(async () => {
  proxy.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  errors = [];
  waiting = [];
  database = open();
  await database.query('drop table if exists things');
  await database.query('create table things (name text primary key)');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function open(options: Partial<DatabaseOptions> = {}): Database {
  const one = openDatabase({
    connectionString: server.url,
    connectionsMax: 4,
    onError: (error) => errors.push(error),
    ...options,
  });
  opened.push(one);
  return one;
}

interface Pid {
  readonly pid: number;
}

const restarted = () => new Promise<void>((resolve) => waiting.push(resolve));
const pgData = () => join(server.homeDir, 'cluster/data');
const pidOf = async (one: Database) =>
  (await one.query<Pid>('select pg_backend_pid() as pid'))[0]?.pid;
const listed = 'select name from things order by name';
const names = async () => (await database.query<{ name: string }>(listed)).map(({ name }) => name);
const add = (name: string) => database.query('insert into things values ($1)', [name]);
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => undefined).catch((error: unknown) => error);

async function killServer(): Promise<void> {
  const again = restarted();
  process.kill(server.pid, 'SIGKILL');
  await again;
}

/** Starts a statement that never ends; resolves, with its failure to come, when it runs. */
async function endless(one: Database): Promise<{ failure: Promise<unknown> }> {
  const failure = failureOf(one.query('select pg_sleep(3600)'));
  const running = `select 1 from pg_stat_activity where query = 'select pg_sleep(3600)'`;
  await expect.poll(() => database.query(running), { interval: 5 }).toHaveLength(1);
  return { failure };
}

describe('a database that is away gives errors that isUnavailable knows', () => {
  it('killed in the middle of a statement; the next one is answered', async () => {
    await add('kept');
    const { failure } = await endless(open());
    await killServer();
    const error = await failure;
    expect(error).toBeInstanceOf(Error);
    expect(isUnavailable(error)).toBe(true);
    expect(await names()).toEqual(['kept']);
  });

  it('killed while nobody asks: each lost connection is reported once', async () => {
    await Promise.all([database.query('select 1'), database.query('select 1')]);
    await killServer();
    expect(await isReachable(database)).toBe(true);
    expect(errors.map(isUnavailable)).toEqual([true, true]);
  });

  it('starting up (57P03), and everything before that', async () => {
    const again = restarted();
    writeFileSync(join(pgData(), 'standby.signal'), '');
    process.kill(server.pid, 'SIGKILL');
    for (let state: string | undefined; state !== '57P03'; ) {
      // A session that outlives its server for a moment may still answer.
      const error = await failureOf(database.query('select 1'));
      if (error !== undefined) expect(isUnavailable(error)).toBe(true);
      state = sqlState(error);
    }
    rmSync(join(pgData(), 'standby.signal'));
    process.kill(pidOfServer(pgData()) ?? 0, 'SIGKILL');
    await again;
    expect(await isReachable(database)).toBe(true);
  });

  it('that ends the session (57P01)', async () => {
    const one = open();
    const { failure } = await endless(one);
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep(36%'`,
    );
    const error = await failure;
    expect(sqlState(error)).toBe('57P01');
    expect(isUnavailable(error)).toBe(true);
    expect(await isReachable(one)).toBe(true);
  });

  it('that ends a transaction left idle, so that its locks are let go', async () => {
    let tell: (error: Error) => void = () => undefined;
    const ended = new Promise<Error>((resolve) => {
      tell = resolve;
    });
    const one = open({ idleInTransactionMsMax: 20, onError: (error) => tell(error) });
    const work = one.transaction(async () => {
      await one.query('lock table things');
      expect(sqlState(await ended)).toBe('25P03');
      await one.query('select 1');
    });
    expect(isUnavailable(await failureOf(work))).toBe(true);
    await add('free');
    expect(await names()).toEqual(['free']);
  });

  it('cut off by the network in the middle of a statement', async () => {
    const { failure } = await endless(open({ connectionString: proxy.url }));
    proxy.cut();
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
    expect(isUnavailable(await failure)).toBe(true);
  });
});

describe('a wait for a connection', () => {
  it('ends, when all are taken', async () => {
    const one = open({ connectionsMax: 1, connectTimeoutMs: 50 });
    const client = await one.connect();
    const error = await failureOf(one.query('select 1'));
    client.release();
    expect(error).toMatchObject({ message: 'timeout exceeded when trying to connect' });
    expect(isUnavailable(error)).toBe(true);
  });

  it('ends, when the server takes connections and says nothing', async () => {
    process.kill(server.pid, 'SIGSTOP');
    try {
      const error = await failureOf(open({ connectTimeoutMs: 50 }).query('select 1'));
      expect(error).toMatchObject({ message: expect.stringMatching(/timeout/) });
      expect(isUnavailable(error)).toBe(true);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
  });

  it.each(['ENOENT', 'ECONNREFUSED'])('ends with %s where no server listens', async (code) => {
    const socketDir = mkdtempSync(join(dir, 'run-'));
    if (code === 'ECONNREFUSED') {
      // What a killed server leaves: the name of a socket that nobody listens at.
      const listener = createServer();
      await new Promise<void>((resolve) => listener.listen(join(socketDir, 'first'), resolve));
      linkSync(join(socketDir, 'first'), join(socketDir, '.s.PGSQL.5432'));
      await new Promise((resolve) => listener.close(resolve));
    }
    const url = new URL(server.url);
    url.searchParams.set('host', socketDir);
    const error = await failureOf(open({ connectionString: url.href }).query('select 1'));
    expect(error).toMatchObject({ code });
    expect(isUnavailable(error)).toBe(true);
  });

  it('is over when the pool was closed', async () => {
    const one = openDatabase({ connectionString: server.url, connectionsMax: 1, onError() {} });
    await one.close();
    expect(isUnavailable(await failureOf(one.query('select 1')))).toBe(true);
  });
});

describe('close', () => {
  it('comes back when the sessions are over, so that none is told as lost', async () => {
    const one = openDatabase({ connectionString: server.url, connectionsMax: 4, onError() {} });
    const sessions = await Promise.all([1, 2, 3, 4].map(() => one.connect()));
    const own = 'select pg_backend_pid() as pid';
    const answers = await Promise.all(sessions.map((session) => session.query<Pid>(own)));
    const pids = answers.map(({ rows }) => rows[0]?.pid);
    for (const session of sessions) session.release();
    await one.close();
    const alive = 'select pid from pg_stat_activity where pid = any($1)';
    expect(await database.query(alive, [pids])).toEqual([]);
  });
});

describe('isUnavailable', () => {
  it('leaves alone what would fail again', async () => {
    await add('taken');
    const failures = [
      await failureOf(database.query('selct 1')),
      await failureOf(add('taken')),
      await failureOf((async () => readFileSync(join(dir, 'no-such-file')))()),
      new TypeError('x is not a function'),
      'Connection terminated',
      undefined,
    ];
    expect(failures.map(sqlState).slice(0, 2)).toEqual(['42601', '23505']);
    expect(failures.map(isUnavailable)).toEqual(failures.map(() => false));
  });
});

it('prepares each variant of a statement once, under its own name', async () => {
  await database.transaction(async () => {
    for (const column of ['name', 'name as other', 'name']) {
      await database.query({ family: 'things', text: `select ${column} from things` });
    }
    const prepared = await database.query<{ name: string }>(
      'select name from pg_prepared_statements order by name',
    );
    const name = expect.stringMatching(/^things-[0-9a-f]{12}$/);
    expect(prepared).toEqual([{ name }, { name }]);
  });
});

describe('transaction', () => {
  it('stores all, or when its work throws, nothing', async () => {
    await database.transaction(async () => {
      await add('a');
      await add('b');
    });
    const reason = new Error('changed my mind');
    const work = database.transaction(async () => {
      await add('c');
      throw reason;
    });
    expect(await failureOf(work)).toBe(reason);
    expect(await names()).toEqual(['a', 'b']);
  });

  it('is joined by those inside it', async () => {
    const one = open({ connectionsMax: 1 });
    const insert = (name: string) => one.query('insert into things values ($1)', [name]);
    const work = one.transaction(async () => {
      await insert('outer');
      // With one connection in all, a transaction of its own would wait for ever.
      await one.transaction(() => insert('inner'));
      expect(await one.query('select name from things')).toHaveLength(2);
      expect(await names()).toEqual([]);
      throw new Error('all of it');
    });
    await expect(work).rejects.toThrow('all of it');
    expect(await names()).toEqual([]);
  });

  it('rejects when a failed statement was passed over: nothing of it was stored', async () => {
    const work = database.transaction(async () => {
      await add('a');
      await failureOf(add('a'));
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await names()).toEqual([]);
  });

  it('gives its connection back after a rollback, and throws a broken one away', async () => {
    const one = open({ connectionsMax: 1 });
    const pid = await pidOf(one);
    await failureOf(one.transaction(() => one.query('select 1 / 0')));
    expect(await pidOf(one)).toBe(pid);
    const cut = one.transaction(() => one.query('select pg_terminate_backend(pg_backend_pid())'));
    expect(isUnavailable(await failureOf(cut))).toBe(true);
    expect(await pidOf(one)).not.toBe(pid);
    expect(await one.transaction(async () => 'works')).toBe('works');
  });

  it('rejects when the connection was lost between two statements or before the commit', async () => {
    const one = open({ connectionString: proxy.url, connectionsMax: 1 });
    const insert = (name: string) => one.query('insert into things values ($1)', [name]);
    const twoStatements = one.transaction(async () => {
      await insert('a');
      proxy.cut();
      await insert('b');
    });
    expect(isUnavailable(await failureOf(twoStatements))).toBe(true);
    const oneStatement = one.transaction(async () => {
      await insert('c');
      proxy.cut();
    });
    expect(isUnavailable(await failureOf(oneStatement))).toBe(true);
    await one.transaction(() => insert('d'));
    expect(await names()).toEqual(['d']);
  });

  it('rejects when the server was killed in it', async () => {
    const work = database.transaction(async () => {
      await add('a');
      await killServer();
    });
    expect(isUnavailable(await failureOf(work))).toBe(true);
    expect(await names()).toEqual([]);
  });

  it('is not joined by work that it started and did not wait for', async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let stray: Promise<unknown> = gate;
    const pid = await database.transaction(async () => {
      stray = gate.then(() => pidOf(database));
      return pidOf(database);
    });
    await database.transaction(async () => {
      expect(await pidOf(database)).toBe(pid);
      go();
      expect(await stray).not.toBe(pid);
    });
  });
});
