import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePassage, idleMsMax, type Passage, type PassageTimes } from './passages.ts';

const day = 86_400_000;
const at = (days: number) => Date.UTC(2026, 0, 1) + days * day;

function passage(id: string, more: Partial<Passage> = {}): Passage {
  return { id, documents: [], createdAtMs: at(300), ...more };
}

const times = (first: number, last: number, hasClosed: boolean): PassageTimes => ({
  firstMs: at(first),
  lastMs: at(last),
  hasClosed,
});

const chosen = (passages: readonly Passage[], days: number, booking?: string) =>
  choosePassage(passages, {
    occurredAtMs: at(days),
    documents: booking === undefined ? [] : [{ type: 'booking', reference: booking }],
  })?.id;

describe('choosePassage', () => {
  it('has nothing to choose among none and one', () => {
    expect(chosen([], 0)).toBeUndefined();
    expect(chosen([passage('1')], 0)).toBe('1');
  });

  it('lets a late event of the old passage stay there, and a new one go to the new', () => {
    const closed = [passage('1', { times: times(0, 5, true) }), passage('2')];
    expect(chosen(closed, 4)).toBe('1');
    expect(chosen(closed, 5)).toBe('1');
    expect(chosen(closed, 6)).toBe('2');
  });

  it('keeps events on a passage under way when the next one is booked ahead', () => {
    const open = [passage('1', { times: times(0, 5, false) }), passage('2')];
    expect(chosen(open, 6)).toBe('1');
    expect(chosen(open, 5 + idleMsMax / day + 1)).toBe('2');
  });

  it('goes by the first event of the newer passage once there is one', () => {
    const both = [
      passage('1', { times: times(0, 5, false) }),
      passage('2', { times: times(8, 9, false) }),
    ];
    expect(chosen(both, 7)).toBe('1');
    expect(chosen(both, 8)).toBe('2');
    expect(chosen(both, 400)).toBe('2');
  });

  it('lets what lies between two passages belong to the nearer, once the older has closed', () => {
    const both = [
      passage('1', { times: times(0, 5, true) }),
      passage('2', { times: times(25, 30, false) }),
    ];
    expect([6, 15, 16, 24].map((days) => chosen(both, days))).toEqual(['1', '1', '2', '2']);
    const older = passage('0', { times: times(-90, -80, true) });
    expect(chosen([older, ...both], -79)).toBe('0');
    expect(chosen([older, ...both], -1)).toBe('1');
  });

  it('goes by booking where nothing has happened yet', () => {
    const quiet = [passage('1', { createdAtMs: at(1) }), passage('2', { createdAtMs: at(10) })];
    expect(chosen(quiet, 9)).toBe('1');
    expect(chosen(quiet, 10)).toBe('2');
  });

  it('lets documents decide, whatever the time', () => {
    const documents = (reference: string) => [{ type: 'booking' as const, reference }];
    const both = [
      passage('1', { documents: documents('A'), times: times(0, 5, true) }),
      passage('2', { documents: documents('B'), times: times(8, 9, true) }),
    ];
    expect(chosen(both, 100, 'A')).toBe('1');
    expect(chosen(both, 0, 'B')).toBe('2');
    expect(chosen(both, 100, 'unknown')).toBe('2');
  });

  it('never mixes passages whose events are known, in whatever order they are asked', () => {
    const visits = fc.array(
      fc.record({
        pause: fc.integer({ min: 1, max: 90 }),
        length: fc.integer({ min: 0, max: 20 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(visits, fc.nat(20), fc.nat(9), (list, offset, booked) => {
        let start = 0;
        const passages = list.map(({ pause, length }, index) => {
          start += pause;
          // Booked in whatever order.
          const id = String((index * 7 + booked) % 10);
          const one = passage(id, { times: times(start, start + length, true) });
          start += length;
          return one;
        });
        for (const one of passages) {
          const span = ((one.times?.lastMs ?? 0) - (one.times?.firstMs ?? 0)) / day;
          const day0 = ((one.times?.firstMs ?? 0) - at(0)) / day;
          const shuffled = [
            ...passages.slice(offset % passages.length),
            ...passages.slice(0, offset % passages.length),
          ];
          expect(chosen(shuffled, day0 + (offset % (span + 1)))).toBe(one.id);
        }
      }),
    );
  });
});
