// Operators' entries on a real PostgreSQL: known at once here, soon elsewhere, and never two codes
// for the same.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStoreBench, refusal, type StoreBench } from '../../../test/support/store.ts';
import type { Vocabulary } from '../../dialects/dialect.ts';
import { entryOf, type NewOperatorEntry } from '../../dialects/hub-port.ts';
import type { UnitSnapshot } from '../../events/event.ts';
import { bucketOf } from '../../events/identifiers.ts';
import { EVENT_TYPES } from '../../events/types.ts';
import { openDatabase } from '../database.ts';
import { createVocabulary, type KeptVocabulary } from './index.ts';
import { entriesMax } from './put.ts';

const none = Object.fromEntries(EVENT_TYPES.map((type) => [type, { none: 'no word' }]));
const plain: Vocabulary = { codes: {}, types: none as Vocabulary['types'] };
const digits: Vocabulary = {
  ...plain,
  codes: { '013': { type: 'delivered', label: 'Delivered' } },
  types: { ...plain.types, delivered: { code: '013' } },
  shape: { pattern: '^[0-9]{3}$', words: 'three digits' },
};
const own = new Map([
  ['digits', digits],
  ['plain', plain],
]);

let bench: StoreBench;
let vocabulary: KeptVocabulary;

const open = () => createVocabulary({ database: bench.database, nowMs: bench.nowMs, own });
const typeOf = (from: KeptVocabulary, code: string, dialect = 'digits') =>
  entryOf(from.of(dialect), code)?.type;
const lost: NewOperatorEntry = { code: '099', type: 'lost', label: 'Gone' };

beforeAll(async () => {
  bench = await createStoreBench();
});
afterAll(() => bench.drop());
beforeEach(async () => {
  await bench.database.query('truncate vocabulary_entries');
  vocabulary = await open();
});

describe('put', () => {
  it('adds, then replaces, and is known when it is answered', async () => {
    expect(typeOf(vocabulary, '099')).toBeUndefined();
    const before = vocabulary.of('digits');
    const added = await vocabulary.put('digits', lost);
    expect(added).toEqual({
      created: true,
      entry: { ...lost, send: false, updatedAtMs: bench.clock.nowMs },
    });
    expect(typeOf(vocabulary, '099')).toBe('lost');
    expect(entryOf(before, '099')).toBeUndefined();
    const replaced = await vocabulary.put('digits', { code: '099', type: 'returned' });
    expect(replaced).toMatchObject({ created: false, entry: { type: 'returned' } });
    expect(replaced.entry.label).toBeUndefined();
    expect(typeOf(vocabulary, '099')).toBe('returned');
    expect(typeOf(vocabulary, '099', 'plain')).toBeUndefined();
    expect(typeOf(await open(), '099')).toBe('returned');
  });

  it.each<[string, string, NewOperatorEntry, string, string[]]>([
    ['an unknown dialect', 'nobody', lost, 'not-found', []],
    ['a code of another shape', 'digits', { ...lost, code: '99' }, 'invalid-input', ['code']],
    [
      'sending an unknown event',
      'digits',
      { code: '099', type: 'other', send: true },
      'invalid-input',
      ['send'],
    ],
  ])('refuses %s', async (_what, dialect, entry, code, paths) => {
    expect(await refusal(vocabulary.put(dialect, entry))).toEqual({ code, paths });
    expect((await open()).of('digits')).toBe(digits);
  });

  it('sends one code for each type and classifier, also when two are put at once', async () => {
    const of = (code: string, more: Partial<NewOperatorEntry> = {}): NewOperatorEntry => {
      return { code, type: 'lost', send: true, ...more };
    };
    await vocabulary.put('digits', of('100'));
    expect(await refusal(vocabulary.put('digits', of('101')))).toEqual({
      code: 'conflict',
      paths: ['send'],
    });
    await expect(vocabulary.put('digits', of('101'))).rejects.toThrow('100');
    await vocabulary.put('digits', of('102', { classifier: 'planned' }));
    await vocabulary.put('digits', of('103', { send: false }));
    await vocabulary.put('digits', of('100', { send: false }));
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => vocabulary.put('digits', of(`20${at}`))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(vocabulary.of('digits').types.lost).toEqual({ code: expect.stringMatching(/^20\d$/) });
  });

  it('keeps so many entries and no more, but replaces even then', async () => {
    await bench.database.query(
      `insert into vocabulary_entries (dialect, code, type, send, created_at, updated_at)
       select 'plain', 'c' || n, 'lost', false, now(), now() from generate_series(1, $1::int) n`,
      [entriesMax],
    );
    expect(await refusal(vocabulary.put('plain', { code: 'more', type: 'lost' }))).toEqual({
      code: 'conflict',
      paths: [],
    });
    await vocabulary.put('plain', { code: 'c7', type: 'returned' });
    await vocabulary.put('digits', lost);
    expect(typeOf(vocabulary, 'c7', 'plain')).toBe('returned');
  });
});

describe('remove', () => {
  it("brings the dialect's own back, and tells when there was nothing", async () => {
    await vocabulary.put('digits', { code: '013', type: 'returned' });
    expect(vocabulary.of('digits').types.delivered).toHaveProperty('none');
    expect(await vocabulary.remove('digits', '013')).toBe(true);
    expect(vocabulary.of('digits')).toBe(digits);
    expect(await vocabulary.remove('digits', '013')).toBe(false);
    expect(await vocabulary.remove('digits', '01\u00003')).toBe(false);
    expect((await refusal(vocabulary.remove('nobody', '013'))).code).toBe('not-found');
  });
});

describe('another process', () => {
  it('learns of every change by asking, whatever its clock says', async () => {
    const other = await open();
    const learns = async (change: Promise<unknown>) => {
      await change;
      await other.refresh();
      expect(other.of('digits')).toEqual(vocabulary.of('digits'));
    };
    await learns(vocabulary.put('digits', lost));
    bench.clock.nowMs -= 3_600_000;
    await learns(vocabulary.put('digits', { ...lost, type: 'returned' }));
    await learns(vocabulary.put('digits', { ...lost, type: 'returned', label: 'Zurück' }));
    await learns(vocabulary.remove('digits', '099'));
    expect(typeOf(other, '099')).toBeUndefined();
  });

  it('asks for no more than the version while nothing changes', async () => {
    const before = vocabulary.of('digits');
    await vocabulary.refresh();
    expect(vocabulary.of('digits')).toBe(before);
  });

  it('keeps the words it knows while the database is away', async () => {
    const away = openDatabase({
      connectionString: bench.url,
      connectionsMax: 1,
      onError: () => undefined,
    });
    await vocabulary.put('digits', lost);
    const kept = await createVocabulary({ database: away, nowMs: bench.nowMs, own });
    await away.close();
    await kept.refresh();
    expect(typeOf(kept, '099')).toBe('lost');
  });
});

describe('list', () => {
  it('tells codes that came without an entry, most frequent first', async () => {
    const organization = await bench.organization();
    const unit: UnitSnapshot = {
      id: bench.newId(bucketOf('A')),
      reference: 'A',
      freightFamily: 'Parcel',
      customsFlag: 'Unknown',
      documents: [],
    };
    const tell = (code: string, dialect: string, type: 'other' | 'lost') =>
      bench.event({ unit, organization, dialect, code, facts: { type } });
    for (const code of ['098', '099', '099', '097']) await tell(code, 'digits', 'other');
    await tell('096', 'plain', 'other');
    await tell('095', 'digits', 'lost');
    await vocabulary.put('digits', { code: '097', type: 'lost' });
    const { unknown, operator } = await vocabulary.list('digits');
    const lastRecordedAtMs = bench.clock.nowMs;
    expect(unknown).toEqual([
      { code: '099', count: 2, lastRecordedAtMs },
      { code: '098', count: 1, lastRecordedAtMs },
    ]);
    expect(operator.map(({ code }) => code)).toEqual(['097']);
    expect((await refusal(vocabulary.list('nobody'))).code).toBe('not-found');
    expect(() => vocabulary.of('nobody')).toThrow('nobody');
  });
});
