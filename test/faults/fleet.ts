/** Several hubs as processes on one database, under load, with a receiver that notes what overlaps. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { Chance } from '../support/chance.ts';
import { adminKey, apiOf, book, joinAsClient, request, subscribe } from '../support/client.ts';
import { allPages } from '../support/hub-answers.ts';
import { type HubProcess, removeFolder, scratchFolder, startHub } from '../support/hub-process.ts';
import { withDatabaseName } from '../support/names.ts';
import { startReceiver } from '../support/receiver.ts';
import {
  createLedger,
  type Ledger,
  type ListedDelivery,
  type Summary,
  type Wish,
} from './ledger.ts';
import { type Load, startLoad } from './load.ts';

export interface Fleet {
  readonly ledger: Ledger;
  readonly load: Load;
  /** One more hub, with all roles when not given; clients use it too if it has a door. */
  readonly start: (roles?: string) => Promise<HubProcess>;
  /** Clients leave it, then it gets the signal; its exit code. */
  readonly end: (hub: HubProcess, signal: NodeJS.Signals) => Promise<number | null>;
  /** Ends the connection by which one of them holds its leases; false where none has one now. */
  readonly cutLeases: () => Promise<boolean>;
  /** From now on nobody can ask a machine whether a hub has ended: as if each had its own. */
  readonly scatter: () => Promise<void>;
  /** A figure of each hub that is up, in the order of their starts. */
  readonly figures: (metric: string) => Promise<number[]>;
  /** Deliveries that were under way twice at one moment, while nothing was killed. */
  readonly overlaps: () => readonly string[];
  /** Stops the load, waits for the last push, lets all hubs go in peace and compares. */
  readonly settle: () => Promise<Summary>;
  readonly close: () => Promise<void>;
}

const clients = 6;
const paths = ['/all', '/one'] as const;
/** Enough of them that every hub has some in its buckets. */
const references = Array.from({ length: 40 }, (_, at) => `FLEET-${at}`);
const [firstReference = ''] = references;
const settleMsMax = 300_000;

let made = 0;

async function ask(connectionString: string, sql: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rowCount } = await client.query(sql).finally(() => client.end());
  return rowCount ?? 0;
}

async function asAdmin(sql: string): Promise<void> {
  await ask(inject('postgresUrl'), sql);
}

/** Of one of the hubs, by chance; all their other connections stay. */
const cutOne = `with holders as materialized (
    select l.pid from pg_locks l join processes p on l.locktype = 'advisory' and l.granted
      and l.mode = 'ShareLock' and ((l.classid::bigint << 32) | l.objid::bigint)
        = hashtextextended('portolan process ' || p.id, 0)
    order by random() limit 1)
  select pg_terminate_backend(pid) from holders`;

async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  made += 1;
  const name = `fleet_${process.pid}_${made}`;
  await asAdmin(`create database ${name}`);
  return {
    url: withDatabaseName(inject('postgresUrl'), name),
    drop: () => asAdmin(`drop database ${name} with (force)`),
  };
}

/** `roles` of the first hub, which needs a door. */
export async function createFleet(
  chance: Chance,
  { roles, answerMs = 3 }: { readonly roles?: string; readonly answerMs?: number } = {},
): Promise<Fleet> {
  const database = await createDatabase();
  const environment = { DATABASE_URL: database.url, PORTOLAN_PUBLIC_URL: 'http://hub.invalid' };
  const folders: string[] = [];
  const all: HubProcess[] = [];
  const up: HubProcess[] = [];
  const watch = createWatch(answerMs);
  const receiver = await startReceiver(watch.answer);

  async function start(given = 'door,delivery,views'): Promise<HubProcess> {
    const dataDir = await scratchFolder();
    const [first] = folders;
    folders.push(dataDir);
    // One key opens the secrets of all, as docs/configuration.md says.
    if (first !== undefined) await copyFile(join(first, 'master.key'), join(dataDir, 'master.key'));
    const hub = await startHub({
      dataDir,
      environment: { ...environment, PORTOLAN_ROLES: given },
    });
    all.push(hub);
    if (given.includes('door')) up.push(hub);
    return hub;
  }

  async function end(hub: HubProcess, signal: NodeJS.Signals): Promise<number | null> {
    if (up.includes(hub)) up.splice(up.indexOf(hub), 1);
    return hub.end(signal);
  }

  const close = async (): Promise<void> => {
    for (const hub of all) await hub.end('SIGKILL');
    await receiver.close();
    for (const folder of folders) await removeFolder(folder);
    await database.drop();
  };

  try {
    const { token, wishes } = await provision((await start(roles)).url, receiver.url);
    const ledger = createLedger(wishes);
    watch.ledger = ledger;
    const hubUrl = async () => {
      const [one, ...others] = up;
      if (one === undefined) throw new Error('no hub is up');
      return chance.oneOf([one, ...others]).url;
    };
    const load = startLoad({
      ...{ hubUrl, token, ledger, chance, clients },
      references: [firstReference, ...references.slice(1)],
    });
    return {
      ...{ ledger, load, start, end, close },
      cutLeases: async () => (await ask(database.url, cutOne)) > 0,
      scatter: async () => {
        await ask(database.url, `update processes set place = 'elsewhere ' || id`);
      },
      figures: (metric) => Promise.all(up.map((hub) => figureOf(hub, metric))),
      overlaps: () => watch.overlaps,
      async settle() {
        await load.stop();
        await Promise.race([ledger.complete(), over(settleMsMax)]);
        for (const hub of [...up]) await end(hub, 'SIGTERM');
        const { url } = await start();
        return ledger.summary(await listAll(url, wishes));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Answers each push a moment later, so that two of one delivery would be seen side by side. */
function createWatch(answerMs: number) {
  const open = new Set<string>();
  const overlaps: string[] = [];
  const watch: {
    ledger: Ledger | undefined;
    readonly overlaps: string[];
    readonly answer: Parameters<typeof startReceiver>[0];
  } = {
    ledger: undefined,
    overlaps,
    answer: (received, response) => {
      const id = String(received.headers['webhook-id']);
      if (open.has(id)) overlaps.push(id);
      open.add(id);
      // Whoever sent it is gone: it is under way no longer.
      response.once('close', () => open.delete(id));
      const isKnown = watch.ledger?.receive(received) === true;
      setTimeout(() => response.writeHead(isKnown ? 204 : 400).end(), answerMs);
    },
  };
  return watch;
}

async function provision(hub: string, receiver: string) {
  const member = await joinAsClient(hub, 'Fleet');
  for (const reference of references) {
    await book(member.api, { reference, freightFamily: 'Container' });
  }
  const wishes: Wish[] = [];
  for (const path of paths) {
    const wanted = path === '/one' ? { reference: firstReference } : {};
    const { id, secret } = await subscribe(member.api, `${receiver}${path}`, wanted);
    wishes.push({ path, subscription: id, secret, timeOf, ...wanted });
  }
  return { token: member.token, wishes };
}

function timeOf(push: unknown): string {
  return (push as { event: { occurredAt: string } }).event.occurredAt;
}

async function figureOf(hub: HubProcess, metric: string): Promise<number> {
  const { text } = await request(`${hub.url}/metrics`);
  const lines = text.split('\n').filter((line) => line.startsWith(metric));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function listAll(hub: string, wishes: readonly Wish[]) {
  const api = apiOf(hub, adminKey);
  const lists = new Map<string, readonly ListedDelivery[]>();
  for (const { subscription } of wishes) {
    const path = `/deliveries?subscription=${subscription}`;
    lists.set(subscription, await allPages<ListedDelivery>(api, path, 200));
  }
  return lists;
}

function over(limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    AbortSignal.timeout(limitMs).addEventListener('abort', () => resolve());
  });
}
