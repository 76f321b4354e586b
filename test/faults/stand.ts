/** What a run of faults needs: a hub that is killed and started again, a receiver, three wishes. */
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { Chance } from '../support/chance.ts';
import { adminKey, join as joinHub, request, tokenOf } from '../support/client.ts';
import { type HubProcess, removeFolder, scratchFolder, startHub } from '../support/hub-process.ts';
import { postmasterPid } from '../support/postmaster.ts';
import { type ReceivedRequest, type Receiver, startReceiver } from '../support/receiver.ts';
import {
  createLedger,
  type Ledger,
  type ListedDelivery,
  type Summary,
  type Wish,
} from './ledger.ts';
import { type Load, startLoad } from './load.ts';

export interface Stand {
  readonly ledger: Ledger;
  readonly load: Load;
  readonly dataDir: string;
  /** The hub that is up, or the next one to be. */
  readonly hub: () => Promise<HubProcess>;
  /** Ends it with SIGKILL and starts another on the same data folder. */
  readonly killHub: () => Promise<void>;
  /** Ends its PostgreSQL with SIGKILL; the hub is to bring it back. */
  readonly killDatabase: () => Promise<void>;
  /** Does something that may make it repeat itself, and waits until it works again. */
  readonly disturb: (fault: () => Promise<void> | void) => Promise<void>;
  /** Both at once, as when a machine loses its power. */
  readonly killBoth: () => Promise<void>;
  /** Stops the load, waits for the last delivery, ends the hub in peace and compares. */
  readonly settle: () => Promise<Summary>;
  readonly close: () => Promise<void>;
}

/** Takes a push into the ledger, which says whether it was to come; `isUnheard`: no answer follows. */
export type Take = (isUnheard?: boolean) => boolean;

/** What the receiver does with a push. */
export type Behave = (
  request: ReceivedRequest,
  response: Parameters<Parameters<typeof startReceiver>[0] & object>[1],
  take: Take,
) => void;

export interface StandOptions {
  readonly chance: Chance;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another program than `npm start`. */
  readonly main?: string;
  readonly behave?: Behave;
  /** The hub's clock is moved: signatures count whatever time they name. */
  readonly isClockOff?: boolean;
  /** Port at which the hub reaches the receiver, given the receiver's own. */
  readonly wayTo?: (port: number) => Promise<number>;
  readonly settleMsMax?: number;
}

const references = ['CSQU3054383', 'CGMU0000001', 'MSCU6639871', 'TGHU1234567'] as const;
const clients = 6;
export const hubProgram = join(packageRoot(), 'dist/src/main.js');

const answerWell: Behave = (_request, response, take) => {
  response.writeHead(take() ? 204 : 400).end();
};
/** Its port changes from start to start, its name does not: tokens outlive a kill. */
const publicUrl = { PORTOLAN_PUBLIC_URL: 'http://hub.invalid' };

export async function createStand(options: StandOptions): Promise<Stand> {
  const { chance, main = hubProgram, behave = answerWell, settleMsMax = 60_000 } = options;
  const dataDir = await scratchFolder();
  const environment = { ...publicUrl, ...options.environment };
  const start = () => startHub({ dataDir, environment, main });
  let up = start();
  let ledger: Ledger | undefined;
  const receiver = await startReceiver((received, response) => {
    const take: Take = (isUnheard = false) => ledger?.receive(received, { isUnheard }) === true;
    behave(received, response, take);
  });
  const close = async (): Promise<void> => {
    await up.then((hub) => hub.end('SIGTERM')).catch(() => undefined);
    await receiver.close();
    await removeFolder(dataDir);
  };
  try {
    const { url } = await up;
    const { member, wishes } = await provision(url, await addressOf(receiver, options.wayTo));
    const made = createLedger(wishes, { isClockOff: options.isClockOff === true });
    ledger = made;
    const hubUrl = async () => (await up).url;
    const restart = async (andKill: () => void): Promise<void> => {
      const hub = await up;
      made.killed();
      andKill();
      up = hub.end('SIGKILL').then(start);
      await up;
      made.recovered();
    };
    const disturb = async (fault: () => Promise<void> | void): Promise<void> => {
      made.killed();
      await fault();
      // Acknowledged again means stored again: more requests than were under way when it died.
      await load.acknowledgements(clients * 4);
      made.recovered();
    };
    const load = startLoad({
      ...{ hubUrl, references, ledger: made, chance, clients, token: member.token },
      renewToken: (hub) => tokenOf(hub, member),
    });
    return {
      ...{ ledger: made, load, dataDir, close },
      hub: () => up,
      killHub: () => restart(() => undefined),
      killDatabase: () => disturb(() => killPostmaster(dataDir)),
      disturb,
      killBoth: () => restart(() => killPostmaster(dataDir)),
      async settle() {
        await load.stop();
        await atMost(settleMsMax, made.complete());
        // Drained, so every outcome is stored: the next start has nothing to repeat.
        const code = await (await up).end('SIGTERM');
        if (code !== 0) throw new Error(`the hub ended with ${code}: ${(await up).output()}`);
        up = start();
        return made.summary(await listAll((await up).url, wishes));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function killPostmaster(dataDir: string): void {
  const pid = postmasterPid(dataDir);
  if (pid === undefined) throw new Error('no PostgreSQL runs in the data folder');
  process.kill(pid, 'SIGKILL');
}

/** Resolves with the promise, or when the time is over: what is missing then counts as lost. */
async function atMost(limitMs: number, promise: Promise<void>): Promise<void> {
  const over = new Promise<void>((resolve) => {
    AbortSignal.timeout(limitMs).addEventListener('abort', () => resolve());
  });
  await Promise.race([promise, over]);
}

async function addressOf({ url, port }: Receiver, wayTo: StandOptions['wayTo']): Promise<string> {
  return wayTo === undefined ? url : `http://127.0.0.1:${await wayTo(port)}`;
}

async function provision(hub: string, receiver: string) {
  const member = await joinHub(hub, 'Port');
  const { token, apiKey } = member;
  const call = async <Body>(path: string, body: unknown, more: object = {}): Promise<Body> => {
    const answer = await request<Body>(`${hub}${path}`, { token, body, ...more });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
    return answer.body;
  };
  for (const reference of references) {
    const unit = { reference, freightFamily: 'Container' };
    await call('/hub/v1/handling-units', unit, { method: 'PUT' });
  }
  const [first, second] = references;
  type Created = { readonly id: string; readonly secret: string };
  const all = await call<Created>('/hub/v1/subscriptions', { url: `${receiver}/all` });
  const one = await call<Created>('/hub/v1/subscriptions', {
    ...{ url: `${receiver}/one`, filter: { reference: first } },
  });
  const tracking = { reference: second, url: `${receiver}/tracking` };
  const headers = { 'ocp-apim-subscription-key': apiKey };
  const trackingId = await call<string>('/api-tracking-code/v1/track-handling-unit', tracking, {
    headers,
  });
  const listed = await call<{ items: readonly { id: string; externalId?: string }[] }>(
    '/hub/v1/subscriptions?dialect=soget',
    undefined,
  );
  const id = listed.items.find(({ externalId }) => externalId === trackingId)?.id ?? '';
  const rotate = { method: 'POST' };
  const { secret } = await call<Created>(
    `/hub/v1/subscriptions/${id}/rotate-secret`,
    undefined,
    rotate,
  );
  const wishes: Wish[] = [
    { path: '/all', subscription: all.id, secret: all.secret, timeOf: hubTime },
    { path: '/one', subscription: one.id, secret: one.secret, timeOf: hubTime, reference: first },
    { path: '/tracking', subscription: id, secret, timeOf: trackingTime, reference: second },
  ];
  return { member, wishes };
}

function hubTime(push: unknown): string {
  return (push as { event: { occurredAt: string } }).event.occurredAt;
}

function trackingTime(push: unknown): string {
  const { Events } = (push as { HandlingUnit: { Events: { AlertDate: string }[] } }).HandlingUnit;
  return Events[0]?.AlertDate ?? '';
}

async function listAll(hub: string, wishes: readonly Wish[]) {
  const lists = new Map<string, readonly ListedDelivery[]>();
  for (const { subscription } of wishes) lists.set(subscription, await list(hub, subscription));
  return lists;
}

async function list(hub: string, subscription: string): Promise<readonly ListedDelivery[]> {
  const items: ListedDelivery[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const url = `${hub}/hub/v1/deliveries?subscription=${subscription}&limit=200${more}`;
    const { body } = await request<{ items: ListedDelivery[]; nextCursor: string | null }>(url, {
      token: adminKey,
    });
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null);
  return items;
}
