// What an operator's entry says where it leaves something out.
import { describe, expect, it } from 'vitest';
import { Problem } from '../../events/problem.ts';
import { mergeVocabulary } from '../hub-port.ts';
import { decodeEntry } from './decode-vocabulary.ts';
import type { EntryBody } from './schemas/vocabulary.ts';
import { vocabulary as own } from './vocabulary.ts';

const named = { code: '099', type: 'picked-up', classifier: 'estimated', label: 'Hentes' } as const;
const vocabulary = mergeVocabulary(own, [named]);
const decode = (code: string, body: EntryBody) =>
  decodeEntry({ params: { dialect: 'a partner', code }, body, vocabulary });

function refusedPath(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error.details.issues?.[0]?.path;
    throw error;
  }
  return undefined;
}

describe('an entry without a type', () => {
  it('keeps the meaning that the dialect gives to the code', () => {
    const relabelled = { code: 'delivered', type: 'delivered', label: 'Utlevert' };
    expect(decode('delivered', { label: 'Utlevert' })).toEqual(relabelled);
    expect(decode('delivered', { type: null, label: 'Utlevert' })).toEqual(relabelled);
  });

  it('keeps the meaning that the operator gave to it, but for what it says itself', () => {
    expect(decode('099', { label: 'Hentet' })).toEqual({ ...named, label: 'Hentet' });
    const { label: _label, ...rest } = named;
    expect(decode('099', { classifier: 'actual' })).toEqual({ ...rest, classifier: 'actual' });
  });

  it('is refused for a code that nobody has named', () => {
    expect(refusedPath(() => decode('098', { label: 'Ukjent' }))).toBe('type');
    expect(refusedPath(() => decode('constructor', { label: 'Ukjent' }))).toBe('type');
  });
});

it('an entry with a type says all that is meant', () => {
  expect(decode('099', { type: 'lost' })).toEqual({ code: '099', type: 'lost' });
});
