// Merging what operators add into what a dialect knows: both directions agree, whatever is added.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLASSIFIERS, EVENT_TYPES, type EventType } from '../events/types.ts';
import type { Vocabulary } from './dialect.ts';
import {
  codeFor,
  entryOf,
  mergeVocabulary,
  type NewOperatorEntry,
  operatorCodeFor,
  sayings,
} from './port-vocabulary.ts';

const none = { none: 'no word' };
const own: Vocabulary = {
  codes: {
    '013': { type: 'delivered', classifier: 'actual', label: 'Delivered' },
    '057': { type: 'not-delivered', label: 'Not delivered' },
  },
  types: {
    ...(Object.fromEntries(EVENT_TYPES.map((type) => [type, none])) as Vocabulary['types']),
    delivered: { code: '013' },
    'not-delivered': { code: '057' },
  },
};

const saidOf = (vocabulary: Vocabulary, type: EventType) =>
  codeFor(vocabulary, { type, classifier: 'actual' });

/** At most one sending entry for each type and classifier, as the store keeps them. */
const anyEntries = fc
  .uniqueArray(
    fc.record(
      {
        code: fc.oneof(
          fc.constantFrom('013', '057', '099', '__proto__', 'constructor', 'toString'),
          fc.string({ minLength: 1, maxLength: 4 }),
        ),
        type: fc.constantFrom(...EVENT_TYPES.filter((type) => type !== 'other')),
        classifier: fc.constantFrom(...CLASSIFIERS),
        label: fc.string({ minLength: 1, maxLength: 5 }),
        send: fc.boolean(),
      },
      { requiredKeys: ['code', 'type'], noNullPrototype: true },
    ),
    { selector: ({ code }) => code, maxLength: 12 },
  )
  .map((entries) => {
    const taken = new Set<string>();
    return entries.map((entry): NewOperatorEntry => {
      const key = `${entry.type} ${entry.classifier}`;
      const send = entry.send === true && !taken.has(key);
      taken.add(key);
      return { ...entry, send };
    });
  });

describe('a merged vocabulary', () => {
  it('reads every code back as the type that it is sent for, and loses none', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const merged = mergeVocabulary(own, entries);
        for (const type of EVENT_TYPES) {
          for (const classifier of CLASSIFIERS) {
            const code = codeFor(merged, { type, classifier });
            if (code !== undefined) expect(entryOf(merged, code)?.type).toBe(type);
          }
        }
        for (const { code, type, label } of entries) {
          expect(entryOf(merged, code)).toMatchObject({ type, label: label ?? expect.any(String) });
        }
        for (const code of Object.keys(own.codes)) expect(entryOf(merged, code)).toBeDefined();
      }),
    );
  });

  it('is what the dialect knows while nobody has added anything', () => {
    expect(mergeVocabulary(own, [])).toBe(own);
    expect(entryOf(own, 'toString')).toBeUndefined();
  });

  it("prefers the operator's entry, and keeps a label that the operator did not replace", () => {
    const relabelled = mergeVocabulary(own, [{ code: '013', type: 'delivered', label: 'Fertig' }]);
    expect(entryOf(relabelled, '013')).toEqual({
      type: 'delivered',
      label: 'Fertig',
      operatorLabel: 'Fertig',
    });
    const retyped = mergeVocabulary(own, [{ code: '013', type: 'returned' }]);
    expect(entryOf(retyped, '013')).toEqual({ type: 'returned', label: 'Delivered' });
    const added = mergeVocabulary(own, [{ code: '099', type: 'lost' }]);
    expect(entryOf(added, '099')).toEqual({ type: 'lost', label: '099' });
  });

  it('sends no code for a type that the operator took it from', () => {
    const merged = mergeVocabulary(own, [{ code: '013', type: 'returned' }]);
    expect(saidOf(merged, 'delivered')).toBeUndefined();
    expect(merged.types.delivered).toEqual({ none: expect.stringContaining('013') });
    // Understood is not sent: that takes the operator's word.
    expect(saidOf(merged, 'returned')).toBeUndefined();
  });

  it('sends the chosen code, by classifier before by type', () => {
    const merged = mergeVocabulary(own, [
      { code: 'A', type: 'delivered', send: true },
      { code: 'B', type: 'delivered', classifier: 'planned', send: true },
      { code: 'C', type: 'lost', classifier: 'estimated', send: true },
    ]);
    expect(codeFor(merged, { type: 'delivered', classifier: 'actual' })).toBe('A');
    expect(codeFor(merged, { type: 'delivered', classifier: 'planned' })).toBe('B');
    expect(codeFor(merged, { type: 'lost', classifier: 'estimated' })).toBe('C');
    expect(codeFor(merged, { type: 'lost', classifier: 'actual' })).toBeUndefined();
    expect(
      operatorCodeFor(merged, { type: 'not-delivered', classifier: 'actual' }),
    ).toBeUndefined();
    const said = new Map(sayings(merged).map(({ type, ...how }) => [type, how]));
    expect(said.get('delivered')).toEqual({
      code: 'A',
      only: [{ classifier: 'planned', code: 'B' }],
    });
    expect(said.get('lost')).toEqual({ ...none, only: [{ classifier: 'estimated', code: 'C' }] });
    expect(said.get('sealed')).toEqual(none);
  });
});
