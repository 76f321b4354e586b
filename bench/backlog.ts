/**
 * A backlog and its draining. One process of the hub, without the part that delivers, records it; then
 * another process, which only delivers, is started and finds it all waiting, as after a downtime.
 */
import { type Feed, startFeed } from './feeding.ts';
import { type RunningHub, startHub } from './hub.ts';
import type { Lab } from './lab.ts';
import { sharedMs } from './receive/clock.ts';
import { type Receiver, startReceiver } from './receiving.ts';
import { countRows, createWorld, endpointsOf, untilSettled, type World } from './world.ts';

export interface BacklogOptions {
  readonly database: string;
  /** What each endpoint takes to answer. */
  readonly delayMs?: number;
}

export interface Backlog {
  /** Records so many deliveries and drains them: seconds from the first receipt to the last record. */
  readonly drain: (count: number) => Promise<number>;
}

const size = 500;
const connections = 8;

/** Records events in arrays: the quickest way to a backlog that is like a real one. */
export async function recordMany(feed: Feed, world: World, count: number): Promise<void> {
  const token = await world.application.token();
  const { hub } = world;
  await feed.flood({ url: hub.url, token, size, connections, events: count });
}

/** Slower than this would be a fault and no figure. */
export const drainMsMax = (count: number): number => 60_000 + count * 2;

export async function createBacklog(lab: Lab, options: BacklogOptions): Promise<Backlog> {
  const { database, delayMs = 0 } = options;
  const feed = startFeed(lab);
  const receiver = await startReceiver(lab, { endpoints: endpointsOf(lab), delayMs });
  const hub = await startHub(lab, { database, env: { PORTOLAN_ROLES: 'door' } });
  const world = await createWorld(lab, { hub, receiver, told: 'one' });
  return {
    async drain(count) {
      await receiver.ask('begin', { firstNumber: 0, count: 0 });
      await recordMany(feed, world, count);
      const { accepted } = await receiver.ask('tally', undefined);
      if (accepted > 0) throw new Error('a process that does not deliver has delivered');
      const env = { PORTOLAN_ROLES: 'delivery' };
      const deliverer = await startHub(lab, { database, env, isFurther: true });
      const seconds = await drained({ lab, hub, receiver }, count);
      await deliverer.stop();
      return seconds;
    },
  };
}

interface Draining {
  readonly lab: Lab;
  readonly hub: RunningHub;
  readonly receiver: Receiver;
}

/** Waits for all, looks whether each has one attempt, and whether that is on record. */
async function drained({ lab, hub, receiver }: Draining, count: number): Promise<number> {
  const { firstMs } = await receiver.expectAll(count, drainMsMax(count));
  await untilSettled(lab, hub);
  const endMs = sharedMs();
  const events = await countRows(hub, 'events');
  for (const table of ['deliveries_done', 'attempts']) {
    const rows = await countRows(hub, table);
    if (rows !== events) throw new Error(`${rows} ${table} after ${events} events`);
  }
  return (endMs - firstMs) / 1_000;
}
