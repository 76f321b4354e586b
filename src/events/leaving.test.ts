// When a unit has left: by its whole history, in whatever order that became known.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsAtMs, leftAtMs, type Movement, mayMove } from './leaving.ts';
import { EVENT_TYPES, type EventType } from './types.ts';

let made = 0;
function move(type: EventType, occurredAtMs: number, more: Partial<Movement> = {}): Movement {
  made += 1;
  const id = String(made).padStart(6, '0');
  return { id, type, classifier: 'actual', occurredAtMs, recordedAtMs: occurredAtMs, ...more };
}

describe('leftAtMs', () => {
  it.each<[string, Movement[], number | undefined]>([
    ['nothing known', [], undefined],
    ['a gate out', [move('gated-in', 1), move('gated-out', 5)], 5],
    ['a departure after loading', [move('loaded', 3), move('departed', 5)], 5],
    ['a departure without loading', [move('departed', 5)], undefined],
    ['loading alone', [move('loaded', 5)], undefined],
    [
      'the departure of the ship that brought it',
      [move('loaded', 1), move('departed', 2), move('discharged', 8), move('departed', 9)],
      undefined,
    ],
    ['an import', [move('discharged', 1), move('gated-out', 4)], 4],
    [
      'an empty picked up, then brought back full',
      [move('gated-out', 1), move('gated-in', 5)],
      undefined,
    ],
    [
      'an export',
      [move('gated-out', 1), move('gated-in', 5), move('loaded', 7), move('departed', 9)],
      9,
    ],
    ['the newest of several', [move('gated-out', 9), move('gated-out', 4)], 9],
    ['plans', [move('gated-out', 4, { classifier: 'planned' })], undefined],
    ['other events', [move('gated-out', 4), move('customs-released', 6)], 4],
  ])('knows %s', (_what, movements, expected) => {
    expect(leftAtMs(movements)).toBe(expected);
  });

  it('follows corrections and retractions', () => {
    const out = move('gated-out', 5);
    const moved = move('gated-out', 7, { replaces: out.id });
    expect(leftAtMs([out, moved])).toBe(7);
    expect(leftAtMs([out, move('gated-out', 5, { retracts: out.id })])).toBeUndefined();
    expect(leftAtMs([out, moved, move('gated-out', 7, { retracts: moved.id })])).toBeUndefined();
    expect(leftAtMs([out, move('shifted', 5, { replaces: out.id })])).toBeUndefined();
    const movedAgain = move('gated-out', 6, { replaces: out.id });
    expect(leftAtMs([out, moved, movedAgain])).toBe(6);
    expect(leftAtMs([out, moved, move('gated-out', 5, { retracts: out.id })])).toBeUndefined();
    const planned = move('gated-out', 5, { replaces: out.id, classifier: 'planned' });
    expect(leftAtMs([out, planned])).toBeUndefined();
  });

  it('does not depend on the order in which events became known', () => {
    const types = fc.constantFrom<EventType>(
      'gated-in',
      'gated-out',
      'loaded',
      'discharged',
      'departed',
    );
    const histories = fc.array(fc.tuple(types, fc.nat(50)), { maxLength: 12 });
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (history, keys) => {
        const movements = history.map(([type, at]) => move(type, at));
        const shuffled = movements
          .map((movement) => ({ movement, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ movement }) => movement);
        expect(leftAtMs(shuffled)).toBe(leftAtMs(movements));
      }),
    );
  });
});

describe('endsAtMs', () => {
  const day = { createdAtMs: 100, afterMs: 10 };

  it('counts from the leaving that is told after the subscription was made', () => {
    expect(endsAtMs([move('gated-out', 120)], day)).toBe(130);
    expect(endsAtMs([move('gated-out', 40, { recordedAtMs: 120 })], day)).toBe(50);
  });

  it('gives the whole span to who subscribes to a unit that is gone', () => {
    const out = move('gated-out', 40);
    expect(endsAtMs([out], day)).toBe(110);
    // A correction of what was long known takes nothing away.
    const corrected = move('gated-out', 45, { recordedAtMs: 120, replaces: out.id });
    expect(endsAtMs([out, corrected], day)).toBe(110);
  });

  it('is open while the unit is here', () => {
    expect(endsAtMs([move('gated-in', 40)], day)).toBeUndefined();
  });
});

it('asks only for what can change the answer', () => {
  const asked = EVENT_TYPES.filter((type) => mayMove({ type, classifier: 'actual' }));
  for (const type of EVENT_TYPES) {
    const changes = [
      [],
      [move('gated-out', 1)],
      [move('loaded', 1)],
      [move('departed', 3), move('loaded', 1)],
    ].some((before) => leftAtMs([...before, move(type, 2)]) !== leftAtMs(before));
    if (changes) expect(asked).toContain(type);
  }
  const shifted = { type: 'shifted', classifier: 'planned' } as const;
  expect(mayMove({ ...shifted, retracts: 'x' })).toBe(true);
  expect(mayMove({ ...shifted, replaces: 'x' })).toBe(true);
  expect(mayMove(shifted)).toBe(false);
  expect(mayMove({ type: 'gated-out', classifier: 'estimated' })).toBe(false);
});
