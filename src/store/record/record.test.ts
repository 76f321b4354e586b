/** Recording against a real PostgreSQL: duplicates, entitlement, matching, numbering, failure. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordResult } from '../../dialects/hub-port.ts';
import type { EventDraft, RecordedEvent } from '../../events/event.ts';
import type { SubscriptionFilter } from '../../events/subscription.ts';
import { bucketOfId } from '../../lib/id.ts';
import { createEvents } from '../events/index.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type RecordedDelivery, type Recorder } from './index.ts';

let bench: StoreBench;
let recorder: Recorder;
let owner: Principal;
let party: Principal;
let observer: Principal;
let stranger: Principal;
const handed: RecordedDelivery[] = [];

const silent = { error: () => undefined };

beforeAll(async () => {
  bench = await createStoreBench();
  recorder = createRecorder({
    database: bench.database,
    nowMs: bench.nowMs,
    newId: bench.newId,
    handOver: (deliveries) => handed.push(...deliveries),
    logger: silent,
  });
  [owner, party, observer, stranger] = (
    await Promise.all(['owner', 'party', 'observer', 'stranger'].map(bench.organization))
  ).map(memberOf) as [Principal, Principal, Principal, Principal];
});
afterAll(() => bench.drop());

let units = 0;

async function bookUnit(spi?: string) {
  units += 1;
  const reference = `UNIT-${units}`;
  const { unit } = await createUnits(bench).put(owner, {
    reference,
    freightFamily: 'Container',
    ...(spi === undefined ? {} : { spi }),
    documents: [{ type: 'booking', reference: `BKG-${units}` }],
    parties: [
      { organization: party.organization ?? '', role: 'carrier' },
      { organization: party.organization ?? '', role: 'consignee' },
      { organization: observer.organization ?? '', role: 'observer' },
    ],
  });
  return unit;
}

let minutes = 0;

function draft(reference: string, more: Partial<EventDraft> = {}): EventDraft {
  minutes += 1;
  return {
    unit: { reference },
    type: 'gated-out',
    classifier: 'actual',
    occurredAt: timeOf(new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString()),
    source: { dialect: 'hub' },
    received: '{"as":"received"}',
    ...more,
  };
}

async function subscribe(
  principal: Principal,
  filter: SubscriptionFilter,
  url = 'https://x.test/',
) {
  const store = createSubscriptions({
    ...bench,
    secrets: { issue: () => ({ secret: 'whsec_x', sealed: 'sealed' }) },
    checkUrl: (text) => ({ ok: true, url: new URL(text) }),
    onChange: () => undefined,
  });
  return (await store.create(principal, { dialect: 'hub', url, filter })).subscription;
}

const end = (id: string) =>
  bench.database.query("update subscriptions set state = 'deleted' where id = $1", [id]);

const one = async (principal: Principal, given: EventDraft): Promise<RecordResult> =>
  (await recorder.record(principal, [given]))[0] as RecordResult;

const idOf = (result: RecordResult): string => {
  if (result.status === 'rejected') throw new Error(JSON.stringify(result));
  return result.id;
};

describe('recording', () => {
  it('stores an event once and answers a repeat with its first id', async () => {
    const unit = await bookUnit();
    const given = draft(unit.reference);
    const first = await one(owner, given);
    expect(first.status).toBe('recorded');
    expect(await one(owner, given)).toEqual({ status: 'duplicate', id: idOf(first) });
    expect(bucketOfId(idOf(first))).toBe(bucketOfId(unit.id));
  });

  it('finds duplicates within one batch and among concurrent requests', async () => {
    const unit = await bookUnit();
    const given = draft(unit.reference);
    const results = [
      ...(await recorder.record(owner, [given, given])),
      ...(await Promise.all(Array.from({ length: 30 }, () => one(owner, given)))),
    ];
    expect(results.filter(({ status }) => status === 'recorded')).toHaveLength(1);
    expect(new Set(results.map(idOf)).size).toBe(1);
  });

  it.each<[string, Partial<EventDraft>]>([
    ['type', { type: 'gated-in' }],
    ['classifier', { classifier: 'planned' }],
    ['time', { occurredAt: timeOf('2025-01-01T00:00:00Z') }],
    ['place', { place: { unlocode: 'FRLEH' } }],
    ['source code', { source: { dialect: 'hub', code: 'X1' } }],
    ['dialect', { source: { dialect: 'other' } }],
  ])('takes another %s as another event', async (_what, change) => {
    const unit = await bookUnit();
    const given = draft(unit.reference);
    await one(owner, given);
    expect((await one(owner, { ...given, ...change })).status).toBe('recorded');
  });

  it('takes the same instant in another offset as the same event', async () => {
    const unit = await bookUnit();
    const given = draft(unit.reference, { occurredAt: timeOf('2026-05-01T12:00:00+02:00') });
    await one(owner, given);
    const again = { ...given, occurredAt: timeOf('2026-05-01T10:00:00.000Z') };
    expect((await one(owner, again)).status).toBe('duplicate');
  });

  it('gives back exactly what was told', async () => {
    const unit = await bookUnit();
    const given = draft(unit.reference, {
      occurredAt: timeOf('2026-05-01T12:00:00.1234567+05:30'),
      mode: 3,
      direction: 'import',
      way: 'out',
      place: {
        unlocode: 'FRLEH',
        location: 'MTDF',
        name: 'Le Havre',
        latitude: 49.48,
        longitude: 0.1,
      },
      vehicle: { id: '9360142', name: 'MSC EYRA', voyage: 'BA649R' },
      full: false,
      documents: [{ type: 'billOfLading', reference: 'B1' }],
      message: 'naïve ☃ 🚢',
      additionalInfo: '001',
      channel: 'SMS',
      codes: { zz: '2', a: '1' },
      source: { dialect: 'hub', code: 'GOUT' },
    });
    const id = idOf(await one(owner, given));
    const stored = (await createEvents(bench).get(owner, id)) as RecordedEvent;
    const { unit: _unit, source: _source, received: _received, ...facts } = given;
    expect(stored).toMatchObject(facts);
    expect(stored.source).toEqual({
      organization: owner.organization,
      dialect: 'hub',
      code: 'GOUT',
    });
    // The order of members survives too: a push from the table has the bytes of one from memory.
    expect(JSON.stringify(stored.codes)).toBe('{"zz":"2","a":"1"}');
  });
});

describe('entitlement', () => {
  it('answers unknown and hidden units alike', async () => {
    const unit = await bookUnit('ABC0000000001');
    const hidden = await one(stranger, draft(unit.reference));
    const unknown = await one(stranger, draft('NO-SUCH-UNIT'));
    expect(hidden).toEqual(unknown);
    expect(hidden).toMatchObject({ status: 'rejected', code: 'unit-not-found' });
    for (const selector of [{ id: unit.id }, { spi: 'ABC0000000001' }]) {
      const result = await one(stranger, draft('', { unit: selector }));
      expect(result).toMatchObject({ status: 'rejected', code: 'unit-not-found' });
    }
  });

  it('lets parties register, observers not', async () => {
    const unit = await bookUnit();
    expect((await one(party, draft(unit.reference))).status).toBe('recorded');
    expect(await one(observer, draft(unit.reference))).toMatchObject({ code: 'forbidden' });
  });

  it('finds a unit by reference in any spelling, by SPI and by id', async () => {
    const units = createUnits(bench);
    const { unit } = await units.put(owner, {
      reference: '(00)370724760010119754',
      spi: 'PAR0000000001',
      freightFamily: 'Parcel',
    });
    for (const selector of [
      { reference: '370724760010119754' },
      { reference: '00370724760010119754' },
      { spi: 'PAR0000000001' },
      { id: unit.id },
      { reference: '370724760010119754', spi: 'PAR0000000001' },
    ]) {
      const id = idOf(await one(owner, draft('', { unit: selector })));
      expect((await createEvents(bench).get(owner, id))?.unit.id).toBe(unit.id);
    }
    const other = { reference: '370724760010119754', spi: 'PAR0000000002' };
    expect(await one(owner, draft('', { unit: other }))).toMatchObject({ code: 'unit-not-found' });
  });

  it('rejects one bad event alone, in the order sent', async () => {
    const unit = await bookUnit();
    const results = await recorder.record(owner, [
      draft(unit.reference),
      draft('NO-SUCH-UNIT'),
      draft(unit.reference),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['recorded', 'rejected', 'recorded']);
  });
});

describe('deliveries', () => {
  const since = (start: number) => handed.slice(start);

  it('are made for every subscription entitled to the unit, once', async () => {
    const unit = await bookUnit('DEL0000000001');
    const wishes: SubscriptionFilter[] = [
      { reference: unit.reference },
      { spi: 'DEL0000000001' },
      { unit: unit.id },
      { document: unit.documents[0]?.reference ?? '' },
      { reference: unit.reference, types: ['gated-out', 'gated-in'] },
      { reference: unit.reference, direction: 'import', way: 'out', place: 'mtdf' },
      { reference: unit.reference, freightFamily: 'Container', classifier: 'actual' },
    ];
    const wanted = await Promise.all(wishes.map((wish) => subscribe(party, wish)));
    const unwanted: SubscriptionFilter[] = [
      { reference: `${unit.reference}0` },
      { reference: unit.reference, types: ['delivered'] },
      { reference: unit.reference, direction: 'export' },
      { reference: unit.reference, place: 'NLRTM' },
      { reference: unit.reference, classifier: 'planned' },
      { reference: unit.reference, spi: 'DEL0000000002' },
    ];
    await Promise.all(unwanted.map((wish) => subscribe(party, wish)));
    await subscribe(stranger, { reference: unit.reference });
    await subscribe(stranger, { spi: 'DEL0000000001' });
    const start = handed.length;
    await one(
      owner,
      draft(unit.reference, { direction: 'import', way: 'out', place: { location: 'MTDF' } }),
    );
    const told = since(start).map((delivery) => delivery.subscriptionId);
    expect(told.sort()).toEqual(wanted.map(({ id }) => id).sort());
  });

  it('are numbered without gaps, in order for each unit, also under concurrency', async () => {
    const subscription = await subscribe(
      party,
      { freightFamily: 'Container' },
      'https://all.test/',
    );
    const units = await Promise.all(Array.from({ length: 8 }, () => bookUnit()));
    const start = handed.length;
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        one(owner, draft(units[index % units.length]?.reference ?? '')),
      ),
    );
    const told = since(start).filter(({ subscriptionId }) => subscriptionId === subscription.id);
    const numbers = told.map(({ sequence }) => sequence);
    expect([...numbers].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    for (const unit of units) {
      const own = told.filter(({ event }) => event.unit.id === unit.id);
      expect(own.map(({ sequence }) => sequence)).toEqual(
        own.map(({ sequence }) => sequence).sort((a, b) => a - b),
      );
    }
    const positions = told.map(({ position }) => position);
    expect(new Set(positions).size).toBe(200);
    await end(subscription.id);
  });

  it('wait in the table while a subscription is paused, and are not handed over', async () => {
    const unit = await bookUnit();
    const subscription = await subscribe(party, { unit: unit.id });
    await bench.database.query("update subscriptions set state = 'paused' where id = $1", [
      subscription.id,
    ]);
    const start = handed.length;
    await one(owner, draft(unit.reference));
    expect(since(start)).toEqual([]);
    const rows = await bench.database.query<{ waiting: boolean }>(
      "select due_at = 'infinity' as waiting from deliveries where subscription_id = $1",
      [subscription.id],
    );
    expect(rows).toEqual([{ waiting: true }]);
  });

  it('are not made for expired or deleted subscriptions, nor again for duplicates', async () => {
    const unit = await bookUnit();
    const [expired, deleted] = await Promise.all([
      subscribe(party, { unit: unit.id }, 'https://a.test/'),
      subscribe(party, { unit: unit.id }, 'https://b.test/'),
    ]);
    await bench.database.query("update subscriptions set expires_at = '2020-01-01' where id = $1", [
      expired.id,
    ]);
    await end(deleted.id);
    const live = await subscribe(party, { unit: unit.id }, 'https://c.test/');
    const start = handed.length;
    const given = draft(unit.reference);
    await one(owner, given);
    await one(owner, given);
    expect(since(start).map(({ subscriptionId }) => subscriptionId)).toEqual([live.id]);
  });
});

describe('failure', () => {
  it('isolates a row that PostgreSQL refuses', async () => {
    const unit = await bookUnit();
    const bad = draft(unit.reference, { message: 'nul \u0000 byte', received: 'nul \u0000' });
    const results = await recorder.record(owner, [
      draft(unit.reference),
      bad,
      draft(unit.reference),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['recorded', 'rejected', 'recorded']);
  });

  it('keeps characters that stand apart from text elsewhere', async () => {
    const unit = await bookUnit();
    const received = '{"a":1}\u001f{"b":\u001d}\u001e';
    const [result] = await recorder.record(owner, [draft(unit.reference, { received })]);
    expect(result?.status).toBe('recorded');
    const rows = await bench.database.query('select received from events where id = $1', [
      result?.status === 'recorded' ? result.id : '',
    ]);
    expect(rows).toEqual([{ received }]);
  });

  it('answers overloaded, and stores nothing, when the database is away', async () => {
    const gone = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }));
    const away = createRecorder({
      database: { ...bench.database, query: gone, queryInOrder: gone },
      nowMs: bench.nowMs,
      newId: bench.newId,
      handOver: () => undefined,
      logger: silent,
    });
    await expect(away.record(owner, [draft('X')])).rejects.toMatchObject({ code: 'overloaded' });
  });
});
