/** More than can be written: refused at once and as a whole, so nothing is acknowledged that is not kept. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { type Answer, bodyOf, book, type Client, joinAsClient } from '../support/client.ts';
import { type HubProcess, removeFolder, scratchFolder, startHub } from '../support/hub-process.ts';
import { withDatabaseName } from '../support/names.ts';

const name = `overload_${process.pid}`;
const eventsPerRequest = 1_000;
/** Events that may wait to be written. */
const waitingMax = 20_000;
const requests = waitingMax / eventsPerRequest + 4;

interface Recorded {
  readonly events: readonly { readonly status: string }[];
}

let admin: pg.Client;
let hub: HubProcess;
let dataDir: string;
let holder: pg.Client;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = withDatabaseName(inject('postgresUrl'), name);
  dataDir = await scratchFolder();
  hub = await startHub({ dataDir, environment: { DATABASE_URL: url } });
});
afterAll(async () => {
  await hub.end('SIGTERM');
  await removeFolder(dataDir);
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
});
beforeEach(async () => {
  holder = new pg.Client({ connectionString: withDatabaseName(inject('postgresUrl'), name) });
  await holder.connect();
});
afterEach(() => holder.end());

const bodyAt = (request: number) =>
  Array.from({ length: eventsPerRequest }, (_, at) => ({
    unit: { reference: 'FULL-1' },
    type: 'shifted',
    occurredAt: new Date(Date.UTC(2026, 0, 1) + (request * eventsPerRequest + at) * 1_000),
  }));

const post = (member: Client, request: number): Promise<Answer<Recorded>> =>
  member.api.send<Recorded>('POST', '/events', bodyAt(request));

it('answers 503 with Retry-After while its queue is full, and takes it afterwards', async () => {
  const member = await joinAsClient(hub.url, 'Full');
  await book(member.api, { reference: 'FULL-1', freightFamily: 'Container' });
  // Nothing can be written: as if the disk had stopped.
  await holder.query('begin');
  await holder.query('lock table event_keys in share row exclusive mode');
  const answers: Answer<Recorded>[] = [];
  let refusedAll: () => void = () => undefined;
  const refused = new Promise<void>((resolve) => {
    refusedAll = resolve;
  });
  const refusedMin = requests - waitingMax / eventsPerRequest;
  const sent = Promise.all(
    Array.from({ length: requests }, async (_, request) => {
      const answer = await post(member, request);
      answers.push(answer);
      if (answers.length === refusedMin) refusedAll();
      return answer;
    }),
  );
  await refused;
  // All that has been answered by now was refused: nothing else can have been.
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  await holder.query('rollback');
  const all = await sent;
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([201, 503]));
  const taken = all.filter(({ status }) => status === 201);
  expect(taken.flatMap(({ body }) => body.events).every((one) => one.status === 'recorded')).toBe(
    true,
  );
  // Sent again as told: whatever was refused was not recorded, not even in part.
  for (const [request, { status }] of all.entries()) {
    if (status === 201) continue;
    const again = bodyOf(await post(member, request), 201).events;
    expect(new Set(again.map((one) => one.status))).toEqual(new Set(['recorded']));
  }
  const { rows } = await holder.query<{ events: string }>('select count(*) as events from events');
  expect(Number(rows[0]?.events)).toBe(requests * eventsPerRequest);
}, 600_000);
