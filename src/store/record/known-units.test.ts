/**
 * What recording remembers of units never outlives a booking: each test records once, so that the
 * unit is known, changes something by another way, and records again.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { PutUnit } from '../../dialects/hub-port.ts';
import type { EventDraft } from '../../events/event.ts';
import { bucketOfId } from '../../lib/id.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type Recorder } from './index.ts';

let bench: StoreBench;
let recorder: Recorder;
let owner: Principal;
let carrier: Principal;
let lookedUp = 0;

beforeAll(async () => {
  bench = await createStoreBench();
  recorder = createRecorder({
    ...bench,
    handOver: () => undefined,
    onBatch: (stage, items) => {
      if (stage === 'resolve') lookedUp += items;
    },
    logger: { error: () => undefined },
  });
  owner = memberOf(await bench.organization('owner'));
  carrier = memberOf(await bench.organization('carrier'));
});
afterAll(() => bench.drop());

let units = 0;
let minutes = 0;

async function book(given: Partial<PutUnit> = {}) {
  units += 1;
  const reference = given.reference ?? `KNOWN-${units}`;
  const parties = [{ organization: carrier.organization ?? '', role: 'carrier' }];
  const wish = { freightFamily: 'Container' as const, parties, ...given, reference };
  return (await createUnits(bench).put(owner, wish)).unit;
}

function draft(reference: string, more: Partial<EventDraft> = {}): EventDraft {
  minutes += 1;
  return {
    unit: { reference },
    type: 'arrived',
    classifier: 'actual',
    occurredAt: timeOf(new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString()),
    source: { dialect: 'hub' },
    received: '{}',
    ...more,
  };
}

async function recordAs(principal: Principal, given: EventDraft) {
  const [result] = await recorder.record(principal, [given]);
  if (result === undefined) throw new Error('no result');
  return result;
}

async function unitOf(eventId: string): Promise<string | undefined> {
  const rows = await bench.database.query<{ unit: string }>(
    'select unit_id as unit from events where bucket = $1 and id = $2',
    [bucketOfId(eventId), eventId],
  );
  return rows[0]?.unit;
}

describe('a unit that is known', () => {
  it('is looked up once', async () => {
    const { reference } = await book();
    lookedUp = 0;
    for (let count = 0; count < 5; count += 1) await recordAs(owner, draft(reference));
    expect(lookedUp).toBe(1);
    await recordAs(carrier, draft(reference));
    expect(lookedUp).toBe(2);
  });

  it('alone is looked up again when it was booked anew, its neighbours are not', async () => {
    const booked = [await book(), await book(), await book()];
    const drafts = () => booked.map(({ reference }) => draft(reference));
    await recorder.record(owner, drafts());
    const documents = [{ type: 'booking', reference: 'ANEW' }] as const;
    await book({ reference: booked[1]?.reference ?? '', documents });
    lookedUp = 0;
    const results = await recorder.record(owner, drafts());
    expect(results.map(({ status }) => status)).toEqual(['recorded', 'recorded', 'recorded']);
    const units = await Promise.all(results.map((one) => unitOf('id' in one ? one.id : '')));
    expect(units).toEqual(booked.map(({ id }) => id));
    expect(lookedUp).toBe(1);
  });

  it('is closed at once to a party that was taken off', async () => {
    const { reference } = await book();
    expect(await recordAs(carrier, draft(reference))).toMatchObject({ status: 'recorded' });
    await book({ reference, parties: [] });
    expect(await recordAs(carrier, draft(reference))).toMatchObject({
      status: 'rejected',
      code: 'unit-not-found',
    });
    expect(await recordAs(owner, draft(reference))).toMatchObject({ status: 'recorded' });
  });

  it('goes with its new documents into the next event', async () => {
    const { reference } = await book();
    await recordAs(owner, draft(reference));
    await book({ reference, documents: [{ type: 'booking', reference: 'NEW' }] });
    const result = await recordAs(owner, draft(reference));
    const [row] = await bench.database.query<{ content: unknown }>(
      'select content from events where id = $1',
      ['id' in result ? result.id : ''],
    );
    expect(row?.content).toMatchObject({
      unit: { documents: [{ type: 'booking', reference: 'NEW' }] },
    });
  });

  it('gives way to the next passage of its number', async () => {
    const first = await book({ spi: 'KNO0000000001' });
    const { reference } = first;
    await recordAs(owner, draft(reference, { type: 'gated-out' }));
    const second = await book({ reference, spi: 'KNO0000000002' });
    const result = await recordAs(owner, draft(reference, { type: 'gated-in' }));
    expect(await unitOf('id' in result ? result.id : '')).toBe(second.id);
    const named = await recordAs(owner, draft(reference, { unit: { spi: 'KNO0000000001' } }));
    expect(await unitOf('id' in named ? named.id : '')).toBe(first.id);
  });

  it('gives way to a passage of another number and owner that is booked under its SPI', async () => {
    const spi = 'KNO0000000003';
    const first = await book({ spi });
    const bySpi = async (type: EventDraft['type']) => {
      const result = await recordAs(carrier, draft('', { type, unit: { spi } }));
      return unitOf('id' in result ? result.id : '');
    };
    expect(await bySpi('gated-out')).toBe(first.id);
    const stranger = memberOf(await bench.organization('stranger'));
    const parties = [{ organization: carrier.organization ?? '', role: 'carrier' }];
    const wish = { reference: 'KNOWN-OTHER', freightFamily: 'Container' as const, spi, parties };
    const second = (await createUnits(bench).put(stranger, wish)).unit;
    expect(await bySpi('gated-in')).toBe(second.id);
  });

  it('ends a subscription that began to wait for its leaving', async () => {
    const unit = await book();
    await recordAs(owner, draft(unit.reference));
    const subscriptions = createSubscriptions({
      ...bench,
      secrets: { issue: () => ({ secret: 'whsec_x', sealed: 'sealed' }) },
      checkUrl: (text) => ({ ok: true, url: new URL(text) }),
      onChange: () => undefined,
    });
    const { subscription } = await subscriptions.create(owner, {
      dialect: 'hub',
      url: 'https://example.com/',
      filter: { unit: unit.id },
      endsAfterLeaving: { unit: unit.id, afterMs: 60_000 },
    });
    await recordAs(owner, draft(unit.reference, { type: 'gated-out' }));
    const [row] = await bench.database.query<{ ends: Date | null }>(
      'select expires_at as ends from subscriptions where id = $1',
      [subscription.id],
    );
    expect(row?.ends).not.toBeNull();
  });
});

describe('while units are booked again and again', () => {
  it('every event is recorded, and each by what held at the time', async () => {
    const booked = await Promise.all(Array.from({ length: 5 }, () => book()));
    let isOver = false;
    const booking = (async () => {
      for (let round = 0; !isOver; round += 1) {
        for (const { reference } of booked) {
          await book({ reference, documents: [{ type: 'order', reference: `O${round}` }] });
        }
      }
    })();
    const results = [];
    for (let round = 0; round < 40; round += 1) {
      const drafts = booked.map(({ reference }) => draft(reference));
      results.push(...(await recorder.record(owner, drafts)));
    }
    isOver = true;
    await booking;
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'recorded'));
  });
});
