// The plans of what brings documents and units together, where there are many of both: no table is
// read from end to end.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlansBench, explaining, type PlansBench } from '../../../test/support/plans.ts';
import { bucketOf } from '../../events/identifiers.ts';
import { lowerBoundId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { type DocumentToInsert, insertDocuments } from './insert.ts';
import { bookedOnes, findPlans, plansOfUnit, unitsOfDocument } from './pairs.ts';
import { plannedBefore } from './planned-before.ts';
import { documentProgress } from './progress.ts';

const documentCount = 5_000;
const batchSize = 1_000;

let bench: PlansBench;
/** Over the unit `LOT-0`, by its owner. */
let document: DocumentToInsert;
let unit: {
  readonly id: string;
  readonly documents: readonly { type: 'booking'; reference: string }[];
};
beforeAll(async () => {
  bench = await createPlansBench();
  const organization = bench.shipper.organization ?? '';
  const documents = Array.from({ length: documentCount }, (_none, at): DocumentToInsert => {
    const number = `BK-LOT-${at}`;
    return {
      ...{ id: bench.newId(bucketOf(number)), type: 'booking', number, dialect: 'd', organization },
      ...{ parties: [], stops: [], body: '{}', createdAtMs: bench.nowMs() },
    };
  });
  for (let from = 0; from < documentCount; from += batchSize) {
    await insertDocuments(bench.database, documents.slice(from, from + batchSize));
  }
  const [first] = documents;
  if (first === undefined) throw new Error('no documents');
  document = first;
  unit = { id: bench.someUnit, documents: [{ type: 'booking', reference: document.number }] };
  await bench.database.query('analyze');
});
afterAll(() => bench.drop());

const questions: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
  'documents by id': (database) => findPlans(database, [document.id]),
  'documents with units': (database) => bookedOnes(database, [document]),
  'units of a document': (database) =>
    unitsOfDocument(database, document.id, { after: lowerBoundId(0), limit: 10 }),
  'documents of a unit': (database) => plansOfUnit(database, unit, 10),
  'what was planned before': async (database) => {
    await plannedBefore(database, [unit.id]);
    return [unit.id];
  },
  'progress of a document': async (database) => {
    const given = { id: document.id, page: { limit: 10 } };
    return (await documentProgress(database, bench.shipper, given))?.units;
  },
};

it.each(Object.entries(questions))('%s', async (_name, run) => {
  const { database, ...told } = explaining(bench);
  expect(await run(database)).toHaveLength(1);
  expect(told.plans()).toBeGreaterThan(0);
  expect(told.readWhole()).toEqual([]);
});
