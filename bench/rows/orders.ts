/**
 * Row `orders`: shipping orders added and read, in the words of the road exchange. The order is the
 * partner's own sample under a new number each time. The hub does all that it does for real: checks
 * the token, every field and the number, keeps the text, looks for units booked under the order,
 * and answers with each number's digits.
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
import type { Question } from '../load/run.ts';
import type { Load } from '../load.ts';
import { alternate, rateOf, type Subject } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';

const unit = 'requests/s';
const prefix = '/api/rest/v1';
const scopes = ['orders.orders.basic.read', 'orders.shipping-orders.basic.create'];

const headersOf = (token: string) => ({
  authorization: `Bearer ${token}`,
  accept: 'application/hal+json',
});

function add(load: Load, url: string, token: string) {
  return (seconds: number) =>
    load.run({
      ...{ url, method: 'POST', path: `${prefix}/shipping-orders`, headers: headersOf(token) },
      ...{ body: 'order', seconds, expected: { status: 201, text: '"_links":' } },
    });
}

async function storedOrders({ databaseUrl }: RunningHub): Promise<number> {
  const [row] = await queryOnce(databaseUrl, 'select count(*)::int as count from documents');
  return Number(row?.['count']);
}

/** What the hub acknowledged must be in the database, neither more nor less. */
function adding(load: Load, hub: RunningHub, application: Application): Subject['run'] {
  return async (seconds) => {
    const before = await storedOrders(hub);
    const result = await add(load, hub.url, await application.token())(seconds);
    const stored = (await storedOrders(hub)) - before;
    if (stored === result.acknowledged) return rateOf(result);
    throw new Error(`${result.acknowledged} orders acknowledged, ${stored} stored`);
  };
}

/** Reads the same orders over and over; each answer must be the order asked for. */
async function reading(
  lab: Lab,
  load: Load,
  given: { readonly hub: RunningHub; readonly application: Application },
): Promise<Subject['run']> {
  const { hub, application } = given;
  const few = `select id, number from documents order by id limit ${lab.settings.units}`;
  const questions: Question[] = (await queryOnce(hub.databaseUrl, few)).map((row) => ({
    path: `${prefix}/orders/${row['id']}`,
    text: `"number":"${row['number']}"`,
  }));
  return async (seconds) =>
    rateOf(
      await load.run({
        ...{ url: hub.url, method: 'GET', path: '', questions, seconds },
        headers: headersOf(await application.token()),
        expected: { status: 200, text: '' },
      }),
    );
}

async function startFloor(lab: Lab, kind: string, env: Record<string, string> = {}) {
  const program = 'bench/programs/order-floors.js';
  return lab.startServer({ name: `orders ${kind}`, program, args: [kind], env });
}

/** A shipper, and units under other documents among which none is found. */
async function prepare(lab: Lab, hub: RunningHub): Promise<Application> {
  const application = await createApplication(hub, 'Shipper', scopes);
  const { units } = lab.settings;
  lab.progress(`booking ${units} handling units`);
  await bookUnits(hub, {
    references: Array.from({ length: units }, (_, index) => referenceOf(index)),
    owner: application.organization,
    parties: [],
  });
  return application;
}

async function run(lab: Lab): Promise<Findings> {
  const load = lab.startLoad();
  const bare = await startFloor(lab, 'bare');
  const DATABASE_URL = await lab.createDatabase('orders_floor');
  const insert = await startFloor(lab, 'insert', { DATABASE_URL });
  const hub = await startHub(lab, { database: 'orders_hub' });
  const application = await prepare(lab, hub);
  const token = await application.token();
  // So that there is something to read.
  await add(load, hub.url, token)(Math.max(lab.settings.warmUpSec, lab.settings.roundSec));
  const floor = (url: string) => async (seconds: number) =>
    rateOf(await add(load, url, token)(seconds));
  const measures = await alternate({
    ...lab,
    subjects: [
      { name: 'bare', title: 'bare route', unit, run: floor(bare) },
      { name: 'insert', title: 'one INSERT', unit, run: floor(insert) },
      { name: 'add', title: 'Portolan, adding', unit, run: adding(load, hub, application) },
      {
        ...{ name: 'read', title: 'Portolan, reading', unit },
        run: await reading(lab, load, { hub, application }),
      },
    ],
  });
  return {
    measures,
    floors: ['bare', 'insert'],
    targets: [{ measure: 'add', floor: 'insert', least: 0.8 }],
    notes: [],
  };
}

export const row: Row = {
  name: 'orders',
  title: "shipping orders added and read, the partner's own sample",
  order: 4,
  run,
};
