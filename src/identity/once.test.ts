// Once per Idempotency-Key: repeats, mixed-up requests, failures, races between and in processes.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import type { Principal } from '../dialects/dialect.ts';
import { createSealer } from '../lib/seal.ts';
import { createOnce, purgeIdempotencyKeys } from './once.ts';

const DAY_MS = 86_400_000;
const someone: Principal = { kind: 'application', id: 'app_1', scopes: new Set() };
const request = { key: 'k-1', method: 'POST', path: '/things', bodyText: '{"name":"x"}' };

let test: TestDatabase;
let nowMs: number;
let made: number;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query('delete from idempotency_keys');
  await test.database.query('delete from organizations');
  nowMs = Date.UTC(2026, 10, 20);
  made = 0;
});

function newOnce(limits = { runningMax: 4, waitingMax: 100 }) {
  const sealer = createSealer(Buffer.alloc(32, 1));
  return createOnce({ database: test.database, sealer, nowMs: () => nowMs, limits });
}

/** Work with an effect in the database. */
async function create(status = 201) {
  made += 1;
  const id = `00000000-0000-7000-8000-${String(made).padStart(12, '0')}`;
  await test.database.query(
    'insert into organizations (id, name, created_at) values ($1, $2, now())',
    [id, 'made'],
  );
  return { status, body: { id, secret: 'shown once' } };
}

async function rowCount(table: 'organizations' | 'idempotency_keys'): Promise<number> {
  return (await test.database.query(`select 1 from ${table}`)).length;
}

describe('a repeat', () => {
  it('gets the first answer', async () => {
    const once = newOnce();
    const first = await once(someone, request, create);
    expect(await once(someone, request, create)).toEqual(first);
    expect(await newOnce()(someone, request, create)).toEqual(first);
    expect(await rowCount('organizations')).toBe(1);
  });

  it('gets a refusal again too', async () => {
    const once = newOnce();
    const refusal = { status: 409, body: { code: 'conflict' } };
    await once(someone, request, async () => refusal);
    expect(await once(someone, request, create)).toEqual(refusal);
  });

  it('is told when it is another request', async () => {
    const once = newOnce();
    await once(someone, request, create);
    const others = [{ bodyText: '{}' }, { path: '/others' }, { method: 'PUT' }];
    for (const other of others) {
      const answer = once(someone, { ...request, ...other }, create);
      await expect(answer).rejects.toMatchObject({ code: 'idempotency-mismatch' });
    }
    expect(await rowCount('organizations')).toBe(1);
  });

  it('of someone else is no repeat', async () => {
    const once = newOnce();
    await once(someone, request, create);
    await once({ ...someone, id: 'app_2' }, request, create);
    await once({ ...someone, kind: 'user' }, request, create);
    expect(await rowCount('organizations')).toBe(3);
  });

  it('a day later is a new request', async () => {
    const once = newOnce();
    await once(someone, request, create);
    nowMs += DAY_MS + 1;
    await once(someone, { ...request, bodyText: 'another' }, create);
    expect(await rowCount('organizations')).toBe(2);
    expect(await rowCount('idempotency_keys')).toBe(1);
  });
});

describe('work that fails', () => {
  it.each([
    ['throws', () => Promise.reject(new Error('broken'))],
    ['answers 503', async () => ({ status: 503, body: {} })],
  ])('and %s leaves no trace', async (_how, end) => {
    const once = newOnce();
    const work = async () => {
      await create();
      return end();
    };
    await once(someone, request, work).catch(() => undefined);
    expect(await rowCount('organizations')).toBe(0);
    expect(await rowCount('idempotency_keys')).toBe(0);
    await once(someone, request, create);
    expect(await rowCount('organizations')).toBe(1);
  });

  it('passes its 5xx answer on', async () => {
    const answer = { status: 500, body: { code: 'internal' } };
    expect(await newOnce()(someone, request, async () => answer)).toEqual(answer);
  });
});

describe('many at once', () => {
  it('with the same key create one, from several processes', async () => {
    const processes = [newOnce({ runningMax: 2, waitingMax: 50 }), newOnce(), newOnce()];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => processes[at % 3]?.(someone, request, create)),
    );
    expect(await rowCount('organizations')).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('with different keys do not starve work that needs a connection of its own', async () => {
    const once = newOnce();
    const work = async () => {
      const client = await test.database.connect();
      client.release();
      return create();
    };
    const keys = Array.from({ length: 40 }, (_, at) => `key-${at}`);
    await Promise.all(keys.map((key) => once(someone, { ...request, key }, work)));
    expect(await rowCount('organizations')).toBe(40);
  });

  it('are bounded', async () => {
    const once = newOnce({ runningMax: 1, waitingMax: 1 });
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map((key) => once(someone, { ...request, key }, create)),
    );
    expect(results[2]).toMatchObject({ reason: { code: 'overloaded' } });
    expect(await rowCount('organizations')).toBe(2);
  });
});

it('just runs the work without a key', async () => {
  const once = newOnce();
  const keyless = { ...request, key: undefined };
  await once(someone, keyless, create);
  await once(someone, keyless, create);
  expect(await rowCount('organizations')).toBe(2);
});

it.each(['', 'with space', 'tab\t', 'ü', 'x'.repeat(256)])('refuses the key %j', async (key) => {
  await expect(newOnce()(someone, { ...request, key }, create)).rejects.toMatchObject({
    code: 'invalid-input',
    details: { issues: [{ path: 'Idempotency-Key' }] },
  });
});

it('keeps answers sealed, because they may hold secrets', async () => {
  await newOnce()(someone, { ...request, key: 'x'.repeat(255) }, create);
  const rows = await test.database.query('select status, answer_sealed from idempotency_keys');
  expect(rows).toEqual([{ status: 201, answer_sealed: expect.stringMatching(/^sealed1\./) }]);
});

it('purges keys older than a day', async () => {
  const once = newOnce();
  await once(someone, request, create);
  nowMs += DAY_MS / 2;
  await once(someone, { ...request, key: 'k-2' }, create);
  nowMs += DAY_MS / 2 + 1;
  expect(await purgeIdempotencyKeys(test.database, nowMs)).toBe(1);
  expect(await rowCount('idempotency_keys')).toBe(1);
});
