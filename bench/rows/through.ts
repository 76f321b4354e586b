/**
 * Row `through`: from one who posts to one who receives. The highest rate of single events that is held while
 * 99 of 100 are received within a second of when they were due to be posted.
 */
import { hold, holdOptionsOf, probe } from '../hold.ts';
import type { Lab } from '../lab.ts';
import { alternate, type Subject } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { bareWay, detailsOf, hubWay, limitMsOf, type Way } from '../trial.ts';

const unit = 'events/s';
/** Later rounds begin a little above what was held before. */
const stepUp = 1.04;

function holding(lab: Lab, way: Way): Subject['run'] {
  const options = holdOptionsOf(lab, way);
  let from: number | undefined;
  return async () => {
    from ??= await probe(options);
    const held = await hold(options, from);
    from = held.rate * stepUp;
    return { figure: held.rate, details: detailsOf(held.trial.receiptMs) };
  };
}

async function run(lab: Lab): Promise<Findings> {
  const bare = await bareWay(lab);
  const hub = await hubWay(lab);
  const { rounds, holdSec } = lab.settings;
  const measures = await alternate({
    ...lab,
    // The search before the first round is warmed up and no round of its own.
    settings: { ...lab.settings, warmUpSec: 0 },
    subjects: [
      { name: 'bare', title: 'bare relay', unit, run: holding(lab, bare) },
      { name: 'hub', title: 'Portolan', unit, run: holding(lab, hub) },
    ],
  });
  return {
    measures,
    floors: ['bare'],
    targets: [{ measure: 'hub', least: 8_000 }],
    notes: [`Held: 99 of 100 received within ${limitMsOf(holdSec)} ms.`],
    procedure: `${rounds} alternating rounds of ${holdSec} s at a rate that is held`,
  };
}

export const row: Row = {
  name: 'through',
  title: 'one posts and one receives: the highest rate held, p99 from POST to receipt below 1 s',
  order: 13,
  run,
};
