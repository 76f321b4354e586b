// The 24 names in both directions, and what has none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../events/event.ts';
import { CLASSIFIERS, EVENT_TYPES, FREIGHT_FAMILIES } from '../../events/types.ts';
import { mergeVocabulary } from '../hub-port.ts';
import { type EventName, factsOf, NAMES, nameOf, readName, vocabulary } from './vocabulary.ts';

const names = Object.keys(NAMES) as EventName[];

function eventOf(change: Partial<RecordedEvent>): RecordedEvent {
  const time = { epochMs: 0, iso: '', text: '', offsetMinutes: 0, fractionDigits: 0 };
  return {
    id: 'e',
    type: 'gated-out',
    classifier: 'actual',
    occurredAt: { ...time, precision: 'second' },
    unit: {
      id: 'u',
      reference: 'APZU4812090',
      freightFamily: 'Container',
      customsFlag: 'Unknown',
      documents: [],
    },
    recordedAtMs: 0,
    source: { organization: 'o', dialect: 'hub' },
    ...change,
  };
}

describe('the names', () => {
  it('are the 24 of the page', () => {
    expect(names).toHaveLength(24);
  });

  it.each(names)('%s becomes our words and comes back', (name) => {
    expect(nameOf(eventOf(factsOf(name)), vocabulary)).toBe(name);
  });

  it.each(names)('%s is understood in the spelling of the page', (name) => {
    expect(readName(name.charAt(0).toUpperCase() + name.slice(1))).toBe(name);
    expect(nameOf(eventOf({ type: 'other', codes: { terminal: name } }), vocabulary)).toBe(name);
  });

  it('include the alias of the odd one', () => {
    expect(readName('ActualDischargeFromBarge')).toBe('unitBargeDischargeActual');
    expect(readName('UnitBargeDischargeActual')).toBe('unitBargeDischargeActual');
    expect(vocabulary.codes['actualDischargeFromBarge']?.type).toBe('discharged');
  });

  it.each(['', 'toString', '__proto__', 'ACTUALGATEOUT', 'plannedGateOut'])(
    'do not include %j',
    (text) => {
      expect(readName(text)).toBeUndefined();
    },
  );

  it('are no two for one event', () => {
    const keys = names.map((name) => JSON.stringify(factsOf(name)));
    expect(new Set(keys).size).toBe(24);
  });
});

describe('nameOf', () => {
  it.each<[string, Partial<RecordedEvent>, EventName | undefined]>([
    ['a gate out by truck', { mode: 3 }, 'actualGateOut'],
    ['a gate out of a mode that gates know nothing of', { mode: 2 }, 'actualGateOut'],
    ['a subdivision of rail', { type: 'arrived', mode: 21 }, 'actualRailArrival'],
    ['an arrival without a mode', { type: 'arrived' }, undefined],
    ['an arrival by road', { type: 'arrived', mode: 3 }, undefined],
    ['an estimated train', { type: 'arrived', mode: 2, classifier: 'estimated' }, undefined],
    ['a plan', { classifier: 'planned' }, undefined],
    ['a full release', { type: 'released' }, 'containerFullRelease'],
    ['the release of an empty', { type: 'released', full: false }, undefined],
    ['a retraction', { retracts: 'x' }, undefined],
    ['a correction', { replaces: 'x' }, 'actualGateOut'],
    ['a name that the source told', { codes: { terminal: 'ShiftCell' } }, 'shiftCell'],
    ['a told name that is none of the 24', { codes: { terminal: 'X' } }, 'actualGateOut'],
    ['a told retraction', { retracts: 'x', codes: { terminal: 'ShiftCell' } }, undefined],
  ])('knows %s', (_what, change, expected) => {
    expect(nameOf(eventOf(change), vocabulary)).toBe(expected);
  });

  it('says what the operator added and chose, where a name does not say more than the choice', () => {
    const added = { code: 'actualContainerStuffed', type: 'stuffed', send: true } as const;
    const alias = { code: 'actualDischargeFromBarge', type: 'discharged', send: true } as const;
    const taken = { code: 'shiftCell', type: 'held' } as const;
    const words = mergeVocabulary(vocabulary, [added, alias, taken]);
    const name = (change: Partial<RecordedEvent>) => nameOf(eventOf(change), words);
    expect(name({ type: 'stuffed' })).toBe('actualContainerStuffed');
    for (const told of [added.code, 'ActualContainerStuffed']) {
      expect(name({ type: 'other', codes: { terminal: told } })).toBe(added.code);
    }
    expect(name({ type: 'discharged', mode: 8 })).toBe('actualDischargeFromBarge');
    expect(name({ type: 'discharged', mode: 1 })).toBe('actualDischargeFromVessel');
    expect(name({ type: 'shifted' })).toBeUndefined();
    expect(nameOf(eventOf({ type: 'stuffed' }), vocabulary)).toBeUndefined();
  });

  it('never says anything of what is no container', () => {
    for (const freightFamily of FREIGHT_FAMILIES) {
      const unit = { ...eventOf({}).unit, freightFamily };
      expect(nameOf(eventOf({ unit }), vocabulary) !== undefined).toBe(
        freightFamily === 'Container',
      );
    }
  });

  it('says the type and classifier that an event has, or nothing', () => {
    const event = fc.record(
      {
        type: fc.constantFrom(...EVENT_TYPES),
        classifier: fc.constantFrom(...CLASSIFIERS),
        mode: fc.nat(99),
        full: fc.boolean(),
      },
      { requiredKeys: ['type', 'classifier'] },
    );
    fc.assert(
      fc.property(event, (facts) => {
        const name = nameOf(eventOf(facts), vocabulary);
        if (name !== undefined) {
          const { type, classifier } = facts;
          const own = readName(name);
          expect(own === undefined ? undefined : factsOf(own)).toMatchObject({ type, classifier });
        }
        const isNamed = 'code' in vocabulary.types[facts.type];
        expect(name === undefined || isNamed).toBe(true);
      }),
    );
  });
});
