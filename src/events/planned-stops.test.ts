// Stops as planned events: each with its time as told, and nothing guessed in silence.
import { describe, expect, it } from 'vitest';
import { timeOf } from '../../test/support/store.ts';
import type { PlannedStop, PlannedWindow } from './document.ts';
import { deviationMinutes, plannedDrafts } from './planned-stops.ts';

const unit = '0199aaaa-0000-7000-8000-000000000001';
const from = timeOf('2017-02-20T09:09:09+01:00');
const to = timeOf('2017-02-20T16:59:59+01:00');
const stopOf = (window: PlannedWindow, kind: PlannedStop['kind'] = 'loaded'): PlannedStop => ({
  ...{ kind, window },
  place: { name: 'Berlin', latitude: 23.25, longitude: 42 },
});
const draftsOf = (...stops: PlannedStop[]) =>
  plannedDrafts({ type: 'order', number: 'EN/1', dialect: 'd', stops }, unit);

describe('a planned event', () => {
  it('says place, window, order and position of the stop', () => {
    const [, second] = draftsOf(
      stopOf({ from }),
      stopOf({ day: '2017-02-20', from, to }, 'unloaded'),
    );
    expect(second).toEqual({
      ...{ unit: { id: unit }, type: 'unloaded', classifier: 'planned', occurredAt: from },
      place: { name: 'Berlin', latitude: 23.25, longitude: 42 },
      documents: [{ type: 'order', reference: 'EN/1' }],
      message: 'order EN/1, stop 2 of 2: 2017-02-20T09:09:09+01:00/2017-02-20T16:59:59+01:00',
      additionalInfo: 'EN/1 #2',
      source: { dialect: 'd' },
      received: expect.stringContaining('"stop":2'),
    });
  });

  it.each<[PlannedWindow, string, string]>([
    [{ day: '2017-02-20', from }, from.text, `from ${from.text}`],
    [{ day: '2017-02-20', to }, to.text, `until ${to.text}`],
    [
      { day: '2017-02-20' },
      '2017-02-20T00:00:00Z',
      '2017-02-20, no time told, noted at its start in UTC',
    ],
  ])('of %j is at what is told of its window', (window, occurredAt, text) => {
    const [draft] = draftsOf(stopOf(window));
    expect(draft?.occurredAt.text).toBe(occurredAt);
    expect(draft?.message).toBe(`order EN/1, stop 1 of 1: ${text}`);
  });

  it('is none where no day is told', () => {
    expect(draftsOf(stopOf({}), stopOf({ fromText: '09:00:00+01:00' }))).toEqual([]);
  });
});

describe('the deviation', () => {
  it.each<[PlannedWindow, string, number | undefined]>([
    [{ from, to }, '2017-02-20T09:09:09+01:00', 0],
    [{ from, to }, '2017-02-20T16:59:59+01:00', 0],
    [{ from, to }, '2017-02-20T17:59:58+01:00', 59],
    [{ from, to }, '2017-02-20T09:07:09+01:00', -2],
    [{ from }, '2017-02-20T08:09:09+01:00', -60],
    [{ from }, '2017-02-21T08:09:09+01:00', undefined],
    [{ to }, '2017-02-20T08:09:09+01:00', undefined],
    [{ to }, '2017-02-20T18:59:59+01:00', 120],
    [{ day: '2017-02-20' }, '2017-02-20T18:59:59+01:00', undefined],
  ])('of %o at %s is %s', (window, at, minutes) => {
    expect(deviationMinutes(window, timeOf(at).epochMs)).toBe(minutes);
  });
});
