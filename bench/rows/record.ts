/**
 * Row `record`: single events posted by many clients, each answered only once it is durable.
 *
 * The floors are the same Fastify with the same schemas: one stores nothing, one writes an INSERT
 * per request to the same PostgreSQL. The hub does all that it does for real: checks the token,
 * finds the unit and the right to add to it, drops duplicates, matches subscriptions, pushes.
 */
import {
  type Application,
  bookUnits,
  createApplication,
  type RunningHub,
  startHub,
} from '../hub.ts';
import { type Lab, queryOnce } from '../lab.ts';
import { referenceOf } from '../load/bodies.ts';
import type { Load } from '../load.ts';
import { alternate, rateOf, type Subject } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { find } from '../statistics.ts';

const unit = 'requests/s';
/** Of so many units one is watched, so that some events are pushed and most are not. */
const unitsPerWatch = 100;
/** A floor this near to what the load can ask was held back by the load. */
const shareOfLoadMax = 0.8;

function post(load: Load, url: string, token: string) {
  return (seconds: number) =>
    load.run({
      url,
      method: 'POST',
      path: '/hub/v1/events',
      // The floors do not read it, but they receive the same bytes.
      headers: { authorization: `Bearer ${token}` },
      body: 'event',
      seconds,
      expected: { status: 201, text: '"status":"recorded"' },
    });
}

/** Organizations, units, and subscriptions: one that matches few events and two that match none. */
async function prepare(lab: Lab, hub: RunningHub): Promise<Application> {
  const port = await createApplication(hub, 'Port', ['hub.events.write']);
  const carrier = await createApplication(hub, 'Carrier', ['hub.read']);
  const { units } = lab.settings;
  const references = Array.from({ length: units }, (_, index) => referenceOf(index));
  lab.progress(`booking ${units} handling units`);
  await bookUnits(hub, {
    references,
    owner: port.organization,
    parties: [carrier.organization],
  });
  const receiver = await lab.startServer({
    name: 'receiver',
    program: 'bench/programs/receiver.js',
  });
  const watched = references.filter((_, index) => index % unitsPerWatch === 0);
  const filters = [
    { types: ['lost'] },
    { reference: referenceOf(units) },
    ...watched.map((reference) => ({ reference })),
  ];
  for (const filter of filters) {
    const { organization } = carrier;
    await hub.call('POST', '/hub/v1/subscriptions', { url: receiver, filter, organization });
  }
  return port;
}

async function storedEvents(hub: RunningHub): Promise<number> {
  const [row] = await queryOnce(hub.databaseUrl, 'select count(*)::int as count from events');
  return Number(row?.['count']);
}

/** The hub's round: what it acknowledged must be in the database, neither more nor less. */
function recording(load: Load, hub: RunningHub, application: Application): Subject['run'] {
  let stored = 0;
  return async (seconds) => {
    const result = await post(load, hub.url, await application.token())(seconds);
    const before = stored;
    stored = await storedEvents(hub);
    if (stored - before === result.acknowledged) return rateOf(result);
    throw new Error(`${result.acknowledged} events acknowledged, ${stored - before} stored`);
  };
}

async function startFloor(lab: Lab, kind: string, env: Record<string, string> = {}) {
  const program = 'bench/programs/floors.js';
  return lab.startServer({ name: kind, program, args: [kind], env });
}

async function run(lab: Lab): Promise<Findings> {
  const load = lab.startLoad();
  const bare = await startFloor(lab, 'bare');
  const DATABASE_URL = await lab.createDatabase('floor');
  const insert = await startFloor(lab, 'insert', { DATABASE_URL });
  const hub = await startHub(lab, { database: 'hub' });
  const application = await prepare(lab, hub);
  const token = await application.token();
  const floor = (url: string) => async (seconds: number) =>
    rateOf(await post(load, url, token)(seconds));

  const mute = await startFloor(lab, 'mute');
  const most = (await post(load, mute, token)(lab.settings.warmUpSec)).perSec;
  const measures = await alternate({
    ...lab,
    subjects: [
      { name: 'bare', title: 'bare route', unit, run: floor(bare) },
      { name: 'insert', title: 'one INSERT', unit, run: floor(insert) },
      { name: 'hub', title: 'Portolan', unit, run: recording(load, hub, application) },
    ],
  });
  return {
    measures,
    floors: ['bare', 'insert'],
    targets: [
      { measure: 'hub', floor: 'insert', least: 1.5 },
      { measure: 'hub', floor: 'insert', least: 2 },
      { measure: 'hub', floor: 'bare', least: 0.45 },
    ],
    notes: [loadNote(most, find(measures, 'bare').median)],
  };
}

function loadNote(most: number, bare: number): string {
  const rate = Math.round(most).toLocaleString('en-US');
  const reach = `The load alone, against a server that answers without reading, reaches ${rate} requests/s`;
  return bare < most * shareOfLoadMax
    ? `${reach}.`
    : `${reach}: the bare route is held back by it.`;
}

export const row: Row = {
  name: 'record',
  title: 'single events posted, each answered once it is durable',
  order: 1,
  run,
};
