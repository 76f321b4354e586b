// What delivery meets when a subscription is moved, paused, ended, alone and while others record:
// where its deliveries are then, and how other processes notice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import { createSubscriptions } from './index.ts';

let bench: StoreBench;
let subscriptions: ReturnType<typeof createSubscriptions>;
let us: Principal;

beforeAll(async () => {
  bench = await createStoreBench();
  subscriptions = createSubscriptions({
    ...bench,
    secrets: { issue: (id) => ({ secret: 'whsec_', sealed: `sealed for ${id}` }) },
    checkUrl: (url) => ({ ok: true, url: new URL(url) }),
    onChange: () => undefined,
  });
  us = memberOf(await bench.organization());
});
afterAll(() => bench.drop());

let serial = 0;
const newUrl = () => `https://hook-${++serial}.example.com/`;
const create = async (url = newUrl()) =>
  (await subscriptions.create(us, { dialect: 'hub', url, filter: {} })).subscription.id;

/** As recording does: the endpoint's counter, then the subscription's, then the deliveries. */
const deliver = `with s as (
    select id, endpoint_id, state = 'active' as due from subscriptions where id = $1
  ), e as (
    update endpoint_positions p set last_position = p.last_position + $2 from s
    where p.endpoint_id = s.endpoint_id returning p.endpoint_id, p.last_position - $2 as base
  ), q as (
    update subscription_sequences c set last_sequence = c.last_sequence + $2 from s, e
    where c.subscription_id = s.id returning c.last_sequence - $2 as base
  )
  insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
    unit_id, due_at, attempt_count, payload)
  select n.id_bucket, n.id, e.endpoint_id, e.base + n.at, $1, q.base + n.at, n.id, n.id,
    case when s.due then $4::timestamptz else 'infinity' end, 3, 'bytes'
  from e, q, s, unnest($3::uuid[], $5::smallint[]) with ordinality as n (id, id_bucket, at)`;

async function record(subscription: string, many: number): Promise<void> {
  const buckets = Array.from({ length: many }, (_, at) => (at * 37) % 256);
  const ids = buckets.map((bucket) => bench.newId(bucket));
  const now = new Date(bench.clock.nowMs);
  await bench.database.query(deliver, [subscription, many, ids, now, buckets]);
}

interface Pending {
  readonly url: string;
  readonly position: number;
  readonly sequence: number;
  readonly due: string;
  readonly attempts: number;
}

const pendingOf = (subscription: string) =>
  bench.database.query<Pending>(
    `select e.url, d.position, d.sequence, d.due_at::text as due, d.attempt_count as attempts
     from deliveries d join endpoints e on e.id = d.endpoint_id
     where d.subscription_id = $1 order by d.position`,
    [subscription],
  );

describe('moving to another address', () => {
  it('takes the deliveries along, in order, behind those already there', async () => {
    const [oldUrl, newUrl_] = [newUrl(), newUrl()];
    const moving = await create(oldUrl);
    const neighbour = await create(oldUrl);
    const there = await create(newUrl_);
    await record(moving, 3);
    await record(neighbour, 2);
    await record(there, 2);
    await record(moving, 2);
    await subscriptions.update(us, moving, { url: newUrl_ });
    const moved = await pendingOf(moving);
    expect(moved.map(({ url, position, sequence }) => [url, position, sequence])).toEqual([
      [newUrl_, 3, 1],
      [newUrl_, 4, 2],
      [newUrl_, 5, 3],
      [newUrl_, 6, 4],
      [newUrl_, 7, 5],
    ]);
    expect((await pendingOf(neighbour)).map(({ url }) => url)).toEqual([oldUrl, oldUrl]);
    await record(there, 1);
    expect((await pendingOf(there)).map(({ position }) => position)).toEqual([1, 2, 8]);
    expect((await subscriptions.get(us, moving))?.lastSequence).toBe(5);
  });

  it('moves nothing when only the spelling changes', async () => {
    const url = newUrl();
    const id = await create(url);
    await record(id, 2);
    const spelled = url.toUpperCase().replace('HTTPS', 'https').slice(0, -1);
    expect((await subscriptions.update(us, id, { url: spelled }))?.url).toBe(spelled);
    expect((await pendingOf(id)).map(({ position }) => position)).toEqual([1, 2]);
  });

  it('back and forth while others record neither deadlocks nor loses nor doubles a place', async () => {
    const [here, there] = [newUrl(), newUrl()];
    const ids = [await create(here), await create(there), await create(here)];
    const moves = ids.flatMap((id, at) =>
      Array.from({ length: 6 }, (_, turn) => async () => {
        await subscriptions.update(us, id, { url: (turn + at) % 2 === 0 ? there : here });
      }),
    );
    const records = ids.flatMap((id) => Array.from({ length: 10 }, () => () => record(id, 3)));
    await Promise.all([...moves, ...records].map((work) => work()));
    const all = await bench.database.query<{ endpoint_id: string; position: number }>(
      'select endpoint_id, position from deliveries where subscription_id = any ($1)',
      [ids],
    );
    expect(all).toHaveLength(90);
    expect(new Set(all.map((row) => `${row.endpoint_id} ${row.position}`)).size).toBe(90);
    for (const id of ids) {
      const sequences = (await pendingOf(id)).map(({ sequence }) => sequence).sort((a, b) => a - b);
      expect(sequences).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
    }
  });
});

describe('pausing', () => {
  it('holds what is due and lets it go again at once, its failures forgotten', async () => {
    const id = await create();
    await record(id, 2);
    await subscriptions.update(us, id, { state: 'paused' });
    await record(id, 1);
    const held = await pendingOf(id);
    expect(held.map(({ due, attempts }) => [due, attempts])).toEqual([
      ['infinity', 3],
      ['infinity', 3],
      ['infinity', 3],
    ]);
    bench.clock.nowMs += 60_000;
    await subscriptions.update(us, id, { state: 'active' });
    const let_go = await pendingOf(id);
    const now = new Date(bench.clock.nowMs).toISOString();
    expect(let_go.map(({ due, attempts }) => [new Date(due).toISOString(), attempts])).toEqual([
      [now, 0],
      [now, 0],
      [now, 0],
    ]);
    expect(let_go.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('leaves the schedule alone when it was active already', async () => {
    const id = await create();
    await record(id, 1);
    bench.clock.nowMs += 60_000;
    await subscriptions.update(us, id, { state: 'active' });
    expect((await pendingOf(id))[0]?.attempts).toBe(3);
  });

  it('together with a move does both', async () => {
    const id = await create();
    await record(id, 1);
    const url = newUrl();
    const changed = await subscriptions.update(us, id, { url, state: 'paused' });
    expect(changed).toMatchObject({ url, state: 'paused' });
    expect(await pendingOf(id)).toMatchObject([{ url, due: 'infinity' }]);
  });
});

describe('removing', () => {
  it('ends what is pending as cancelled, and nothing of a neighbour', async () => {
    const url = newUrl();
    const [gone, stays] = [await create(url), await create(url)];
    await record(gone, 3);
    await record(stays, 1);
    await subscriptions.remove(us, gone);
    expect(await pendingOf(gone)).toEqual([]);
    expect(await pendingOf(stays)).toHaveLength(1);
    const done = await bench.database.query(
      `select sequence, state, attempt_count, payload, finished_at from deliveries_done
       where subscription_id = $1 order by sequence`,
      [gone],
    );
    const finished = new Date(bench.clock.nowMs);
    expect(done).toEqual(
      [1, 2, 3].map((sequence) => ({
        sequence,
        state: 'cancelled',
        attempt_count: 3,
        payload: 'bytes',
        finished_at: finished,
      })),
    );
  });

  it('while it is being changed leaves it ended', async () => {
    const id = await create();
    await record(id, 5);
    await Promise.all([
      subscriptions.update(us, id, { state: 'paused' }),
      subscriptions.update(us, id, { url: newUrl() }),
      subscriptions.remove(us, id),
      subscriptions.update(us, id, { state: 'active' }),
    ]);
    expect(await subscriptions.get(us, id)).toBeUndefined();
    expect(await pendingOf(id)).toEqual([]);
  });
});

describe('noticing', () => {
  it('makes each change a later version, also within one millisecond', async () => {
    const { id } = { id: await create() };
    const version = async () => {
      const [row] = await bench.database.query<{ at: string }>(
        'select updated_at::text as at from subscriptions where id = $1',
        [id],
      );
      return row?.at ?? '';
    };
    const versions = [await version()];
    for (const change of [{ url: newUrl() }, { filter: {} }, { state: 'paused' }] as const) {
      await subscriptions.update(us, id, change);
      versions.push(await version());
    }
    await subscriptions.rotateSecret(us, id);
    versions.push(await version());
    await subscriptions.remove(us, id);
    versions.push(await version());
    expect(new Set(versions).size).toBe(6);
    expect(versions).toEqual(versions.toSorted());
  });
});
