// The condition says in SQL what events/versions.ts says of a list of records.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStoreBench, memberOf, type StoreBench } from '../../../test/support/store.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { type Version, withdrawnIds } from '../../events/versions.ts';
import { present } from '../../lib/present.ts';
import { createUnits } from '../units/index.ts';
import { heldEvents } from './held.ts';

let bench: StoreBench;
let organization: string;
beforeAll(async () => {
  bench = await createStoreBench();
  organization = await bench.organization();
});
afterAll(() => bench.drop());

let serial = 0;
async function newUnit(): Promise<HandlingUnit> {
  const units = createUnits(bench);
  const given = { reference: `HELD-${++serial}`, freightFamily: 'Container' } as const;
  return (await units.put(memberOf(organization), given)).unit;
}

/** Ids of what holds of the unit. */
async function held({ id }: HandlingUnit): Promise<string[]> {
  const bucket = Number.parseInt(id.slice(-2), 16);
  const given = { units: [{ bucket, id }], eventsMax: 500 };
  const events = await heldEvents(bench.database, memberOf(organization), given);
  return (events.get(id) ?? []).map((event) => event.id).sort();
}

const tell = (unit: HandlingUnit, facts: Omit<Version, 'id'>) =>
  bench.event({ unit, organization, facts: present(facts) });

it('shows the last version of a first record that is corrected again and again', async () => {
  const unit = await newUnit();
  const first = await tell(unit, {});
  await tell(unit, { replaces: first });
  const last = await tell(unit, { replaces: first });
  expect(await held(unit)).toEqual([last]);
  await tell(unit, { retracts: first });
  expect(await held(unit)).toEqual([]);
});

it('agrees with the rule for every way in which records can name each other', async () => {
  const step = fc.record({
    // Which of the earlier records it names, if any.
    names: fc.option(fc.nat({ max: 20 })),
    isRetraction: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      const unit = await newUnit();
      const records: Version[] = [];
      for (const { names, isRetraction } of steps) {
        const target = names === null ? undefined : records[names % Math.max(1, records.length)];
        const member = isRetraction ? 'retracts' : 'replaces';
        const facts = target === undefined ? {} : { [member]: target.id };
        records.push({ id: await tell(unit, facts), ...facts });
      }
      const withdrawn = withdrawnIds(records);
      const expected = records.filter(({ id, retracts }) => !withdrawn.has(id) && !retracts);
      expect(await held(unit)).toEqual(expected.map(({ id }) => id).sort());
    }),
    { numRuns: 60 },
  );
});
