/** Corrections through the real recorder: who may make them, who is told, what may come again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordResult } from '../../dialects/hub-port.ts';
import type { EventDraft } from '../../events/event.ts';
import type { SubscriptionFilter } from '../../events/subscription.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type RecordedDelivery, type Recorder } from './index.ts';

let bench: StoreBench;
let recorder: Recorder;
let owner: Principal;
let party: Principal;
let other: Principal;
const handed: RecordedDelivery[] = [];

beforeAll(async () => {
  bench = await createStoreBench();
  const { database, nowMs, newId } = bench;
  recorder = createRecorder({
    ...{ database, nowMs, newId, logger: { error: () => undefined } },
    handOver: (deliveries) => handed.push(...deliveries),
  });
  [owner, party, other] = (
    await Promise.all(['owner', 'party', 'other'].map(bench.organization))
  ).map(memberOf) as [Principal, Principal, Principal];
});
afterAll(() => bench.drop());

let units = 0;

async function bookUnit(): Promise<string> {
  units += 1;
  const reference = `UNIT-${units}`;
  const roles = [party, other].map(({ organization = '' }) => ({ organization, role: 'carrier' }));
  await createUnits(bench).put(owner, { reference, freightFamily: 'Container', parties: roles });
  return reference;
}

function draft(reference: string, more: Partial<EventDraft> = {}): EventDraft {
  return {
    unit: { reference },
    type: 'gated-in',
    classifier: 'actual',
    occurredAt: timeOf('2026-01-01T00:00:00Z'),
    source: { dialect: 'hub' },
    received: '{}',
    ...more,
  };
}

const one = async (principal: Principal, given: EventDraft): Promise<RecordResult> =>
  (await recorder.record(principal, [given]))[0] as RecordResult;

function idOf(result: RecordResult): string {
  if (result.status === 'rejected') throw new Error(JSON.stringify(result));
  return result.id;
}

async function subscribe(filter: SubscriptionFilter): Promise<string> {
  const store = createSubscriptions({
    ...bench,
    secrets: { issue: () => ({ secret: 'whsec_x', sealed: 'sealed' }) },
    checkUrl: (text) => ({ ok: true, url: new URL(text) }),
    onChange: () => undefined,
  });
  const given = { dialect: 'hub', url: 'https://x.test/', filter };
  return (await store.create(party, given)).subscription.id;
}

describe('a correction', () => {
  it('is of an event of the same unit, and stays on its passage', async () => {
    const [reference, another] = [await bookUnit(), await bookUnit()];
    const first = idOf(await one(owner, draft(reference)));
    const wrong = await one(owner, draft(another, { replaces: first }));
    expect(wrong).toMatchObject({ status: 'rejected', issue: { path: 'replaces' } });
    const right = await one(owner, draft(reference, { replaces: first }));
    expect(right.status).toBe('recorded');
  });

  it('is made by who told the event, by the owner or by the operator alone', async () => {
    const reference = await bookUnit();
    const first = idOf(await one(party, draft(reference)));
    for (const member of ['replaces', 'retracts'] as const) {
      const foreign = await one(other, draft(reference, { type: 'gated-out', [member]: first }));
      expect(foreign).toMatchObject({ code: 'forbidden', issue: { path: member } });
    }
    for (const [index, who] of [party, owner].entries()) {
      const occurredAt = timeOf(`2026-01-0${index + 2}T00:00:00Z`);
      const result = await one(who, draft(reference, { replaces: first, occurredAt }));
      expect(result.status).toBe('recorded');
    }
  });

  it('is told to whoever was told the first version, also where it looks different', async () => {
    const reference = await bookUnit();
    const place = { location: 'MTDF' };
    const wishes: SubscriptionFilter[] = [
      { reference, types: ['gated-in'] },
      { reference, place: 'MTDF' },
      { reference, direction: 'import' },
    ];
    const told = await Promise.all(wishes.map(subscribe));
    const unasked = await subscribe({ reference, types: ['loaded'] });
    const first = idOf(await one(owner, draft(reference, { place, direction: 'import' })));
    const start = handed.length;
    await one(owner, draft(reference, { type: 'gated-out', replaces: first }));
    await one(owner, draft(reference, { type: 'other', retracts: first }));
    const heard = handed.slice(start).map(({ subscriptionId }) => subscriptionId);
    expect(heard.sort()).toEqual([...told, ...told].sort());
    expect(heard).not.toContain(unasked);
  });
});

describe('a withdrawn event', () => {
  it('that is told again is news, and a repeat of that a duplicate', async () => {
    const reference = await bookUnit();
    const given = draft(reference);
    const first = idOf(await one(owner, given));
    await one(owner, draft(reference, { type: 'other', retracts: first }));
    const again = await one(owner, given);
    expect(again.status).toBe('recorded');
    expect(idOf(again)).not.toBe(first);
    expect(await one(owner, given)).toEqual({ status: 'duplicate', id: idOf(again) });
  });

  it('comes again also where a correction was withdrawn, or its first version after one', async () => {
    for (const named of ['first', 'correction'] as const) {
      const reference = await bookUnit();
      const given = draft(reference);
      const first = idOf(await one(owner, given));
      const correction = idOf(await one(owner, draft(reference, { replaces: first })));
      const retracts = named === 'first' ? first : correction;
      await one(owner, draft(reference, { type: 'other', retracts }));
      const again = await one(owner, given);
      expect(again.status).toBe('recorded');
      expect(await one(owner, given)).toEqual({ status: 'duplicate', id: idOf(again) });
    }
  });

  it('comes again once only, however many tell it at the same time', async () => {
    const reference = await bookUnit();
    const given = draft(reference);
    const first = idOf(await one(owner, given));
    await one(owner, draft(reference, { type: 'other', retracts: first }));
    const results = await Promise.all(Array.from({ length: 20 }, () => one(owner, given)));
    expect(results.filter(({ status }) => status === 'recorded')).toHaveLength(1);
    expect(new Set(results.map(idOf)).size).toBe(1);
  });

  it('is stored also where another process has just made its place and gets no further', async () => {
    const { database, nowMs, newId } = bench;
    const reference = await bookUnit();
    const given = draft(reference);
    const first = idOf(await one(owner, given));
    await one(owner, draft(reference, { type: 'other', retracts: first }));
    const query: typeof database.query = async (statement, values) => {
      if (typeof statement === 'object' && statement.name === 'known-events')
        await database.query('delete from event_keys where event_id = $1', [first]);
      return database.query(statement, values);
    };
    const late = createRecorder({
      ...{ database: { ...database, query }, nowMs, newId },
      logger: { error: () => undefined },
      handOver: () => undefined,
    });
    const [again] = await late.record(owner, [given]);
    expect(again?.status).toBe('recorded');
    expect(await one(owner, given)).toEqual({
      status: 'duplicate',
      id: again !== undefined && idOf(again),
    });
  });

  it('is withdrawn once, however often that is told', async () => {
    const reference = await bookUnit();
    const first = idOf(await one(owner, draft(reference)));
    const withdrawal = draft(reference, { retracts: first });
    const told = await one(owner, withdrawal);
    expect(told.status).toBe('recorded');
    expect(await one(owner, withdrawal)).toEqual({ status: 'duplicate', id: idOf(told) });
  });

  it('is not the one that was replaced: that stays known', async () => {
    const reference = await bookUnit();
    const given = draft(reference);
    const first = idOf(await one(owner, given));
    await one(owner, draft(reference, { type: 'gated-out', replaces: first }));
    expect(await one(owner, given)).toEqual({ status: 'duplicate', id: first });
  });
});

describe('what refines a type', () => {
  it('makes another event: additional info and channel', async () => {
    const reference = await bookUnit();
    const given = draft(reference, { type: 'communication-sent' });
    for (const more of [{}, { channel: 'SMS' }, { channel: 'EMAIL' }, { additionalInfo: '001' }]) {
      expect((await one(owner, { ...given, ...more })).status).toBe('recorded');
    }
  });
});
