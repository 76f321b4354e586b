/** Which passage an event lands on, through the real recorder: late, by document, within a batch. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordResult } from '../../dialects/hub-port.ts';
import type { EventDraft } from '../../events/event.ts';
import { createEvents } from '../events/index.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type Recorder } from './index.ts';

let bench: StoreBench;
let recorder: Recorder;
let owner: Principal;

beforeAll(async () => {
  bench = await createStoreBench();
  const { database, nowMs, newId } = bench;
  const quiet = { handOver: () => undefined, logger: { error: () => undefined } };
  recorder = createRecorder({ database, nowMs, newId, ...quiet });
  owner = memberOf(await bench.organization());
});
afterAll(() => bench.drop());

function draft(reference: string, more: Partial<EventDraft>): EventDraft {
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

function idOf(result: RecordResult | undefined): string {
  if (result === undefined || result.status === 'rejected') throw new Error(JSON.stringify(result));
  return result.id;
}

describe('passages', () => {
  const book = (spi: string, reference: string, booking: string) =>
    createUnits(bench).put(owner, {
      reference,
      spi,
      freightFamily: 'Container',
      documents: [{ type: 'booking', reference: booking }],
    });
  const unitOf = async (given: EventDraft) =>
    (await createEvents(bench).get(owner, idOf((await recorder.record(owner, [given]))[0])))?.unit
      .id;

  it('keep what is told again, also when the next one has begun', async () => {
    const reference = 'CSQU3054399';
    const first = (await book('PAS0000000081', reference, 'P11')).unit.id;
    const planned = draft(reference, {
      type: 'departed',
      classifier: 'planned',
      occurredAt: timeOf('2026-06-01T12:00:00Z'),
    });
    expect(await unitOf(planned)).toBe(first);
    const left = { type: 'departed', occurredAt: timeOf('2026-05-01T12:00:00Z') } as const;
    await unitOf(draft(reference, left));
    const second = (await book('PAS0000000082', reference, 'P12')).unit.id;
    const arrived = { type: 'gated-in', occurredAt: timeOf('2026-05-20T12:00:00Z') } as const;
    expect(await unitOf(draft(reference, arrived))).toBe(second);
    const [again] = await recorder.record(owner, [planned]);
    expect(again?.status).toBe('duplicate');
    expect(await unitOf(planned)).toBe(first);
  });

  it('take the events of their own time, also late ones, and those of their documents', async () => {
    const reference = 'CSQU3054383';
    const first = (await book('PAS0000000001', reference, 'P1')).unit.id;
    const on = (day: string) => ({ occurredAt: timeOf(`2026-${day}T12:00:00Z`) });
    expect(await unitOf(draft(reference, { type: 'gated-in', ...on('03-01') }))).toBe(first);
    expect(await unitOf(draft(reference, { type: 'departed', ...on('03-05') }))).toBe(first);
    const second = (await book('PAS0000000002', reference, 'P2')).unit.id;
    expect(second).not.toBe(first);
    expect(await unitOf(draft(reference, { type: 'shifted', ...on('03-03') }))).toBe(first);
    expect(await unitOf(draft(reference, { type: 'gated-in', ...on('04-01') }))).toBe(second);
    expect(await unitOf(draft(reference, { type: 'loaded', ...on('04-02') }))).toBe(second);
    expect(await unitOf(draft(reference, { type: 'inspected', ...on('03-04') }))).toBe(first);
    const documents = [{ type: 'booking', reference: 'P1' }] as const;
    expect(await unitOf(draft(reference, { documents, ...on('04-03') }))).toBe(first);
    const spi = { unit: { spi: 'PAS0000000001' } };
    expect(await unitOf(draft(reference, { ...spi, ...on('04-04') }))).toBe(first);
  });

  it('are those of whom the operator speaks for, where others have the number too', async () => {
    const reference = 'TGHU6200024';
    const given = { reference, freightFamily: 'Container' } as const;
    const units = createUnits(bench);
    const neighbour = memberOf(await bench.organization());
    const theirs = (await units.put(neighbour, given)).unit.id;
    const ours = (await units.put(owner, given)).unit.id;
    const unitFor = async (organization: string | undefined) => {
      const source = { dialect: 'hub', ...(organization === undefined ? {} : { organization }) };
      const [result] = await recorder.record(operator, [draft(reference, { source })]);
      return (await createEvents(bench).get(operator, idOf(result)))?.unit.id;
    };
    expect(await unitFor(neighbour.organization)).toBe(theirs);
    expect(await unitFor(owner.organization)).toBe(ours);
    const third = await bench.organization();
    expect([ours, theirs]).toContain(await unitFor(third));
  });

  it('are told apart within one batch too', async () => {
    const reference = 'MWCU6059784';
    const first = (await book('PAS0000000011', reference, 'P3')).unit.id;
    const second = (await book('PAS0000000012', reference, 'P4')).unit.id;
    const on = (day: string) => ({ occurredAt: timeOf(`2026-${day}T12:00:00Z`) });
    const results = await recorder.record(owner, [
      draft(reference, { type: 'gated-in', ...on('03-01') }),
      draft(reference, { type: 'gated-out', ...on('03-02') }),
      draft(reference, { type: 'gated-in', ...on('05-01') }),
      draft(reference, { type: 'shifted', ...on('03-01') }),
    ]);
    const events = createEvents(bench);
    const units = await Promise.all(
      results.map(async (result) => (await events.get(owner, idOf(result)))?.unit.id),
    );
    expect(units).toEqual([first, first, second, first]);
  });

  it.each(['retracted', 'corrected to a shift'])(
    'are open again once a leaving is %s',
    async (how) => {
      const reference = how === 'retracted' ? 'CSNU1000002' : 'CSNU1000018';
      const serial = how === 'retracted' ? 21 : 23;
      const first = (await book(`PAS00000000${serial}`, reference, `P${serial}`)).unit.id;
      const on = (day: string) => ({ occurredAt: timeOf(`2026-${day}T12:00:00Z`) });
      const [left] = await recorder.record(owner, [
        draft(reference, { type: 'gated-out', ...on('03-02') }),
      ]);
      const correction =
        how === 'retracted'
          ? ({ type: 'gated-out', retracts: idOf(left) } as const)
          : ({ type: 'shifted', replaces: idOf(left) } as const);
      await recorder.record(owner, [draft(reference, { ...correction, ...on('03-02') })]);
      const second = (await book(`PAS00000000${serial + 1}`, reference, `P${serial + 1}`)).unit.id;
      expect(second).not.toBe(first);
      await unitOf(draft(reference, { type: 'gated-in', ...on('03-01') }));
      expect(await unitOf(draft(reference, { type: 'shifted', ...on('03-05') }))).toBe(first);
    },
  );
});
