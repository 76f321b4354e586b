/** The plans of documents' statements where there are many of them: none is read from end to end. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { explaining } from '../../../test/support/plans.ts';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
} from '../../../test/support/store.ts';
import { bucketOf } from '../../events/identifiers.ts';
import type { Database } from '../database.ts';
import { createDocuments } from './index.ts';
import { type DocumentToInsert, insertDocuments } from './insert.ts';

const documentCount = 6_000;
const batchSize = 1_000;
const name = { type: 'order', number: 'EN/7' } as const;

let bench: StoreBench;
let owner: string;
let carrier: string;
let documents: readonly DocumentToInsert[];

beforeAll(async () => {
  bench = await createStoreBench();
  const owners = await Promise.all(Array.from({ length: 20 }, () => bench.organization()));
  carrier = await bench.organization();
  documents = Array.from({ length: documentCount }, (_none, at) => {
    const number = `EN/${at}`;
    return {
      ...{ id: bench.newId(bucketOf(number)), type: 'order', number, dialect: 'd' },
      organization: owners[at % owners.length] ?? '',
      parties: [{ organization: carrier, role: 'carrier' }],
      ...{ stops: [], body: '{}', createdAtMs: bench.nowMs() },
    };
  });
  owner = documents[7]?.organization ?? '';
  for (let from = 0; from < documentCount; from += batchSize) {
    await insertDocuments(bench.database, documents.slice(from, from + batchSize));
  }
  await bench.database.query('analyze');
});
afterAll(() => bench.drop());

const questions: readonly [string, (database: Database) => Promise<readonly unknown[]>][] = [
  ...(['owner', 'a party of all', 'operator'] as const).flatMap(
    (who): [string, (database: Database) => Promise<readonly unknown[]>][] => {
      const asker = () =>
        who === 'operator' ? operator : memberOf(who === 'owner' ? owner : carrier);
      return [
        [
          `get, by the ${who}`,
          async (database) => [
            await createDocuments({ ...bench, database }).get(asker(), documents[7]?.id ?? ''),
          ],
        ],
        [
          `find, by the ${who}`,
          (database) => createDocuments({ ...bench, database }).find(asker(), name),
        ],
      ];
    },
  ),
];

it.each(questions)('%s', async (_name, run) => {
  const { database, ...told } = explaining(bench);
  const found = await run(database);
  expect(found).toMatchObject([{ number: name.number }]);
  expect(told.plans()).toBeGreaterThan(0);
  expect(told.readWhole()).toEqual([]);
});
