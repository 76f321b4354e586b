/**
 * One run: a few hubs on one database, receivers, events that are recorded, and faults, all decided
 * by the seed. The real engine runs on a clock that jumps from event to event; after each step
 * everything that follows from it has happened, and a crash may come.
 */
import { type DeliverySettings, defaultDeliverySettings } from '../../src/delivery/settings.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import type { DeliveryStore } from '../../src/store/deliveries/delivery-store.ts';
import { createDice, type Dice } from './dice.ts';
import { createHub, type Hub } from './hub.ts';
import type { EndpointLimits } from './load-rules.ts';
import { createMemoryStore, type Server } from './memory-store.ts';
import { createProcess, type Process } from './process.ts';
import { createReceivers, type Receivers } from './receivers.ts';
import { Tables } from './tables.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { createWatch, type Watch } from './watch.ts';

/** What is broken on purpose, to see that the judge notices. */
export interface Sabotage {
  readonly store?: (store: DeliveryStore) => DeliveryStore;
  readonly tables?: (tables: Tables) => void;
  /** Not in slow runs, for which they would be far too short. */
  readonly settings?: Partial<DeliverySettings>;
}

export interface WorldOptions {
  readonly seed: number;
  /** 1 for a storm of half a minute; thousands for a slow run of days with the same work. */
  readonly scale: number;
  readonly sabotage?: Sabotage | undefined;
  readonly note?: ((text: string) => void) | undefined;
}

export interface World {
  readonly scale: number;
  /** Takes down what happens, for whoever looks into a seed. */
  readonly note: (text: string) => void;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly server: Server;
  readonly receivers: Receivers;
  readonly watch: Watch;
  readonly hubs: Hub[];
  readonly endpoints: readonly string[];
  readonly subscriptions: readonly string[];
  /** Whether a process did anything since it was asked last; then more may follow from that. */
  readonly wasHeard: () => boolean;
  readonly start: () => void;
  readonly kill: (hub: Hub) => void;
  /** Ends it in good order. */
  readonly stop: (hub: Hub) => void;
  readonly record: (hub: Hub) => void;
}

/** As in production, but nothing as often: a virtual hour should not cost thousands of polls. */
const simulated: Partial<DeliverySettings> = {
  laneWindowMax: 6,
  laneWindowMin: 2,
  laneRestMsMin: 4_000,
  queuedMax: 30,
  laneSendsMax: 4,
  sendsMax: 10,
  laneSendsCrowdedMax: 2,
  flushRowsMin: 3,
  flushRowsMax: 5,
  unflushedMax: 8,
  refillsMax: 2,
  refillRowsMax: 8,
  leaseMs: 40_000,
  renewEveryMs: 10_000,
  leaseMarginMs: 6_000,
  retryDatabaseMs: 1_000,
  sweepPauseMsMin: 5_000,
  subscriptionsEveryMs: 10_000,
  subscriptionsCachedMax: 8,
};

function settingsAt(scale: number): DeliverySettings {
  const settings = { ...defaultDeliverySettings, ...simulated };
  // What a killed one had may wait for the end of its lease: long before the end of the run.
  const leaseScale = scale ** 0.75;
  return {
    ...settings,
    leaseMs: settings.leaseMs * leaseScale,
    renewEveryMs: settings.renewEveryMs * leaseScale,
    leaseMarginMs: settings.leaseMarginMs * leaseScale,
    retryDatabaseMs: settings.retryDatabaseMs * Math.sqrt(scale),
    sweepPauseMsMin: settings.sweepPauseMsMin * Math.sqrt(scale),
    sweepPauseMsMax: settings.sweepPauseMsMax * Math.sqrt(scale),
    subscriptionsEveryMs: settings.subscriptionsEveryMs * Math.sqrt(scale),
  };
}

const unitCount = 5;
const noLimits: EndpointLimits = { sendsMax: null, ratePerSecond: null };

function drawLimits(dice: Dice): EndpointLimits {
  return {
    sendsMax: dice.oneIn(4) ? dice.between(1, 2) : null,
    ratePerSecond: dice.oneIn(4) ? dice.between(1, 5) : null,
  };
}

export function createWorld(given: WorldOptions): World {
  const { seed, scale, sabotage = {} } = given;
  const dice = createDice(seed);
  const clock = createVirtualClock();
  const { note: write = () => undefined } = given;
  const note = (text: string): void => write(`${clock.nowMs().toFixed(1)} ${text}`);
  const tables = new Tables(clock.nowMs, note);
  const processes = new Map<string, Process>();
  tables.hasEnded = (asker, id) => {
    const other = processes.get(id);
    return other?.isAlive === false && other.machine === processes.get(asker)?.machine;
  };
  sabotage.tables?.(tables);
  const settings = settingsAt(scale);
  // Many looks of those that changed, one of all there are, and whatever was cut off for a lease.
  const heardMs = 40 * settings.subscriptionsEveryMs + 2 * settings.leaseMs;
  const watch = createWatch({ tables, nowMs: clock.nowMs, settings, heardMs, note });
  const isTooLarge = (id: string) => id.includes('large');
  const receivers = createReceivers({ clock, dice, watch, isTooLarge });
  const server: Server = {
    ...{ tables, downUntilMs: 0, generation: 0, failsOneIn: Number.POSITIVE_INFINITY },
    links: new Set(),
  };
  const endpoints = Array.from({ length: dice.between(1, 3) }, (_, index) => `e${index}`);
  const limitsOf = new Map(endpoints.map((id) => [id, drawLimits(dice)]));
  const subscriptions = Array.from({ length: dice.between(1, 4) }, (_, index) => `s${index}`);
  for (const id of subscriptions) {
    const endpointId = endpoints[dice.between(0, endpoints.length - 1)] ?? 'e0';
    const limits = limitsOf.get(endpointId) ?? noLimits;
    const counters = { lastSequence: 0, version: 0 };
    const notices = dice.oneIn(3);
    tables.subscriptions.set(id, {
      ...{ id, endpointId, state: 'active', notices },
      ...counters,
      ...limits,
    });
  }
  const hubs: Hub[] = [];
  const buckets = Array.from({ length: unitCount }, () => dice.between(0, 255));
  let started = 0;
  let recorded = 0;
  let hasHeard = false;
  const onHeard = (): void => {
    hasHeard = true;
  };
  const wasHeard = (): boolean => {
    const was = hasHeard;
    hasHeard = false;
    return was;
  };

  function start(): void {
    started += 1;
    note(`p${started} starts`);
    const process = createProcess({
      id: `p${started}`,
      machine: dice.between(1, 2),
      clock,
      steadyOffsetMs: dice.between(0, 1_000_000),
      onHeard,
    });
    processes.set(process.id, process);
    const store = createMemoryStore({ process, server, clock, dice, watch });
    const hub = createHub({
      process,
      dice,
      store: sabotage.store?.(store) ?? store,
      sender: receivers.senderOf(process),
      settings: { ...settings, ...(scale === 1 ? sabotage.settings : {}) },
    });
    hubs.push(hub);
    hub.engine.start().then(
      () => {
        hub.isRunning = true;
      },
      // As a process without its database does.
      () => restart(hub),
    );
  }

  function remove(hub: Hub): void {
    hub.process.kill();
    hub.isRunning = false;
    const index = hubs.indexOf(hub);
    if (index >= 0) hubs.splice(index, 1);
  }

  function restart(hub: Hub): void {
    remove(hub);
    clock.after(dice.fraction() * 8_000, start);
  }

  function kill(hub: Hub): void {
    note(`${hub.process.id} is killed`);
    restart(hub);
    const links = [...server.links].filter(({ process }) => process === hub.process);
    clock.after(dice.fraction() * 5, () => {
      for (const link of links) link.breakIt(0);
    });
  }

  function stop(hub: Hub): void {
    hub.isRunning = false;
    note(`${hub.process.id} is stopped`);
    watch.stopping(hub.process);
    void hub.engine.stop().then(() => restart(hub));
  }

  /** One event to every subscription, in one transaction; then the hub hands it over to itself. */
  function record(hub: Hub): void {
    const place = dice.between(0, unitCount - 1);
    recorded += 1;
    const event = eventOf(`${dice.oneIn(25) ? 'large' : 'event'}${recorded}`, `u${place}`);
    const bucket = buckets[place] ?? 0;
    clock.after(dice.fraction() * 3, () => {
      if (clock.nowMs() < server.downUntilMs) return;
      const rows = [...tables.subscriptions.values()].map((each) =>
        tables.record(each, { id: event.id, unitId: event.unit.id, event }, bucket),
      );
      const due = rows.filter((row) => row.dueAtMs < Number.POSITIVE_INFINITY);
      const handOver = (): void => {
        watch.acknowledged(rows);
        hub.engine.accept(due.map((row) => ({ ...row, event })));
      };
      const answerMs = dice.fraction() * (dice.oneIn(10) ? 200 : 3);
      clock.after(answerMs, () => hub.process.hear(handOver));
    });
  }

  const parts = {
    scale,
    note,
    clock,
    dice,
    server,
    receivers,
    watch,
    hubs,
    endpoints,
    subscriptions,
  };
  return { ...parts, wasHeard, start, kill, stop, record };
}

function eventOf(id: string, unit: string): RecordedEvent {
  return {
    ...{ id, type: 'gated-out', classifier: 'actual', recordedAtMs: 0 },
    occurredAt: {
      epochMs: 0,
      iso: '',
      text: '',
      offsetMinutes: 0,
      fractionDigits: 0,
      precision: 'second',
    },
    unit: {
      ...{ id: unit, reference: unit, freightFamily: 'Container', customsFlag: 'Unknown' },
      documents: [],
    },
    source: { organization: 'organization', dialect: 'plain' },
  };
}
