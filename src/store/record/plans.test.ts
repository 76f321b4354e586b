// The plans of recording on tables large enough for the planner to care: one event costs the same
// however many there are.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createPlansBench,
  type Explaining,
  explaining,
  type PlansBench,
} from '../../../test/support/plans.ts';
import { operator, timeOf } from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordResult } from '../../dialects/hub-port.ts';
import type { EventDraft } from '../../events/event.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type Recorder } from './index.ts';

let bench: PlansBench;
let told: Explaining;
let recorder: Recorder;
let clock = 0;

beforeAll(async () => {
  bench = await createPlansBench();
});
afterAll(() => bench.drop());

beforeEach(() => {
  told = explaining(bench);
  const { nowMs, newId } = bench;
  const quiet = { handOver: () => undefined, logger: { error: () => undefined } };
  recorder = createRecorder({ database: told.database, nowMs, newId, ...quiet });
});

function draft(unit: EventDraft['unit'], more: Partial<EventDraft> = {}): EventDraft {
  clock += 1;
  return {
    unit,
    type: 'shifted',
    classifier: 'actual',
    occurredAt: timeOf(new Date(Date.UTC(2027, 5, 1) + clock * 1_000).toISOString()),
    source: { dialect: 'hub' },
    received: '{}',
    ...more,
  };
}

async function record(by: Principal, ...drafts: EventDraft[]): Promise<string[]> {
  const results: readonly RecordResult[] = await recorder.record(by, drafts);
  return results.map((result) => (result.status === 'rejected' ? result.code : result.id));
}

describe.each([
  ['an owner', () => bench.shipper],
  ['a party', () => bench.port],
  ['the operator', () => operator],
])('recording by %s reads no table whole', (_who, by) => {
  it('by reference, by SPI, by id, and for a subscription', async () => {
    const spi = 'CNI0000000000';
    const units = [{ reference: 'LOT-0' }, { spi }, { id: bench.someUnit }];
    const ids = await record(by(), ...units.map((unit) => draft(unit)));
    expect(ids.every((id) => id.length === 36)).toBe(true);
    const [row] = await bench.database.query<{ count: number }>(
      'select count(*)::int as count from deliveries where event_id = any ($1::uuid[])',
      [ids],
    );
    expect(row?.count).toBe(3);
    expect(told.readWhole()).toEqual([]);
    expect(told.indexes()).toContain('subscriptions_to_match');
  });

  it('while a subscription changes', async () => {
    const change = (types: string) =>
      bench.database.query(`update subscriptions set any_type = $2 where id = $1`, [
        bench.someUnit,
        types,
      ]);
    await record(by(), draft({ reference: 'LOT-0' }));
    await change('{shifted,lost}');
    const [id] = await record(by(), draft({ reference: 'LOT-0' }));
    await change('{shifted}');
    const rows = await bench.database.query('select from deliveries where event_id = $1', [id]);
    expect(rows).toHaveLength(1);
    expect(told.statements()).toContain('write-matching-events');
    expect(told.readWhole()).toEqual([]);
  });

  it('again, corrected, withdrawn, and told again after that', async () => {
    const first = draft({ reference: 'LOT-0' });
    const [id = ''] = await record(by(), first);
    expect(await record(by(), first)).toEqual([id]);
    const [corrected = ''] = await record(by(), { ...draft(first.unit), replaces: id });
    await record(by(), { ...draft(first.unit), retracts: corrected });
    const second = draft({ reference: 'LOT-40' });
    const [gone = ''] = await record(by(), second);
    await record(by(), { ...draft(second.unit), retracts: gone });
    expect((await record(by(), second))[0]).not.toBe(gone);
    expect(told.readWhole()).toEqual([]);
  });

  it('where a reference names several passages', async () => {
    const reference = 'LOT-80';
    const units = createUnits(bench);
    const organization = bench.shipper.organization ?? '';
    const given = { reference, organization, freightFamily: 'Container' } as const;
    const parties = [{ organization: bench.port.organization ?? '', role: 'port' }];
    const spi = `PLN${String(clock).padStart(10, '0')}`;
    await units.put(operator, { ...given, parties, spi });
    expect((await record(by(), draft({ reference })))[0]).toHaveLength(36);
    expect(told.readWhole()).toEqual([]);
    expect(told.plans()).toBeGreaterThan(3);
  });

  it('for a subscription that ends when its unit has left', async () => {
    await bench.database.query(
      `update subscriptions set leaving_unit_id = id, ends_after_leaving_ms = 1000 where id = $1`,
      [bench.someUnit],
    );
    await record(by(), draft({ reference: 'LOT-0' }, { type: 'gated-out' }));
    const [row] = await bench.database.query<{ ends: boolean }>(
      'select expires_at is not null as ends from subscriptions where id = $1',
      [bench.someUnit],
    );
    expect(row?.ends).toBe(true);
    expect(told.readWhole()).toEqual([]);
    await bench.database.query(
      `update subscriptions set leaving_unit_id = null, ends_after_leaving_ms = null,
         expires_at = null where id = $1`,
      [bench.someUnit],
    );
  });
});
