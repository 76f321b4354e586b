/** Rows in PostgreSQL's binary format, read back by a real PostgreSQL. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import { type CompositeRows, createCompositeRows } from './composite-rows.ts';

interface Given {
  readonly small: number;
  readonly whole: number;
  readonly words: string | null;
  readonly told: string;
  readonly list: readonly string[];
  readonly id: string | null;
  readonly atUs: number;
}

const columnCount = 7;
let test: TestDatabase;
let typeOid: number;

beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.query(`create type probe as (small smallint, whole integer, words text,
    told json, list text[], id uuid, at timestamptz)`);
  const [row] = await test.database.query<{ oid: number }>(
    `select 'probe'::regtype::oid::int as oid`,
  );
  typeOid = row?.oid ?? 0;
});
afterAll(() => test.drop());

function write(to: CompositeRows, given: Given): void {
  to.row();
  to.smallint(given.small);
  to.integer(given.whole);
  to.text(given.words);
  to.json(given.told);
  to.texts(given.list);
  to.uuid(given.id);
  to.timestamp(given.atUs);
}

async function readBack(given: readonly Given[], bytesAtFirst?: number): Promise<Given[]> {
  const rows = createCompositeRows(columnCount, bytesAtFirst);
  for (const each of given) write(rows, each);
  return test.database.query<Given>(
    `select small, whole, words, told::text, list, id,
      (extract(epoch from at) * 1000000)::bigint as "atUs"
    from unnest($1::probe[])`,
    [rows.done(typeOid)],
  );
}

const usual: Given = {
  small: 7,
  whole: 8,
  words: 'à quai',
  told: '{"a": [1, "é"]}',
  list: ['a', 'b,"c"', '{}'],
  id: '0198c0de-0000-7abc-8def-0123456789ab',
  atUs: Date.UTC(2026, 10, 20, 12) * 1000 + 123_456,
};

// PostgreSQL has no NUL, and a lone surrogate is no text.
const text = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter((value) => !value.includes('\u0000') && Buffer.from(value).toString() === value);

const row: fc.Arbitrary<Given> = fc.record({
  small: fc.integer({ min: -32_768, max: 32_767 }),
  whole: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  words: fc.option(text),
  told: fc.jsonValue().map((value) => JSON.stringify(value).replaceAll('\\u0000', '')),
  list: fc.array(text, { maxLength: 5 }),
  id: fc.option(fc.uuid()),
  atUs: fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) * 1000 - 1 }),
});

describe('rows of a composite type', () => {
  it('reach PostgreSQL as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (given) => {
        expect(await readBack(given)).toEqual(given);
      }),
      { numRuns: 100 },
    );
  });

  it('may be none, and more than the buffer was made for', async () => {
    expect(await readBack([])).toEqual([]);
    const many = Array.from({ length: 3000 }, (_, whole) => ({ ...usual, whole }));
    expect(await readBack(many, 64)).toEqual(many);
  });

  it('keep the characters that other forms take for their own', async () => {
    const words = 'a\u001fb\u001dc\u001e\td\\N"{},\'';
    const given = [{ ...usual, words, list: [words, '', 'NULL'] }];
    expect(await readBack(given)).toEqual(given);
  });

  it('take times before 2000 and ids in capitals', async () => {
    const id = usual.id?.toUpperCase() ?? '';
    const [read] = await readBack([{ ...usual, id, atUs: -1 }]);
    expect(read).toMatchObject({ id: usual.id, atUs: -1 });
  });

  it('refuse what is no id', () => {
    const rows = createCompositeRows(columnCount);
    expect(() => rows.uuid('0198c0de')).toThrow(RangeError);
  });
});
