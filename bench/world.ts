/**
 * What most rows need before they measure: a hub with handling units, one organization for each endpoint of
 * a receiver, and a subscription of each to all that it may see.
 */
import { type Application, bookUnits, createApplication, type RunningHub, textIn } from './hub.ts';
import { type Lab, queryOnce } from './lab.ts';
import { referenceOf } from './load/bodies.ts';
import type { Receiver } from './receiving.ts';

export interface World {
  readonly hub: RunningHub;
  /** Who may add events to every unit. */
  readonly application: Application;
  /** In the order of their endpoints. */
  readonly subscribers: Subscriber[];
}

export interface Subscriber {
  readonly organization: string;
  readonly subscription: string;
  /** Of its endpoint. */
  readonly index: number;
}

export interface WorldOptions {
  readonly hub: RunningHub;
  readonly receiver: Receiver;
  /**
   * `one`: the units are dealt out to the endpoints in turn, so each event is told to one of them.
   * `all`: every endpoint is told every event. `few`: one unit in a hundred is told to the first.
   */
  readonly told: 'one' | 'all' | 'few';
}

const endpointsMax = 50;
const unitsPerTold = 100;

/** Endpoints of the rows with many: each needs a unit at least. */
export const endpointsOf = (lab: Lab): number => Math.min(endpointsMax, lab.settings.units);

/** Index of the endpoint that is told of an event when units are dealt out in turn. */
export const endpointOfEvent = (lab: Lab, endpoints: number, number: number): number =>
  (number % lab.settings.units) % endpoints;

const isOfTheFew = (unit: number) => unit % unitsPerTold === 0;

/** How many of these events are told where one unit in a hundred is. */
export function toldOf(lab: Lab, { first, count }: { first: number; count: number }): number {
  const numbers = Array.from({ length: count }, (_, at) => (first + at) % lab.settings.units);
  return numbers.filter(isOfTheFew).length;
}

/** Makes it all through the hub's own API. */
export async function createWorld(lab: Lab, options: WorldOptions): Promise<World> {
  const { hub, receiver, told } = options;
  const { units } = lab.settings;
  const { urls } = receiver;
  const application = await createApplication(hub, 'Port', ['hub.events.write']);
  const subscribers: Subscriber[] = [];
  for (const [index, url] of urls.entries()) {
    const organization = await createParty(hub, index);
    subscribers.push(await subscribe({ hub, receiver }, { organization, index, url }));
  }
  const parties = subscribers.map(({ organization }) => organization);
  lab.progress(`booking ${units} handling units for ${urls.length} endpoints`);
  const references = Array.from({ length: units }, (_, index) => referenceOf(index));
  const owner = application.organization;
  const groups = new Map<string, { parties: readonly string[]; references: string[] }>();
  for (const [unit, reference] of references.entries()) {
    const seenBy = partiesOf(unit, { told, parties });
    const group = groups.get(seenBy.join()) ?? { parties: seenBy, references: [] };
    groups.set(seenBy.join(), group);
    group.references.push(reference);
  }
  for (const group of groups.values()) await bookUnits(hub, { owner, ...group });
  return { hub, application, subscribers };
}

function partiesOf(
  unit: number,
  { told, parties }: { told: WorldOptions['told']; parties: readonly string[] },
): readonly string[] {
  if (told === 'all') return parties;
  if (told === 'few') return isOfTheFew(unit) ? parties.slice(0, 1) : [];
  const party = parties[unit % parties.length];
  return party === undefined ? [] : [party];
}

async function createParty(hub: RunningHub, index: number): Promise<string> {
  const name = `Carrier ${index + 1}`;
  return textIn(await hub.call('POST', '/hub/v1/organizations', { name }), 'id');
}

/** Subscribes an endpoint to all that its organization may see; the receiver learns the secret. */
async function subscribe(
  { hub, receiver }: Pick<WorldOptions, 'hub' | 'receiver'>,
  given: { readonly organization: string; readonly index: number; readonly url: string },
): Promise<Subscriber> {
  const { organization, index, url } = given;
  const answer = await hub.call('POST', '/hub/v1/subscriptions', { url, organization });
  await receiver.ask('expectSecret', { index, secret: textIn(answer, 'secret') });
  return { organization, subscription: textIn(answer, 'id'), index };
}

/** Ends a subscription with all that it waits for, and closes its endpoint; then begins anew with a new one. */
export async function resubscribe(
  { hub, subscribers }: World,
  receiver: Receiver,
  old: Subscriber,
): Promise<void> {
  const { organization, subscription, index } = old;
  await hub.call('DELETE', `/hub/v1/subscriptions/${subscription}`);
  await receiver.ask('close', { index });
  const place = await receiver.add();
  const at = subscribers.indexOf(old);
  subscribers[at] = await subscribe({ hub, receiver }, { organization, ...place });
}

/** Rows of a table, of those that `where` names. */
export async function countRows(hub: RunningHub, table: string): Promise<number> {
  const text = `select count(*)::int as count from ${table}`;
  const [row] = await queryOnce(hub.databaseUrl, text);
  return Number(row?.['count']);
}

const pauseMs = 20;
const settledMsMax = 60_000;

/** Waits until nothing is left to deliver: each outcome is durable, and each attempt recorded. */
export async function untilSettled(lab: Lab, hub: RunningHub): Promise<void> {
  const limit = AbortSignal.timeout(settledMsMax);
  const isLeft = 'select exists (select from deliveries) as left';
  for (;;) {
    const [row] = await queryOnce(hub.databaseUrl, isLeft);
    if (row?.['left'] === false) return;
    lab.signal.throwIfAborted();
    if (limit.aborted) throw new Error('received pushes are not recorded as delivered');
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
