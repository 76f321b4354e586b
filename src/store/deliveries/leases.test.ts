/** Who counts as dead, and what becomes of its buckets, on a real database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import type { ProcessPlace } from '../../lib/process-place.ts';
import { joinProcesses } from './leases.ts';

let store: TestDatabase;

beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

describe('the end of a process', () => {
  const ears = { onLost: () => undefined };
  const idOf = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;
  const placeOf = (text: string, ended: readonly string[]): ProcessPlace => ({
    text,
    hasEnded: (other) => ended.includes(other),
  });

  /** One that has joined and lost its connection, and one that looks at it. */
  async function lostAndLooking(ended: readonly string[]) {
    const lost = await joinProcesses(store.database, idOf(2), { ...ears, place: placeOf('a', []) });
    await lost.renew(60_000);
    const looking = await joinProcesses(store.database, idOf(3), {
      ...ears,
      place: placeOf('b', ended),
    });
    await looking.renew(60_000);
    expect(await looking.others()).toMatchObject([{ id: idOf(2), isDead: false }]);
    lost.abandon();
    // The server closes the connection when it gets to it.
    const isHeld = `select from pg_locks where locktype = 'advisory' having count(*) > 1`;
    while ((await store.database.query(isHeld)).length > 0);
    return looking;
  }

  const ownersNow = () =>
    store.database.query('select owner from bucket_leases where bucket = 1 and owner is not null');

  test('is certain when its machine says so and its connection is gone', async () => {
    const looking = await lostAndLooking(['a']);
    await store.database.query('update bucket_leases set owner = $1 where bucket = 1', [idOf(2)]);
    expect(await looking.others()).toMatchObject([{ id: idOf(2), isDead: true }]);
    expect(await looking.others()).toEqual([]);
    expect(await ownersNow()).toEqual([]);
    await looking.leave();
  });

  test('is not told by a lost connection alone: it may be back in a moment', async () => {
    const looking = await lostAndLooking([]);
    const [other] = await looking.others();
    expect(other).toMatchObject({ id: idOf(2), isDead: false });
    expect(other?.leftMs).toBeGreaterThan(0);
    expect(other?.leftMs).toBeLessThanOrEqual(60_000);
    // On a new connection, while the server may still hold the old one.
    const back = await joinProcesses(store.database, idOf(2), ears);
    const again = await joinProcesses(store.database, idOf(2), ears);
    await back.renew(60_000);
    back.abandon();
    await again.leave();
    await looking.leave();
  });

  test('is told by the end of its lease, whatever connection it holds', async () => {
    const silent = await joinProcesses(store.database, idOf(2), ears);
    await silent.renew(0);
    const looking = await joinProcesses(store.database, idOf(3), ears);
    await looking.renew(60_000);
    expect(await looking.others()).toEqual([{ id: idOf(2), isDead: true, leftMs: 0 }]);
    // Whoever is not enrolled takes nothing.
    const [lease] = await silent.leases();
    expect(await silent.claim(lease === undefined ? [] : [lease])).toEqual([]);
    await silent.leave();
    await looking.leave();
  });
});
