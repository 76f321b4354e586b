// Which actual events belong to which planned stops.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeOf } from '../../test/support/store.ts';
import type { HubDocument, PlannedStop } from './document.ts';
import type { Place, RecordedEvent } from './event.ts';
import { likeness, matchStops, progressOf } from './progress.ts';
import type { HandlingUnit } from './unit.ts';

const unit: HandlingUnit = {
  ...{ id: 'u', reference: 'CSQU3054383', freightFamily: 'Container', customsFlag: 'Unknown' },
  ...{ documents: [], organization: 'owner', parties: [], details: {} },
  ...{ createdAtMs: 0, updatedAtMs: 0 },
};

let ids = 0;
function eventOf(type: 'loaded' | 'unloaded', place?: Place, more: Partial<RecordedEvent> = {}) {
  ids += 1;
  const event: RecordedEvent = {
    ...{
      id: `e${String(ids).padStart(6, '0')}`,
      type,
      classifier: 'actual',
      unit,
      recordedAtMs: ids,
    },
    occurredAt: timeOf(new Date(Date.UTC(2026, 10, 1) + ids * 60_000).toISOString()),
    source: { organization: 'owner', dialect: 'd' },
    ...(place === undefined ? {} : { place }),
    ...more,
  };
  return event;
}

const [havre, rouen, paris]: readonly Place[] = [
  { name: 'Le Havre', latitude: 49.49, longitude: 0.11 },
  { name: 'Rouen', latitude: 49.44, longitude: 1.1 },
  { name: 'Paris', latitude: 48.86, longitude: 2.35 },
];
const stopAt = (kind: PlannedStop['kind'], place: Place = {}): PlannedStop => ({
  ...{ kind, place, window: {} },
});
const idsOf = (events: readonly RecordedEvent[]) => events.map(({ id }) => id);

function matched(stops: readonly PlannedStop[], events: readonly RecordedEvent[]) {
  const { byStop, offPlan } = matchStops(stops, events);
  return { byStop: byStop.map(idsOf), offPlan: idsOf(offPlan) };
}

describe('a place', () => {
  it.each<[Place, Place | undefined, string]>([
    [{ name: 'Rouen' }, undefined, 'unknown'],
    [{ name: 'Rouen' }, {}, 'unknown'],
    [{ name: 'Rouen' }, { name: ' ROUEN ' }, 'same'],
    [{ name: 'Rouen' }, { name: 'Rouen-Petit-Quevilly' }, 'unknown'],
    [{ location: 'A' }, { location: 'B' }, 'unknown'],
    [{ location: 'A' }, { location: 'a' }, 'same'],
    [{ unlocode: 'FRLEH' }, { unlocode: 'FRLEH' }, 'same'],
    [{ unlocode: 'FRLEH' }, { unlocode: 'FRURO' }, 'other'],
    [{ latitude: 49.49, longitude: 0.11 }, { latitude: 49.5, longitude: 0.12 }, 'same'],
    [{ latitude: 49.49, longitude: 0.11 }, { latitude: 49.53, longitude: 0.11 }, 'other'],
    [{ latitude: 0, longitude: 179.999 }, { latitude: 0, longitude: -179.999 }, 'same'],
    // Two yards of one town.
    [
      { name: 'Berlin', latitude: 23.25, longitude: 90 },
      { name: 'Berlin', latitude: 23.25, longitude: 42 },
      'other',
    ],
  ])('%o beside %o is %s', (planned, actual, expected) => {
    expect(likeness(planned, actual)).toBe(expected);
  });
});

describe('matching', () => {
  it('goes by place whatever the order of time', () => {
    const stops = [stopAt('loaded', havre), stopAt('loaded', rouen), stopAt('unloaded', paris)];
    const [late, early, end] = [
      eventOf('loaded', rouen),
      eventOf('loaded', havre),
      eventOf('unloaded', paris),
    ];
    expect(matched(stops, [late, early, end])).toEqual({
      byStop: [[early.id], [late.id], [end.id]],
      offPlan: [],
    });
  });

  it('gives each of two stops at one place its own, and the last the rest', () => {
    const stops = [stopAt('loaded', havre), stopAt('loaded', havre)];
    const events = [1, 2, 3].map(() => eventOf('loaded', havre));
    const [one, two, three] = idsOf(events);
    expect(matched(stops, events).byStop).toEqual([[one], [two, three]]);
  });

  it('goes by sequence where no place is told, around those that are', () => {
    const stops = [stopAt('loaded', havre), stopAt('loaded', rouen)];
    const [bare, there, third] = [eventOf('loaded'), eventOf('loaded', havre), eventOf('loaded')];
    expect(matched(stops, [bare, there, third])).toEqual({
      byStop: [[there.id], [bare.id]],
      offPlan: [third.id],
    });
  });

  it('leaves what happened elsewhere, or of another kind, off the plan', () => {
    const stops = [stopAt('loaded', havre)];
    const events = [eventOf('loaded', paris), eventOf('unloaded', havre)];
    expect(matched(stops, events)).toEqual({ byStop: [[]], offPlan: idsOf(events) });
  });

  it('puts every event in exactly one place, under a stop of its kind', () => {
    const place = fc.constantFrom<(Place | undefined)[]>(havre, rouen, {}, undefined);
    const kind = fc.constantFrom<('loaded' | 'unloaded')[]>('loaded', 'unloaded');
    const anyStops = fc.array(fc.tuple(kind, place).map(([one, at]) => stopAt(one, at)));
    const anyEvents = fc.array(fc.tuple(kind, place).map(([one, at]) => eventOf(one, at)));
    fc.assert(
      fc.property(anyStops, anyEvents, (stops, events) => {
        const { byStop, offPlan } = matchStops(stops, events);
        const placed = [...byStop.flat(), ...offPlan];
        expect(idsOf(placed).sort()).toEqual(idsOf(events).sort());
        for (const [index, stop] of stops.entries()) {
          for (const event of byStop[index] ?? []) {
            expect(event.type).toBe(stop.kind);
            expect(likeness(stop.place, event.place)).not.toBe('other');
          }
        }
      }),
    );
  });
});

describe('the progress', () => {
  const document: HubDocument = {
    ...{ id: 'o', type: 'order', number: 'EN/1', dialect: 'd', parties: [], body: '{}' },
    ...{ organization: 'owner', organizationName: 'Owner', createdAtMs: 0 },
    stops: [stopAt('loaded', havre)],
  };
  const planned = (more: Partial<RecordedEvent> = {}) =>
    eventOf('loaded', havre, { classifier: 'planned', additionalInfo: 'EN/1 #1', ...more });
  const standing = (...events: RecordedEvent[]) =>
    progressOf(document, [{ unit, planned: events, actual: [] }]).stops[0]?.units[0]?.planned?.id;

  it('has the planned event as it stands after corrections', () => {
    const first = planned();
    expect(standing(first)).toBe(first.id);
    const { additionalInfo: _, ...corrected } = planned({ replaces: first.id });
    expect(standing(first, corrected)).toBe(corrected.id);
    const again = planned({ replaces: corrected.id });
    expect(standing(again, corrected, first)).toBe(again.id);
    expect(standing(first, corrected, planned({ retracts: corrected.id }))).toBeUndefined();
  });

  it('takes the newest of records that name each other, like the rest of the hub', () => {
    const first = planned();
    const [one, two] = [planned({ replaces: first.id }), planned({ replaces: first.id })];
    expect(standing(two, first, one)).toBe(two.id);
    expect(standing(first, one, two, planned({ retracts: one.id }))).toBeUndefined();
    const withdrawal = planned({ retracts: first.id });
    const again = planned({ replaces: first.id });
    expect(standing(first, withdrawal, again)).toBe(again.id);
  });

  it('takes nobody else’s plan for its own', () => {
    expect(standing(planned({ additionalInfo: 'EN/1 #2' }))).toBeUndefined();
    const stranger = { organization: 'stranger', dialect: 'd' };
    expect(standing(planned({ source: stranger }))).toBeUndefined();
  });

  it('leaves out what was told under another order, not what names none', () => {
    const under = (reference: string) =>
      eventOf('loaded', havre, { documents: [{ type: 'order', reference }] });
    const [ours, other, booking] = [
      under('EN/1'),
      under('EN/2'),
      eventOf('loaded', havre, { documents: [{ type: 'booking', reference: 'B' }] }),
    ];
    const { stops, units } = progressOf(document, [
      { unit, planned: [], actual: [ours, other, booking] },
    ]);
    expect(idsOf(stops[0]?.units[0]?.actual ?? [])).toEqual([ours.id, booking.id]);
    expect(units).toEqual([{ unit, offPlan: [] }]);
  });
});
