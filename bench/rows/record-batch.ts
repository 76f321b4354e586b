/**
 * Row `record-batch`: events posted in arrays of 500, each array answered once all of it is durable.
 *
 * The floor writes the same rows into the same tables of another database by plain INSERT of 500 rows,
 * from a program that has nothing else to do: no HTTP, no checks, no looking up of units.
 */
import { createRemote } from '../channel.ts';
import { type Feed, startFeed } from '../feeding.ts';
import { startHub } from '../hub.ts';
import type { Lab } from '../lab.ts';
import type { InsertCalls } from '../programs/inserts.ts';
import { type Receiver, startReceiver } from '../receiving.ts';
import { alternate, type Subject } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { countRows, createWorld, toldOf, type World } from '../world.ts';

const unit = 'events/s';
const size = 500;
/** Enough to keep look-up and write of the hub busy at once; more only queue. */
const connections = 8;

/** What was acknowledged must be in the database and told to whom it concerns, neither more nor less. */
function posting(
  lab: Lab,
  { hub, application }: World,
  { feed, receiver }: { feed: Feed; receiver: Receiver },
): Subject['run'] {
  let stored = 0;
  return async (seconds) => {
    const token = await application.token();
    const first = feed.nextNumber();
    await receiver.ask('begin', { firstNumber: first, count: 0 });
    const result = await feed.flood({ url: hub.url, token, size, connections, seconds });
    const before = stored;
    stored = await countRows(hub, 'events');
    await receiver.expectAll(toldOf(lab, { first, count: result.sent }));
    if (stored - before === result.acknowledged) return { figure: result.perSec, details: {} };
    throw new Error(`${result.acknowledged} events acknowledged, ${stored - before} stored`);
  };
}

async function startFloor(lab: Lab): Promise<Subject['run']> {
  const program = 'bench/programs/inserts.js';
  const env = { DATABASE_URL: await lab.createDatabase('inserts') };
  const child = lab.start({ name: 'inserts', program, env });
  const ask = createRemote<InsertCalls>(child, lab.signal);
  const { units } = lab.settings;
  return async (seconds) => ({
    figure: await ask('insert', { seconds, size, units }),
    details: {},
  });
}

async function run(lab: Lab): Promise<Findings> {
  const feed = startFeed(lab);
  const inserts = await startFloor(lab);
  const receiver = await startReceiver(lab, { endpoints: 1 });
  const hub = await startHub(lab, { database: 'hub' });
  const world = await createWorld(lab, { hub, receiver, told: 'few' });
  const measures = await alternate({
    ...lab,
    subjects: [
      { name: 'inserts', title: 'raw INSERT', unit, run: inserts },
      { name: 'hub', title: 'Portolan', unit, run: posting(lab, world, { feed, receiver }) },
    ],
  });
  return {
    measures,
    floors: ['inserts'],
    targets: [
      { measure: 'hub', least: 60_000 },
      { measure: 'hub', floor: 'inserts', least: 0.6 },
    ],
    notes: [`Posted over ${connections} connections. One of the two targets is enough.`],
  };
}

export const row: Row = {
  name: 'record-batch',
  title: 'events posted in arrays of 500, each answered once it is durable',
  order: 11,
  run,
};
