// Subscriptions that ask for the past: which events that is, in which order and with which numbers
// they are queued, and what becomes of one whose creation was not finished.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BackfillBench,
  createBackfillBench,
  inOrder,
  url,
  wish,
} from '../../../test/support/backfill-bench.ts';
import { refusal, timeOf } from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { SubscriptionFilter } from '../../events/subscription.ts';
import { fillSubscriptions } from './backfill.ts';
import { createSubscriptions } from './index.ts';

let bench: BackfillBench;
beforeAll(async () => {
  bench = await createBackfillBench();
});
afterAll(() => bench.drop());

const booking = (reference: string) => [{ type: 'booking' as const, reference }];

describe('past events', () => {
  it('come first, in the order of their recording, then the new ones', async () => {
    const { book, tell } = bench;
    const documents = booking('IN-ORDER');
    const [one, two] = [await book({ documents }), await book({ documents })];
    const early = { occurredAt: timeOf('2020-01-01T00:00:00Z') };
    const past = [await tell(two), await tell(one), await tell(two, early)];
    const made = await bench.subscribe({ document: 'IN-ORDER' });
    expect(made).toMatchObject({ state: 'active', sinceMs: 0, lastSequence: 3 });
    const fresh = [await tell(one), await tell(two)];
    expect(await bench.eventsOf(made.id)).toEqual([...past, ...fresh]);
    const rows = await bench.queued(made.id);
    expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    const positions = rows.map(({ position }) => position);
    expect(positions).toEqual(inOrder(positions));
    expect(rows.map(({ due }) => due)).not.toContain('infinity');
    expect(bench.changed).toContain(made.id);
  });

  it('are those recorded since the time, that moment included', async () => {
    const { book, tell, clock } = bench;
    const unit = await book();
    await tell(unit);
    const first = await tell(unit);
    const sinceMs = clock.nowMs;
    const second = await tell(unit);
    const { id } = await bench.subscribe({ unit: unit.id }, { sinceMs });
    expect(await bench.eventsOf(id)).toEqual([first, second]);
    const later = await bench.subscribe({ unit: unit.id }, { sinceMs: clock.nowMs + 1 });
    expect(later).toMatchObject({ state: 'active', lastSequence: 0 });
  });

  it('are those that recording would have matched, whatever the wish', async () => {
    const { book, tell, subscriptions, us } = bench;
    const [spi, document] = ['CNI0000000001', 'MATCHING'];
    const unit = await book({ documents: booking(document), spi, customsFlag: 'Import' });
    const { reference } = unit;
    const filters: SubscriptionFilter[] = [
      {},
      { unit: unit.id },
      { spi },
      { reference: reference.toLowerCase() },
      { document },
      { reference, spi: 'CNI0000000002' },
      { reference, types: ['sealed', 'gated-in'] },
      { reference, classifier: 'planned' },
      { reference, direction: 'import' },
      { reference, direction: 'export', way: 'out' },
      { reference, place: 'frleh' },
      { reference, freightFamily: 'Parcel' },
      { unit: 'no id', reference },
      { reference: 'NOBODY-1' },
    ];
    const wishes = ['hub', 'mute'].flatMap((dialect) =>
      filters.map((filter) => ({ dialect, filter })),
    );
    const sinceMs = bench.clock.nowMs + 1;
    const live: string[] = [];
    for (const given of wishes) {
      live.push((await subscriptions.create(us, { ...given, url })).subscription.id);
    }
    await tell(unit, { place: { unlocode: 'FRLEH' } });
    await tell(unit, { type: 'sealed', direction: 'export', way: 'out' });
    const planned = { type: 'gated-in', classifier: 'planned' } as const;
    const wrong = await tell(unit, { ...planned, place: { location: 'FrLeh' } });
    // Corrections are told to whoever was told what they correct.
    const moved = await tell(unit, { ...planned, type: 'loaded', replaces: wrong });
    await tell(unit, { type: 'other', retracts: moved });
    await tell(await book({}, bench.others));
    for (const [at, given] of wishes.entries()) {
      const filled = await bench.subscribe(given.filter, { dialect: given.dialect, sinceMs });
      const [told, expected] = [
        await bench.eventsOf(filled.id),
        await bench.eventsOf(live[at] ?? ''),
      ];
      expect({ given, told }).toEqual({ given, told: expected });
    }
    expect(await bench.queued(live[0] ?? '')).toHaveLength(5);
  });

  it('follow the unit as it was then: under the document that it has left', async () => {
    const unit = await bench.book({ documents: booking('LEFT') });
    const before = await bench.tell(unit);
    await bench.book({ reference: unit.reference, documents: booking('CAME') });
    const after = await bench.tell(unit);
    const told = async (document: string) =>
      bench.eventsOf((await bench.subscribe({ document })).id);
    expect([await told('LEFT'), await told('CAME')]).toEqual([[before], [after]]);
  });

  it('are of units that one may see today', async () => {
    const { book, tell, us, others } = bench;
    const party = (of: Principal) => [{ organization: of.organization ?? '', role: 'carrier' }];
    const shared = await book({ parties: party(us) }, others);
    const hidden = await book({}, others);
    const former = await book({ parties: party(us) }, others);
    const seen = await tell(shared);
    await tell(hidden);
    await tell(former);
    await book({ reference: former.reference, parties: [] }, others);
    expect(await bench.eventsOf((await bench.subscribe({})).id)).toContain(seen);
    for (const unit of [shared, hidden, former]) {
      const told = await bench.eventsOf((await bench.subscribe({ unit: unit.id })).id);
      expect(told).toEqual(unit === shared ? [seen] : []);
    }
  });

  it('go behind what is waiting at the same endpoint', async () => {
    const { book, tell, subscribe, queued } = bench;
    const unit = await book();
    const same = { url: 'https://shared.example.com/' };
    const first = await subscribe({ unit: unit.id }, same);
    await tell(unit);
    await tell(unit);
    const second = await subscribe({ unit: unit.id }, same);
    await tell(unit);
    const [early, late] = [await queued(first.id), await queued(second.id)];
    const all = [...early, ...late].map(({ position }) => position);
    expect(inOrder(all)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(late.slice(0, 2).map(({ position }) => position)).toEqual([3, 4]);
    expect([early.length, late.length]).toEqual([3, 3]);
  });

  it('are refused when they are too many, and nothing is made', async () => {
    const { book, tell, parts, us } = bench;
    const unit = await book();
    for (let count = 0; count < 4; count++) await tell(unit);
    const once = wish({ unit: unit.id }, { sameAs: 'once' });
    const narrow = createSubscriptions({ ...parts, pastEventsMax: 3 });
    const refused = await refusal(narrow.create(us, once));
    expect(refused).toEqual({ code: 'invalid-input', paths: ['since'] });
    const enough = createSubscriptions({ ...parts, pastEventsMax: 4 });
    const { subscription, created } = await enough.create(us, once);
    expect([created, subscription.lastSequence]).toEqual([true, 4]);
    expect(await enough.create(us, once)).toEqual({ subscription, created: false });
  });
});

describe('what was begun and not finished', () => {
  /** As a crash leaves it: made, and no more. */
  async function begun(filter: SubscriptionFilter): Promise<string> {
    const { subscriptions, us, database } = bench;
    let id = '';
    await database.transaction(async () => {
      const { subscription } = await subscriptions.create(us, wish(filter));
      expect(subscription.state).toBe('filling');
      id = subscription.id;
    });
    // The rest of it was done behind the commit; it is taken back.
    await database.query('delete from deliveries where subscription_id = $1', [id]);
    const zero = 'update subscription_sequences set last_sequence = 0 where subscription_id = $1';
    await database.query(zero, [id]);
    await database.query("update subscriptions set state = 'filling' where id = $1", [id]);
    return id;
  }

  it('is finished by housekeeping, once, also when several do it', async () => {
    const { book, tell, queued, changed, parts, us } = bench;
    for (let turn = 0; turn < 5; turn++) {
      const unit = await book();
      const past = [await tell(unit), await tell(unit)];
      const id = await begun({ unit: unit.id });
      const fresh = await tell(unit);
      expect(await queued(id)).toMatchObject([{ event: fresh, due: 'infinity' }]);
      changed.length = 0;
      await Promise.all(Array.from({ length: 6 }, () => fillSubscriptions(parts)));
      expect(await bench.eventsOf(id)).toEqual([...past, fresh]);
      expect(changed).toEqual([id]);
      const filled = { state: 'active', lastSequence: 3 };
      expect(await bench.subscriptions.get(us, id)).toMatchObject(filled);
      await fillSubscriptions(parts);
      expect(changed).toEqual([id]);
    }
  });

  it('refuses to be changed, and can be removed, which wins', async () => {
    const { book, tell, subscriptions, us } = bench;
    const unit = await book();
    await tell(unit);
    const id = await begun({ unit: unit.id });
    await tell(unit);
    const changes = [{ state: 'paused' }, { state: 'active' }, { filter: {} }, { url }] as const;
    for (const change of changes) {
      expect((await refusal(subscriptions.update(us, id, change))).code).toBe('conflict');
    }
    expect(await subscriptions.remove(us, id)).toBe(true);
    await fillSubscriptions(bench.parts);
    expect(await bench.queued(id)).toEqual([]);
    expect(await subscriptions.get(us, id)).toBeUndefined();
  });

  it('removed at the same time is removed, whoever is first', async () => {
    const { book, tell, subscriptions, us } = bench;
    const unit = await book();
    await tell(unit);
    for (let turn = 0; turn < 5; turn++) {
      const id = await begun({ unit: unit.id });
      await Promise.all([fillSubscriptions(bench.parts), subscriptions.remove(us, id)]);
      expect(await bench.queued(id)).toEqual([]);
      expect(await subscriptions.get(us, id)).toBeUndefined();
    }
  });

  it('inside another transaction is done after its commit, and not at all without one', async () => {
    const { book, tell, database, subscriptions, us } = bench;
    const unit = await book();
    const past = await tell(unit);
    const made: string[] = [];
    const make = async () => {
      const { subscription } = await subscriptions.create(us, wish({ unit: unit.id }));
      made.push(subscription.id);
      return subscription.state;
    };
    expect(await database.transaction(make)).toBe('filling');
    expect(await bench.eventsOf(made[0] ?? '')).toEqual([past]);
    const undone = database.transaction(async () => {
      await make();
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await subscriptions.get(us, made[1] ?? '')).toBeUndefined();
  });
});
