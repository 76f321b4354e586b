// Of several records of one event the newest holds, however they name each other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRetracted, type Version, withdrawnIds } from './versions.ts';

const first = (id: string): Version => ({ id });
const replaces = (id: string, target: string): Version => ({ id, replaces: target });
const retracts = (id: string, target: string): Version => ({ id, retracts: target });

describe('withdrawnIds', () => {
  it.each<[string, Version[], string[]]>([
    ['nothing corrected', [first('1'), first('2')], []],
    ['a correction', [first('1'), replaces('2', '1')], ['1']],
    ['a chain', [first('1'), replaces('2', '1'), replaces('3', '2')], ['1', '2']],
    ['the first corrected twice', [first('1'), replaces('2', '1'), replaces('3', '1')], ['1', '2']],
    [
      'the first corrected again after a chain',
      [first('1'), replaces('2', '1'), replaces('3', '2'), replaces('4', '1')],
      ['1', '2', '3'],
    ],
    [
      'the first retracted after a correction',
      [first('1'), replaces('2', '1'), retracts('3', '1')],
      ['1', '2'],
    ],
    ['a withdrawn one corrected', [first('1'), retracts('2', '1'), replaces('3', '1')], ['1', '2']],
    [
      'two events apart',
      [first('1'), first('2'), replaces('3', '1'), replaces('4', '2')],
      ['1', '2'],
    ],
    [
      'a circle, without end',
      [replaces('1', '2'), replaces('2', '1'), replaces('3', '1')],
      ['1', '2'],
    ],
    ['a first version that is not known', [replaces('3', '1'), replaces('2', '1')], ['1', '2']],
  ])('knows %s', (_what, records, expected) => {
    expect([...withdrawnIds(records)].sort()).toEqual(expected);
  });

  it('leaves one version of each event, the last of those that nobody names', () => {
    // Each record names any earlier one, or none: then it is an event of its own.
    const histories = fc.array(fc.option(fc.nat()), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(histories, (picks) => {
        const records: Version[] = [];
        const roots: string[] = [];
        for (const [at, pick] of picks.entries()) {
          const id = String(at).padStart(3, '0');
          const target = pick === null || at === 0 ? undefined : pick % at;
          records.push(target === undefined ? first(id) : replaces(id, records[target]?.id ?? ''));
          roots.push(target === undefined ? id : (roots[target] ?? id));
        }
        const withdrawn = withdrawnIds(records);
        const kept = records.filter(({ id }) => !withdrawn.has(id));
        const keptRoots = kept.map(({ id }) => roots[Number(id)]);
        expect(keptRoots.toSorted()).toEqual([...new Set(roots)].toSorted());
        for (const { id } of kept) {
          const ofEvent = records.filter((_, at) => roots[at] === roots[Number(id)]);
          expect(ofEvent.at(-1)?.id).toBe(id);
        }
      }),
    );
  });
});

describe('isRetracted', () => {
  it.each<[string, Version[], boolean]>([
    ['nothing corrected', [first('1')], false],
    ['a correction', [first('1'), replaces('2', '1')], false],
    ['a retraction', [first('1'), retracts('2', '1')], true],
    ['a retraction of a correction', [first('1'), replaces('2', '1'), retracts('3', '2')], true],
    [
      'a retraction beside a correction',
      [first('1'), replaces('2', '1'), retracts('3', '1')],
      true,
    ],
    [
      'a correction after a retraction',
      [first('1'), retracts('2', '1'), replaces('3', '1')],
      false,
    ],
    ['another event withdrawn', [first('1'), first('2'), retracts('3', '2')], false],
  ])('knows %s, also without the first record', (_what, records, expected) => {
    expect(isRetracted('1', records)).toBe(expected);
    const corrections = records.filter(({ id }) => id !== '1');
    expect(isRetracted('1', corrections)).toBe(expected);
  });
});
