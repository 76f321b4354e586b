/**
 * Row `deliver`: a backlog for 50 endpoints is drained: each push rendered, signed, sent in order, its
 * attempt recorded. The floor sends as many signed pushes of the same bytes by bare undici.
 */
import { createBacklog } from '../backlog.ts';
import type { Lab } from '../lab.ts';
import { startBarePosts } from '../posting.ts';
import { alternate } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { endpointsOf } from '../world.ts';

const unit = 'deliveries/s';

async function run(lab: Lab): Promise<Findings> {
  const { backlog: count, rounds } = lab.settings;
  const endpoints = endpointsOf(lab);
  const bare = await startBarePosts(lab, { endpoints, copies: 1 });
  const backlog = await createBacklog(lab, { database: 'hub' });
  const measures = await alternate({
    ...lab,
    // Each round starts a process anew, so there is nothing to warm up.
    settings: { ...lab.settings, warmUpSec: 0 },
    subjects: [
      {
        ...{ name: 'bare', title: 'bare undici', unit },
        run: async () => ({ figure: await bare(count), details: {} }),
      },
      {
        ...{ name: 'hub', title: 'Portolan', unit },
        run: async () => ({ figure: count / (await backlog.drain(count)), details: {} }),
      },
    ],
  });
  return {
    measures,
    floors: ['bare'],
    targets: [{ measure: 'hub', floor: 'bare', least: 0.4 }],
    notes: [],
    procedure: `${rounds} alternating rounds of ${count.toLocaleString('en-US')} deliveries to ${endpoints} endpoints`,
  };
}

export const row: Row = {
  name: 'deliver',
  title: 'a backlog drained to many endpoints, signed, each attempt recorded',
  order: 12,
  run,
};
