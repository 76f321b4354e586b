/** Arrays in PostgreSQL's binary format, read back by a real PostgreSQL. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.ts';
import {
  bigintArray,
  booleanArray,
  integerArray,
  numberArray,
  smallintArray,
  textArray,
  uuidArray,
} from './arrays.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const same = <T>(value: T) => value;

async function readBack(type: string, parameter: Buffer): Promise<unknown> {
  const text = `select $1::${type}[] as values`;
  const [row] = await test.database.query<{ values: unknown }>(text, [parameter]);
  return row?.values;
}

const uuid = '0198c0de-0000-7abc-8def-0123456789ab';

it.each([
  ['smallint', smallintArray([7, undefined, -32_768], same), [7, null, -32_768]],
  ['integer', integerArray([1.4, undefined, 2_147_483_647], same), [1, null, 2_147_483_647]],
  ['bigint', bigintArray([0, undefined, 2 ** 32 - 1], same), ['0', null, '4294967295']],
  ['bigint', bigintArray([2 ** 53 - 1, -(2 ** 40)], same), ['9007199254740991', '-1099511627776']],
  ['float8', numberArray([0.5, undefined, 2 ** 52 + 1], same), [0.5, null, 2 ** 52 + 1]],
  ['boolean', booleanArray([true, undefined, false], same), [true, null, false]],
  ['uuid', uuidArray([uuid, undefined], same), [uuid, null]],
  ['text', textArray(['', undefined, 'à "quai" {\\}'], same), ['', null, 'à "quai" {\\}']],
  ['text', textArray([], same), []],
  ['uuid', uuidArray([], same), []],
])('an array of %s arrives', async (type, parameter, expected) => {
  expect(await readBack(type, parameter)).toEqual(expected);
});

it('any text arrives', async () => {
  const word = fc.option(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')));
  await fc.assert(
    fc.asyncProperty(fc.array(word), async (values) => {
      const parameter = textArray(values, (value) => value ?? undefined);
      expect(await readBack('text', parameter)).toEqual(values);
    }),
    { numRuns: 30 },
  );
});

it.each(['', 'none', '0198c0de-0000-7abc-8def-0123456789a'])('%j is no UUID', (text) => {
  expect(() => uuidArray([text], same)).toThrow('not a UUID');
});
