// Reading events: order, filters, cursors, and what was known when.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
  timeOf,
  unknownId,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { EventQuery, EventsPort } from '../../dialects/hub-port.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { createUnits } from '../units/index.ts';
import { createEvents } from './index.ts';

let bench: StoreBench;
let events: EventsPort;
let owner: string;
let us: Principal;
let first: HandlingUnit;
let second: HandlingUnit;
/** Ids of all events in the order in which they happened. */
let inOrder: string[];

const secondOf = (digits: string) => timeOf(`2026-11-01T00:00:${digits}Z`);

beforeAll(async () => {
  bench = await createStoreBench();
  events = createEvents(bench);
  const units = createUnits(bench);
  owner = await bench.organization();
  us = memberOf(owner);
  const book = async (spi: string) => {
    const given = { reference: 'CSQU3054383', spi, freightFamily: 'Container' } as const;
    return (await units.put(us, given)).unit;
  };
  first = await book('CNI0000000001');
  second = await book('CNI0000000002');
  // Microseconds decide, then the id; recorded in another order than they happened.
  const moments = ['02.000002', '01', '02.000001', '03', '02.000002', '01'];
  const written: { id: string; moment: string }[] = [];
  for (const [at, moment] of moments.entries()) {
    bench.clock.nowMs += 1000;
    const facts = {
      occurredAt: secondOf(moment),
      type: at === 3 ? 'gated-out' : 'gated-in',
    } as const;
    const unit = at % 2 === 0 ? first : second;
    written.push({ id: await bench.event({ unit, organization: owner, facts }), moment });
  }
  inOrder = written
    .sort((a, b) => (a.moment === b.moment ? (a.id < b.id ? -1 : 1) : a.moment < b.moment ? -1 : 1))
    .map(({ id }) => id);
});
afterAll(() => bench.drop());

const list = async (query: EventQuery, principal = us) =>
  (await events.list(principal, query, { limit: 200 })).items;
const idsOf = async (query: EventQuery) => (await list(query)).map(({ id }) => id);

describe('list', () => {
  it('takes a unit by reference (all passages), SPI and id', async () => {
    expect(await idsOf({ unit: 'csqu 305438-3' })).toEqual(inOrder);
    const ofFirst = (await list({ unit: first.id })).map((event) => event.unit.id);
    expect(ofFirst).toEqual([first.id, first.id, first.id]);
    expect(await idsOf({ unit: 'CNI0000000001' })).toEqual(await idsOf({ unit: first.id }));
    expect(await idsOf({ unit: first.id.toUpperCase() })).toEqual(await idsOf({ unit: first.id }));
  });

  it('takes a text that is a reference here and an SPI there as both, without doubles', async () => {
    const units = createUnits(bench);
    const stranger = await bench.organization();
    const given = { reference: 'CNI0000000009', spi: 'CNI0000000009' };
    const { unit } = await units.put(memberOf(stranger), { ...given, freightFamily: 'BreakBulk' });
    const id = await bench.event({ unit, organization: stranger });
    expect((await list({ unit: 'CNI0000000009' }, memberOf(stranger))).map((e) => e.id)).toEqual([
      id,
    ]);
  });

  it('gives all events of all units to an organization that names none', async () => {
    expect(await idsOf({})).toEqual(inOrder);
    expect((await list({}, operator)).map(({ id }) => id)).toEqual(expect.arrayContaining(inOrder));
  });

  it('filters by type and by both clocks; from is included, to is not', async () => {
    expect(await idsOf({ type: 'gated-out' })).toHaveLength(1);
    expect(await idsOf({ type: 'lost' })).toEqual([]);
    const at = (second: number) => Date.UTC(2026, 10, 1, 0, 0, second);
    expect(await idsOf({ occurredFromMs: at(2) })).toEqual(inOrder.slice(2));
    expect(await idsOf({ occurredToMs: at(2) })).toEqual(inOrder.slice(0, 2));
    expect(await idsOf({ occurredFromMs: at(1), occurredToMs: at(1) })).toEqual([]);
    const last = bench.clock.nowMs;
    expect(await idsOf({ recordedFromMs: last })).toHaveLength(1);
    expect(await idsOf({ recordedToMs: last })).toHaveLength(5);
  });

  it('answers as things were known then: later records are hidden, replaced ones are not', async () => {
    const units = createUnits(bench);
    const { unit } = await units.put(us, { reference: 'LOT-1', freightFamily: 'BreakBulk' });
    const before = bench.clock.nowMs;
    const wrong = await bench.event({ unit, organization: owner });
    bench.clock.nowMs += 60_000;
    const right = await bench.event({ unit, organization: owner, facts: { replaces: wrong } });
    bench.clock.nowMs += 60_000;
    await bench.event({ unit, organization: owner, facts: { retracts: right } });
    const known = async (asOfMs: number) => (await list({ unit: 'LOT-1', asOfMs })).length;
    expect(await known(before - 1)).toBe(0);
    expect(await known(before)).toBe(1);
    expect(await known(before + 60_000)).toBe(2);
    expect(await known(before + 120_000)).toBe(3);
    expect((await events.get(us, right))?.replaces).toBe(wrong);
  });

  it.each(['', 'nothing', unknownId(), '\u0000', 'CNI0000000099'])(
    'finds nothing of %j',
    async (unit) => {
      expect(await events.list(us, { unit }, { limit: 1 })).toEqual({
        items: [],
        nextCursor: null,
      });
    },
  );

  it('pages in any size give the whole, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('CSQU3054383', 'CNI0000000002'),
        async (limit, unit) => {
          const seen: string[] = [];
          let cursor: string | null = null;
          do {
            const page = await events.list(us, { unit }, { limit, ...(cursor && { cursor }) });
            expect(page.items.length).toBeLessThanOrEqual(limit);
            seen.push(...page.items.map(({ id }) => id));
            cursor = page.nextCursor;
          } while (cursor !== null);
          expect(seen).toEqual(await idsOf({ unit }));
        },
      ),
      { numRuns: 14 },
    );
  });

  it('refuses cursors that are not its own', async () => {
    const forged = (text: string) => Buffer.from(text).toString('base64url');
    const id = unknownId();
    const cursors = [
      'x',
      forged(`units ${id}`),
      forged(`events 2026-99-99T00:00:00.000000Z ${id}`),
      forged(`events 2026-11-01T00:00:00.000000Z no-id`),
      forged(`events 2026-11-01T00:00:00.000000Z ${id} more`),
      `${forged(`events 2026-11-01T00:00:00.000000Z ${id}`)}=`,
    ];
    for (const cursor of cursors) {
      await expect(events.list(us, {}, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'invalid-input',
        details: { issues: [{ path: 'cursor' }] },
      });
    }
  });
});

describe('get', () => {
  it('gives one event, by its id in either case', async () => {
    const [id = ''] = inOrder;
    const event = await events.get(us, id);
    expect(event).toEqual((await list({}))[0]);
    expect(await events.get(us, id.toUpperCase())).toEqual(event);
  });

  it.each(['', 'no id', unknownId(), '00000000-0000-4000-8000-000000000000'])(
    'knows no %j',
    async (id) => expect(await events.get(us, id)).toBeUndefined(),
  );
});
