// The API key in its two places.
import { describe, expect, it } from 'vitest';
import { Problem } from '../../events/problem.ts';
import type { Principal } from '../dialect.ts';
import { admit, keyOf } from './auth.ts';

function reasonOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return `${error.code} ${error.details.reason}`;
  }
  return undefined;
}

describe('keyOf', () => {
  it.each([
    ['the header', 'k', {}],
    ['the query', undefined, { key: 'k' }],
    ['both, equal', 'k', { key: 'k' }],
    ['the query beside an empty header', '', { key: 'k' }],
    ['the header beside an empty parameter', 'k', { key: '' }],
    ['the query twice, equal', undefined, { key: ['k', 'k'] }],
  ])('takes %s', (_what, header, query) => {
    expect(keyOf(header, query)).toBe('k');
  });

  it.each([
    ['none', undefined, {}, 'missing'],
    ['empty ones', '', { key: '' }, 'missing'],
    ['two that differ', 'k', { key: 'l' }, 'mismatch'],
    ['two in the query', undefined, { key: ['k', 'l'] }, 'mismatch'],
    ['one under another name', undefined, { KEY: 'k' }, 'missing'],
  ])('refuses %s', (_what, header, query, reason) => {
    expect(reasonOf(() => keyOf(header, query))).toBe(`unauthenticated ${reason}`);
  });

  it('never repeats a key', () => {
    const attempt = () => keyOf('secret-one', { key: 'secret-two' });
    expect(attempt).toThrow(Problem);
    expect(attempt).not.toThrow(/secret/);
  });
});

describe('admit', () => {
  const key: Principal = { kind: 'key', id: 'k', organization: 'o', scopes: new Set() };

  it('takes a key whose offer holds this API, or all of them', () => {
    expect(admit(key)).toBe(key);
    const offered = { ...key, dialects: new Set(['hub', 'terminal']) };
    expect(admit(offered)).toBe(offered);
  });

  it('refuses another offer', () => {
    const offered = { ...key, dialects: new Set(['hub']) };
    expect(() => admit(offered)).toThrow('the offer of the API key does not hold this API');
  });
});
