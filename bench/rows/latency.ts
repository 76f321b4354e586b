/**
 * Row `latency`: from the acknowledgement of an event to its receipt, at half of the rate that the row
 * `through` holds. The floor is a relay that stores nothing, at the same rate.
 */
import { halfOfThrough } from '../hold.ts';
import type { Lab } from '../lab.ts';
import { alternate, type Subject } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { bareWay, detailsOf, hubWay, tryRate, type Way } from '../trial.ts';

const unit = 'ms';

function timing(way: Way, rate: number): Subject['run'] {
  return async (seconds) => {
    const { pushMs, isWhole } = await tryRate(way, { rate, seconds });
    if (!isWhole)
      throw new Error(`${rate} events/s were not taken, though twice as many should be`);
    const details = detailsOf(pushMs);
    return { figure: details.p99Ms, details };
  };
}

async function run(lab: Lab): Promise<Findings> {
  const bare = await bareWay(lab);
  const hub = await hubWay(lab);
  const rate = await halfOfThrough(lab, hub);
  const measures = await alternate({
    ...lab,
    subjects: [
      { name: 'bare', title: 'bare relay', unit, run: timing(bare, rate) },
      { name: 'hub', title: 'Portolan', unit, run: timing(hub, rate) },
    ],
  });
  return {
    measures,
    floors: ['bare'],
    targets: [
      { measure: 'hub', detail: 'p50Ms', most: 10 },
      { measure: 'hub', detail: 'p99Ms', most: 100 },
    ],
    notes: [`At ${rate.toLocaleString('en-US')} events/s.`],
  };
}

export const row: Row = {
  name: 'latency',
  title: 'from acknowledged to received, at half of what goes through',
  order: 15,
  run,
};
