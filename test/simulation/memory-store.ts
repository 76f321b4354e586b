/**
 * The store as one process sees it: statements that take time to arrive and to be answered, that
 * fail before or after they are committed, connections that break, a database that goes away.
 */
import type { FailingSubscription } from '../../src/store/deliveries/complete.ts';
import type { DeliveryStore } from '../../src/store/deliveries/delivery-store.ts';
import type { Membership } from '../../src/store/deliveries/leases.ts';
import type { Dice } from './dice.ts';
import type { Process } from './process.ts';
import type { Tables } from './tables.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { Watch } from './watch.ts';

/** The one database of a run. */
export interface Server {
  readonly tables: Tables;
  /** Not there until then. */
  downUntilMs: number;
  /** Raised when it goes down: what was not answered by then never is. */
  generation: number;
  /** One statement in so many fails; Infinity for none. */
  failsOneIn: number;
  /** The connections that hold locks. */
  readonly links: Set<Link>;
}

export interface Link {
  readonly process: Process;
  /** The server notices that it is broken at once, the process a while later. */
  readonly breakIt: (heardAfterMs: number) => void;
  readonly tell: (message: string) => void;
}

interface Place {
  readonly process: Process;
  readonly server: Server;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly watch: Watch;
}

const lost = () => new Error('the connection was lost');

export function createMemoryStore(place: Place): DeliveryStore {
  const { process, server, clock, dice, watch } = place;
  const { tables } = server;
  const ask = <T>(apply: () => T) => statement<T>(place, (commit) => commit(apply()));
  return {
    join: (id, { onLost, onTold = () => undefined }) => join(place, id, { onLost, onTold }),
    tell: (message) =>
      ask(() => {
        for (const link of server.links) link.tell(message);
      }),
    warnSubscription: (given) =>
      ask(() => {
        const isDone = tables.warn(given);
        if (isDone) watch.trouble({ id: given.id, what: 'failing', reason: 'failing' });
        return isDone;
      }),
    complete: (owner, completions) =>
      statement<FailingSubscription[]>(place, (commit) => {
        const batch = tables.fenced(owner, completions);
        const { generation } = server;
        // Its snapshot of the leases is older than its commit.
        clock.after(dice.fraction() * 3, () => {
          if (server.generation === generation) {
            watch.completing(process, batch);
            commit(tables.complete(batch));
          } else commit([]);
        });
      }),
    readLane: (request) => ask(() => tables.readLane(request)),
    waitingEndpoints: ({ before, limit }) => ask(() => tables.waitingEndpoints(before, limit)),
    loadForSending: (ids) =>
      ask(() =>
        ids.flatMap((id) => {
          const subscription = tables.subscriptions.get(id);
          return subscription === undefined ? [] : [{ ...rowOf(subscription) }];
        }),
      ),
    newestVersion: () =>
      ask(() => Math.max(0, ...[...tables.subscriptions.values()].map((each) => each.version))),
    changedSubscriptions: (since, limit) =>
      ask(() =>
        [...tables.subscriptions.values()]
          .filter(({ version }) => version > since)
          .sort((left, right) => left.version - right.version)
          .slice(0, limit)
          .map(({ id, endpointId, version }) => ({ id, endpointId, version })),
      ),
    disableSubscription: (given) =>
      ask(() => {
        const { id, reason } = given;
        const isDone = tables.disable(given);
        if (isDone) watch.trouble({ id, what: 'disabled', reason });
        return isDone;
      }),
    releaseHeld: ({ id }) =>
      ask(() => {
        if (tables.subscriptions.get(id)?.state === 'active') tables.resumeRows(id);
      }),
  };
}

const rowOf = (subscription: {
  readonly id: string;
  readonly endpointId: string;
  readonly state: 'active' | 'paused' | 'disabled';
  readonly version: number;
  readonly sendsMax: number | null;
  readonly ratePerSecond: number | null;
  readonly notices: boolean;
}) => ({
  ...subscription,
  organizationId: 'organization',
  dialect: 'plain',
  externalId: null,
  url: subscription.endpointId,
  settings: {},
  secretSealed,
  previousSecretSealed: null,
  previousSecretUntil: null,
});

const secretSealed = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const always = () => true;

/** `isOpen`: whether the connection it goes by still stands. */
function statement<T>(
  place: Place,
  run: (commit: (value: T) => void) => void,
  isOpen: () => boolean = always,
): Promise<T> {
  const { process, server, clock, dice } = place;
  return new Promise<T>((resolve, reject) => {
    const answer = (give: () => void) => clock.after(latencyMs(dice), () => process.hear(give));
    const arrive = (): void => {
      const waitMs = process.cutOffUntilMs - clock.nowMs();
      if (waitMs > 0) {
        clock.after(waitMs, arrive);
        return;
      }
      // What a killed process had sent may or may not have left its machine.
      if (!process.isAlive && dice.oneIn(2)) return;
      const isRefused = clock.nowMs() < server.downUntilMs || !isOpen();
      if (isRefused || dice.oneIn(server.failsOneIn)) {
        answer(() => reject(lost()));
        return;
      }
      const { generation } = server;
      const isUnheard = dice.oneIn(server.failsOneIn);
      run((value) =>
        answer(() => {
          if (isUnheard || server.generation !== generation || !isOpen()) reject(lost());
          else resolve(value);
        }),
      );
    };
    clock.after(latencyMs(dice), arrive);
  });
}

/** Mostly fast; now and then so slow that others overtake it. */
function latencyMs(dice: Dice): number {
  return dice.oneIn(20) ? dice.fraction() * 400 : 0.2 + dice.fraction() * 2;
}

interface Listener {
  readonly onLost: (error: Error) => void;
  readonly onTold: (message: string) => void;
}

async function join(place: Place, id: string, { onLost, onTold }: Listener): Promise<Membership> {
  const { process, server, clock, dice } = place;
  const { tables, links } = server;
  const connection = {};
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
    links.delete(link);
    // The server sees the end of a connection a moment later, or much later.
    const unseenMs = dice.oneIn(10) ? dice.fraction() * 60_000 : latencyMs(dice);
    clock.after(unseenMs, () => tables.unlock(id, connection));
  };
  const link: Link = {
    process,
    tell: (message) => clock.after(latencyMs(dice), () => process.hear(() => onTold(message))),
    breakIt(heardAfterMs) {
      tables.unlock(id, connection);
      isOpen = false;
      links.delete(link);
      clock.after(heardAfterMs, () => process.hear(() => onLost(lost())));
    },
  };
  const ask = <T>(apply: () => T) =>
    statement<T>(
      place,
      (commit) => commit(apply()),
      () => isOpen,
    );
  const take = (): void => {
    tables.lock(id, connection);
    links.add(link);
    // Asked for by a process that has died since: its connection is about to end too.
    if (!process.isAlive) close();
  };
  try {
    await ask(take);
  } catch (error) {
    close();
    throw error;
  }
  return {
    ...statementsOf(tables, id, ask),
    async leave() {
      await ask(() => tables.release(id, () => true));
      await ask(() => tables.forget(id));
      await ask(() => tables.unlock(id, connection));
      close();
    },
    abandon: () => {
      if (isOpen) close();
    },
  };
}

function statementsOf(
  tables: Tables,
  id: string,
  ask: <T>(apply: () => T) => Promise<T>,
): Omit<Membership, 'leave' | 'abandon'> {
  return {
    renew: (leaseMs) => ask(() => tables.renew(id, leaseMs)),
    async others() {
      const all = await ask(() => tables.others(id));
      const dead = all.filter((other) => other.isDead).map((other) => other.id);
      const ended = all.filter((other) => other.hasEnded).map((other) => other.id);
      const buried = dead.length === 0 ? [] : await ask(() => tables.bury(dead, ended));
      return all.map((other) => ({ ...other, isDead: buried.includes(other.id) }));
    },
    leases: () => ask(() => [...tables.leases]),
    claim: (free) => ask(() => tables.claim(id, free)),
    release: (buckets) => ask(() => tables.release(id, (bucket) => buckets.includes(bucket))),
  };
}
