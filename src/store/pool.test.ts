/** The connection whose statements follow each other without a pause, against a real server. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { type Database, isUnavailable, openDatabase, sqlState } from './database.ts';

let test: TestDatabase;
let database: Database;
let errors: Error[];

beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.query('create table things (number int primary key, pid int not null)');
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query('truncate things');
  errors = [];
  database = open();
});
afterEach(() => database.close());

const open = () =>
  openDatabase({
    connectionString: test.url,
    connectionsMax: 2,
    onError: (error) => errors.push(error),
  });

const insert = {
  name: 'insert-thing',
  text: 'insert into things values ($1, pg_backend_pid()) returning number',
};
const add = (number: number, by = database) =>
  by.queryInOrder<{ number: number }>(insert, [number]);
const stored = async () => {
  const rows = await test.database.query<{ number: number }>('select * from things order by 1');
  return rows.map(({ number }) => number);
};
const stateOf = (work: Promise<unknown>) => work.then(() => 'done', sqlState);
const pidsIn = (text: string) => test.database.query<{ pid: number }>(text);

/** Holds back whatever changes `things`; until `letGo`, in the order in which it came. */
async function holdBack(): Promise<{ letGo: () => Promise<void> }> {
  const client = await test.database.connect();
  await client.query('begin');
  await client.query('lock table things in exclusive mode');
  return {
    async letGo() {
      await client.query('commit');
      client.release();
    },
  };
}

it('takes statements while others are not answered, and answers them in their order', async () => {
  const { letGo } = await holdBack();
  const answered: number[] = [];
  const work = [1, 2, 3].map(async (number) => {
    const [row] = await add(number);
    answered.push(row?.number ?? 0);
  });
  const held = "select pid from pg_stat_activity where wait_event_type = 'Lock'";
  await expect.poll(() => pidsIn(held), { interval: 5 }).toHaveLength(1);
  // The pool is for everybody else meanwhile.
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  expect(answered).toEqual([]);
  await letGo();
  await Promise.all(work);
  expect(answered).toEqual([1, 2, 3]);
  expect(await pidsIn('select distinct pid from things')).toHaveLength(1);
});

it('lets each statement fail by itself', async () => {
  const states = await Promise.all([add(1), add(1), add(2)].map(stateOf));
  expect(states).toEqual(['done', '23505', 'done']);
  expect(await stored()).toEqual([1, 2]);
});

it('joins a transaction', async () => {
  const work = database.transaction(async () => {
    await add(1);
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(await stored()).toEqual([]);
});

it('comes back when its connection was lost, with what waited told as unavailable', async () => {
  await add(1);
  const { letGo } = await holdBack();
  const failures = Promise.all(
    [add(2), add(3)].map((work) => work.then(() => undefined, isUnavailable)),
  );
  // At once, before the socket's end is heard.
  const again = add(5).catch(() => add(6));
  const end = `select pg_terminate_backend(pid), pid from pg_stat_activity
    where wait_event_type = 'Lock'`;
  await expect.poll(() => pidsIn(end), { interval: 5 }).toHaveLength(1);
  expect(await failures).toEqual([true, true]);
  await letGo();
  await again;
  await add(4);
  expect(await stored()).toEqual([1, 4, 6]);
});

it('leaves a session that cannot write any more, and keeps one whose statement was wrong', async () => {
  const pid = async () =>
    (await database.queryInOrder<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid;
  await add(1);
  const first = await pid();
  expect(await stateOf(add(1))).toBe('23505');
  expect(await pid()).toBe(first);
  await database.queryInOrder('set default_transaction_read_only = on');
  expect(await stateOf(add(2))).toBe('25006');
  await add(3);
  expect(await pid()).not.toBe(first);
  expect(await stored()).toEqual([1, 3]);
});

it('connects when the server can be reached again', async () => {
  const url = new URL(test.url);
  url.pathname = '/nothing_of_that_name';
  const lost = openDatabase({ connectionString: url.href, connectionsMax: 1, onError() {} });
  try {
    expect(await stateOf(lost.queryInOrder('select 1'))).toBe('3D000');
    await test.database.query('create database nothing_of_that_name');
    expect(await lost.queryInOrder('select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    await lost.close();
    await test.database.query('drop database if exists nothing_of_that_name');
  }
});

it('closes also when its server says nothing', async () => {
  const one = open();
  const [row] = await one.queryInOrder<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = row?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    await one.close();
    expect(isUnavailable(await one.queryInOrder('select 1').catch((error) => error))).toBe(true);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

it('closes when all that was sent is done', async () => {
  const { letGo } = await holdBack();
  const one = open();
  const work = [1, 2].map((number) => add(number, one));
  const held = "select pid from pg_stat_activity where wait_event_type = 'Lock'";
  await expect.poll(() => pidsIn(held), { interval: 5 }).toHaveLength(1);
  const closed = one.close();
  await letGo();
  await Promise.all([...work, closed]);
  expect(await stored()).toEqual([1, 2]);
  expect(errors).toEqual([]);
});
