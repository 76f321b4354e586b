/**
 * The delivery engine: sends what is recorded, in order, signed, and writes down how it went. The
 * hardest state machine of the hub, so here is all of it in one place.
 *
 * Ownership. Every delivery lies in a bucket (0 to 255, from its unit). A process owns buckets by
 * lease (ownership.ts) and only the owner of a bucket sends from it. So a delivery needs no lease of
 * its own and no claim: the recording process hands it over right after its commit (`accept`), and if
 * it owns the bucket the delivery goes out from memory. No poll and no SQL before the first attempt.
 *
 *   table ── refill ──▶ ┌──────────── lane (one per endpoint) ───────────┐
 *                       │ window ─▶ queue per subscription and unit ─▶ ready │ ──▶ attempt ──▶ outcome
 *   recorder ─ accept ▶ │           (only its head may go)               │                   │
 *                       └────────────────────────────────────────────────┘                   │
 *            next of the unit / due time / forgotten ◀── durable ◀── completions (batched) ◀─┘
 *
 * One delivery in memory:
 *
 *   queued ──(its turn)──▶ flying ──2xx──────────────▶ delivered ──(stored)──▶ gone from memory
 *     ▲                      ├──(413, schedule over)─▶ parking ────(stored)──▶ gone from memory
 *     ├───(due)── waiting ◀──┼──(other failures)─────▶ retrying ───(stored)──▶ waiting
 *     │                      ├──410─────────────────▶ shelving ───(stored)──▶ held in the table
 *     └──────────────────────┴──(stopped by us: no attempt)
 *
 * Order. Within a subscription and unit, n+1 goes out when the 2xx of n is known, or when it is
 * stored that n is parked. Order is about receipt, so a success need not be durable first: a kill
 * in between repeats n, and what followed it, in order; at most `unflushedMax` and the open sends.
 *
 * Memory. A lane holds a window; the rest stays in the table. What cannot be held makes the lane
 * "behind", and it reads on from the table by position, which is gapless per endpoint and becomes
 * visible in order. A handed-over delivery is only taken if it is the very next position, so
 * whatever is recorded elsewhere, committed out of turn or dropped here is noticed (lane/lane.ts).
 *
 * Retries are rows with a due time; timers in memory are their shadow. A first failure stores the
 * exact text, so every later attempt sends the same bytes under the same webhook-id.
 *
 * An endpoint in trouble holds a few sends of its own and nobody else's (lane/pace.ts): a cap, a
 * rate, a breaker with a single probe, a slow start. What waits there uses up no attempts. One that
 * fails for days is warned, then disabled (troubles.ts).
 *
 * What is recorded here for buckets of another process is told to it (courier.ts), and what it tells
 * us makes a lane behind, like everything that was not handed over (search.ts).
 *
 * A crash at any point loses nothing: what is not finished in the table is sent (again) by the next
 * owner of its bucket. Late outcomes of a former owner are fenced off by owner and epoch.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Logger } from 'pino';
import type { Dialect, Principal, Vocabulary } from '../dialects/dialect.ts';
import type { AttemptReport } from '../dialects/hub-port.ts';
import { isUuid } from '../lib/id.ts';
import type { ProcessPlace } from '../lib/process-place.ts';
import type { Sealer } from '../lib/seal.ts';
import type { Database } from '../store/database.ts';
import { createDeliveryStore, type DeliveryStore } from '../store/deliveries/delivery-store.ts';
import { organizationOf } from '../store/entitlement.ts';
import type { RecordedDelivery } from '../store/record/index.ts';
import { type AttemptFigures, ping } from './attempts.ts';
import type { Place } from './lane/lane-terms.ts';
import type { LaneEntry } from './lanes.ts';
import { assemble, type Machine } from './machine.ts';
import { newItem } from './new-item.ts';
import type { DeliveryObserver } from './observer.ts';
import { keepSearching, search, subscriptionChanged, sweep, wake } from './search.ts';
import type { Sender } from './send.ts';
import { type DeliverySettings, defaultDeliverySettings } from './settings.ts';
import { type DeliveryStats, statsOf } from './stats.ts';
import { createSystemTimers, type Timers } from './timers.ts';
import type { Trouble } from './troubles.ts';

export type { AttemptFigures } from './attempts.ts';
export type { DeliverySettings } from './settings.ts';
export type { DeliveryStats } from './stats.ts';
export type { Timers } from './timers.ts';
export type { Trouble } from './troubles.ts';

/** A delivery that was just committed. */
export type HandedDelivery = RecordedDelivery;

export interface DeliveryParts {
  readonly database: Database;
  readonly dialects: ReadonlyMap<string, Pick<Dialect, 'push' | 'vocabulary'>>;
  /** A dialect's words with what operators added; absent: its own. */
  readonly vocabularyOf?: (dialect: string) => Vocabulary;
  readonly sender: Pick<Sender, 'send'>;
  readonly sealer: Sealer;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly newId: (bucket: number) => string;
  /** Where it runs; absent: others wait for the end of its lease before they believe it dead. */
  readonly place?: ProcessPlace;
  /** A uuid that no other process has, now or ever. */
  readonly processId: string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'isLevelEnabled'>;
  readonly version: string;
  readonly settings?: Partial<DeliverySettings>;
  readonly onAttempt?: (figures: AttemptFigures) => void;
  /** A subscription was warned or disabled. */
  readonly onTrouble?: (trouble: Trouble) => void;
  readonly observer?: DeliveryObserver;
  readonly timers?: Timers;
  /** What stands for the database where there is none. */
  readonly store?: DeliveryStore;
  /** A clock that nobody sets, for leases and due times. */
  readonly steadyMs?: () => number;
}

export interface DeliveryEngine {
  /** Resolves when this process has its share of the buckets. Rejects without a database. */
  readonly start: () => Promise<void>;
  /** Takes nothing new, waits for open sends up to a limit, stores outcomes, gives buckets back. */
  readonly stop: () => Promise<void>;
  /** Takes committed deliveries; what is not ours or does not fit is found in the table. */
  readonly accept: (deliveries: readonly HandedDelivery[]) => void;
  readonly owns: (bucket: number) => boolean;
  /** Something was put into these buckets' tables that nobody handed over. */
  readonly wake: (buckets: readonly number[]) => void;
  readonly subscriptionChanged: (id: string) => void;
  readonly ping: (principal: Principal, id: string) => Promise<AttemptReport | undefined>;
  readonly stats: () => DeliveryStats;
  /** Resolves when nothing that is due is left. */
  readonly idle: () => Promise<void>;
}

export function createDelivery(given: DeliveryParts): DeliveryEngine {
  const parts = {
    ...given,
    settings: { ...defaultDeliverySettings, ...given.settings },
    timers: given.timers ?? createSystemTimers(),
    store: given.store ?? createDeliveryStore(given.database),
    steadyMs: given.steadyMs ?? (() => performance.now()),
  };
  const machine = assemble(parts);
  // A caller may be inside a transaction; what its call sets off here must not join that.
  const outside = new AsyncResource('PortolanDelivery');
  const apart =
    <T extends unknown[]>(work: (...args: T) => void) =>
    (...args: T): void =>
      outside.runInAsyncScope(work, undefined, ...args);
  return {
    start: () => start(machine),
    stop: () => stop(machine),
    accept: apart((deliveries) => accept(machine, deliveries)),
    owns: (bucket) => machine.ownership.owns(bucket),
    wake: apart((buckets) => wake(machine, buckets)),
    subscriptionChanged: apart((id) => subscriptionChanged(machine, id)),
    ping: async (principal, id) =>
      isUuid(id) ? ping(machine.attempts, organizationOf(principal), id) : undefined,
    stats: () => statsOf(machine),
    idle: () => idle(machine),
  };
}

function accept(machine: Machine, deliveries: readonly HandedDelivery[]): void {
  const { lanes, ownership, courier } = machine;
  const nowMs = machine.parts.steadyMs();
  const touched = new Set<LaneEntry>();
  for (const delivery of deliveries) {
    const { bucket, endpointId, position } = delivery;
    const epoch = machine.isRunning ? ownership.epochOf(bucket) : 0;
    if (epoch === 0) courier.tell(endpointId, position);
    const entry = epoch === 0 ? lanes.get(endpointId) : lanes.ensure(endpointId);
    if (entry === undefined) continue;
    touched.add(entry);
    if (epoch === 0) entry.lane.skip(position);
    else if (entry.lane.admits(placeOf(delivery), lanes.windowMax())) {
      entry.lane.add(newItem(delivery, epoch, nowMs), nowMs);
    }
  }
  if (!machine.isRunning) return;
  for (const entry of touched) lanes.touch(entry);
  lanes.pumpSoon();
}

function placeOf({ position, subscriptionId, event }: HandedDelivery): Place {
  return { position, subscriptionId, unitId: event.unit.id };
}

async function start(machine: Machine): Promise<void> {
  await machine.ownership.start();
  machine.isRunning = true;
  // From here on it owns buckets, so it must not fail any more: it would keep them and send nothing.
  await search(machine, () => sweep(machine));
  keepSearching(machine);
}

async function idle(machine: Machine): Promise<void> {
  await sweep(machine);
  await machine.until(() => isIdle(machine));
}

function isIdle({ lanes, ownership, ...machine }: Machine): boolean {
  const { refills, targets, troubles, completions, searches } = machine;
  if (completions.size > 0 || refills.isBusy || targets.isBusy || searches > 0) return false;
  return !troubles.isBusy && ownership.maySend() && lanes.isQuiet();
}

async function stop(machine: Machine): Promise<void> {
  const { parts, lanes, completions, ownership } = machine;
  const { drainMs, leaveMs } = parts.settings;
  machine.isRunning = false;
  for (const timer of machine.timers) parts.timers.clear(timer);
  lanes.stop();
  machine.refills.stop();
  machine.targets.stop();
  machine.troubles.stop();
  await machine.until(() => lanes.inFlight === 0, drainMs);
  lanes.abortAll();
  await machine.until(() => isAtRest(machine), leaveMs);
  if (completions.size > 0) {
    parts.logger.warn({ unflushed: completions.size }, 'stopped before all outcomes were stored');
  }
  await ownership.stop(leaveMs);
  lanes.stop();
}

function isAtRest({ lanes, completions, refills, searches }: Machine): boolean {
  return lanes.inFlight === 0 && completions.size === 0 && !refills.isReading && searches === 0;
}
