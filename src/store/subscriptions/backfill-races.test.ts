// Subscriptions that ask for the past while others record: every matching event once, the past
// before the new, numbers without gaps.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BackfillBench,
  createBackfillBench,
  inOrder,
  url,
  wish,
} from '../../../test/support/backfill-bench.ts';
import { memberOf, refusal } from '../../../test/support/store.ts';
import type { SubscriptionFilter } from '../../events/subscription.ts';
import type { EventType } from '../../events/types.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Recorder } from '../record/index.ts';
import { createSubscriptions } from './index.ts';

let bench: BackfillBench;
beforeAll(async () => {
  bench = await createBackfillBench();
});
afterAll(() => bench.drop());

interface Told {
  readonly id: string;
  readonly unit: HandlingUnit;
  readonly type: EventType;
}

const turns = 40;

/** What is told by three processes, each of its own unit, of a shared one and of a foreign one. */
async function scene(document: string) {
  const { book, tell, newRecorder, organization, others } = bench;
  const asker = memberOf(await organization());
  const documents = [{ type: 'booking' as const, reference: document }];
  const mine = [
    await book({ documents }, asker),
    await book({ documents }, asker),
    await book({}, asker),
  ] as const;
  const shared = await book({ documents }, asker);
  const foreign = await book({ documents }, others);
  const told: Told[] = [];
  const say = async (unit: HandlingUnit, type: EventType, by?: Recorder) => {
    const id = await tell(unit, { type }, by);
    told.push({ id, unit, type });
  };
  const process = async (own: HandlingUnit) => {
    const recorder = newRecorder();
    for (let turn = 0; turn < turns; turn++) {
      const type = turn % 3 === 0 ? 'gated-in' : 'shifted';
      for (const unit of [own, shared, foreign]) await say(unit, type, recorder);
    }
  };
  return { asker, mine, shared, foreign, told, say, record: () => mine.map(process) };
}

type Scene = Awaited<ReturnType<typeof scene>>;

const filters: Record<string, (given: Scene, document: string) => SubscriptionFilter> = {
  everything: () => ({}),
  'a reference': ({ mine: [unit] }) => ({ reference: unit.reference }),
  'a document': (_scene, document) => ({ document }),
  'a type': () => ({ types: ['gated-in'] }),
};

function wished({ told, mine, foreign }: Scene, filter: SubscriptionFilter): Told[] {
  return told.filter(({ unit, type }) => {
    if (unit === foreign) return false;
    if (filter.types !== undefined) return type === 'gated-in';
    if (filter.reference !== undefined) return unit === mine[0];
    return filter.document === undefined || unit !== mine[2];
  });
}

/** Queued is each event once, numbered from 1, in the endpoint's order and in that of its telling. */
async function expectWhole(id: string, expected: readonly Told[], mine: Scene['mine']) {
  const rows = await bench.queued(id);
  expect(rows.map(({ event }) => event).toSorted()).toEqual(expected.map((e) => e.id).toSorted());
  expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, at) => at + 1));
  const positions = rows.map(({ position }) => position);
  expect(positions).toEqual(inOrder(positions));
  for (const unit of mine) {
    const ofUnit = rows.filter((row) => row.unit === unit.id).map(({ event }) => event);
    expect(ofUnit).toEqual(expected.filter((e) => e.unit === unit).map((e) => e.id));
  }
}

describe('while others record', () => {
  it.each(Object.entries(filters))(
    'a subscription to %s gets all of it',
    async (what, filterOf) => {
      const document = `DOC ${what}`;
      const given = await scene(document);
      const filter = filterOf(given, document);
      const recording = given.record();
      const creating: Promise<string>[] = [];
      for (let count = 0; count < 6; count++) {
        const made = bench.subscribe(filter, { url: `${url}${count % 2}` }, given.asker);
        creating.push(made.then(({ id }) => id));
        await given.say(given.shared, 'sealed');
      }
      const ids = await Promise.all(creating);
      await Promise.all(recording);
      const expected = wished(given, filter);
      expect(expected.length).toBeGreaterThanOrEqual(turns);
      for (const id of ids) {
        await expectWhole(id, expected, given.mine);
        const current = await bench.subscriptions.get(given.asker, id);
        expect(current).toMatchObject({ state: 'active', lastSequence: expected.length });
      }
      const places = await bench.database.query<{ place: string }>(
        `select distinct endpoint_id, position from deliveries where subscription_id = any ($1)`,
        [ids],
      );
      expect(places).toHaveLength(expected.length * ids.length);
    },
  );

  it('an event of a transaction that began before is past, however late its commit', async () => {
    const { book, tell, database, subscriptions, us, queued } = bench;
    const unit = await book();
    const past = await tell(unit);
    const late = bench.newId(bucketOfId(unit.id) ?? 0);
    const old = await database.connect();
    await old.query('begin isolation level repeatable read');
    await old.query('select from subscriptions limit 1');
    const creating = bench.subscribe({ unit: unit.id });
    const filling = async () =>
      (await subscriptions.list(us, { state: 'filling' }, { limit: 5 })).items;
    await expect.poll(filling).toHaveLength(1);
    const id = (await filling())[0]?.id ?? '';
    const fresh = await tell(unit);
    expect(await queued(id)).toMatchObject([{ event: fresh, sequence: 1, due: 'infinity' }]);
    await old.query(
      `insert into events (bucket, id, unit_id, type, classifier, occurred_at, recorded_at,
         organization_id, dialect, content, received)
       select bucket, $1::uuid, unit_id, type, classifier, occurred_at,
         recorded_at + interval '1 ms', organization_id, dialect, content, received
       from events where id = $2`,
      [late, past],
    );
    await old.query('commit');
    old.release();
    expect(await creating).toMatchObject({ id, state: 'active', lastSequence: 3 });
    expect(await bench.eventsOf(id)).toEqual([past, late, fresh]);
    expect((await queued(id)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('one that would wait too long for an older transaction is not made', async () => {
    const { book, tell, database, subscriptions, us, parts } = bench;
    const unit = await book();
    await tell(unit);
    const given = wish({ unit: unit.id }, { sameAs: 'hasty' });
    const old = await database.connect();
    await old.query('begin');
    const hasty = createSubscriptions({ ...parts, olderWaitMsMax: 20 });
    const refused = await refusal(hasty.create(us, given));
    await old.query('commit');
    old.release();
    expect(refused).toEqual({ code: 'overloaded', paths: [] });
    const { items } = await subscriptions.list(us, {}, { limit: 200 });
    expect(items.filter(({ filter }) => filter.unit === unit.id)).toEqual([]);
    const again = await subscriptions.create(us, given);
    expect(again).toMatchObject({ created: true, subscription: { lastSequence: 1 } });
  });
});
