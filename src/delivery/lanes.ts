/**
 * All lanes of this process: which of them may send now, whose turn it is, and when time alone
 * wakes one. Lanes take turns one send at a time, so none waits behind another's backlog.
 */
import { setMaxListeners } from 'node:events';
import { createFifo } from './lane/fifo.ts';
import type { Item } from './lane/item.ts';
import { Lane } from './lane/lane.ts';
import type { DeliverySettings } from './settings.ts';
import type { Timer, Timers } from './timers.ts';

export interface LaneEntry {
  readonly endpointId: string;
  readonly lane: Lane;
  /** Stops what is under way; replaced when used. */
  abort: AbortController;
  /** In the list of those whose turn comes. */
  isRunnable: boolean;
  timer: Timer | undefined;
  timerAtMs: number;
  usedAtMs: number;
  /** Size of the lane as counted in `queued`. */
  counted: number;
  limits: EndpointLimits;
}

/** What the owner of an endpoint allows, all processes together; absent: our own cap, no rate. */
export interface EndpointLimits {
  readonly sendsMax?: number;
  readonly ratePerSecond?: number;
}

export interface LanesParts {
  readonly settings: DeliverySettings;
  readonly timers: Timers;
  readonly steadyMs: () => number;
  readonly random: () => number;
  /** Of its endpoint; undefined where it is not known to be active. */
  readonly limitsOf: (subscriptionId: string) => EndpointLimits | undefined;
  /** The part of an endpoint's deliveries that is ours, above 0 and up to 1. */
  readonly portion: () => number;
  /** Whether anything may be sent at all. */
  readonly maySend: () => boolean;
  /** Begins the request of an item that was just taken. */
  readonly send: (entry: LaneEntry, item: Item) => void;
  /** The lane wants to read the table. */
  readonly refill: (entry: LaneEntry) => void;
  /** After a pump that was put off. */
  readonly onPumped: () => void;
}

export class Lanes {
  private readonly parts: LanesParts;
  private readonly entries = new Map<string, LaneEntry>();
  private readonly runnable = createFifo<LaneEntry>();
  private open = 0;
  private total = 0;
  /** Lanes with something in memory. */
  private holding = 0;
  private pumpTimer: Timer | undefined;

  constructor(parts: LanesParts) {
    this.parts = parts;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Deliveries in memory. */
  get queued(): number {
    return this.total;
  }

  /** Open sends. */
  get inFlight(): number {
    return this.open;
  }

  all(): Iterable<LaneEntry> {
    return this.entries.values();
  }

  get(endpointId: string): LaneEntry | undefined {
    return this.entries.get(endpointId);
  }

  /** A lane that is new here knows nothing of what waits, so it begins at the first position. */
  ensure(endpointId: string): LaneEntry {
    const known = this.entries.get(endpointId);
    if (known !== undefined) return known;
    const isActive = (subscriptionId: string): boolean => {
      const limits = this.parts.limitsOf(subscriptionId);
      if (limits !== undefined) this.limit(entry, limits);
      return limits !== undefined;
    };
    const lane = this.createLane(isActive);
    const entry: LaneEntry = { endpointId, lane, abort: createAbort(), ...unused };
    this.entries.set(endpointId, entry);
    this.rescale(entry);
    return entry;
  }

  private createLane(isActive: (subscriptionId: string) => boolean): Lane {
    const { settings, random } = this.parts;
    const pace = {
      sendsMax: settings.laneSendsMax,
      failuresMax: settings.breakerFailuresMax,
      openMsMin: settings.breakerOpenMsMin,
      openMsMax: settings.breakerOpenMsMax,
    };
    return new Lane({ pace, restMsMin: settings.laneRestMsMin, random, isActive });
  }

  /** Its owner's limits, as last heard. */
  limit(entry: LaneEntry, limits: EndpointLimits): void {
    if (entry.limits === limits) return;
    entry.limits = limits;
    this.rescale(entry);
  }

  /** After every change of our part of the buckets. */
  rescaleAll(): void {
    for (const entry of this.entries.values()) this.rescale(entry);
  }

  /** Processes divide an endpoint's limits among them as they divide its deliveries. */
  private rescale({ lane, limits }: LaneEntry): void {
    const { settings, steadyMs, portion } = this.parts;
    const part = portion();
    const most = Math.min(limits.sendsMax ?? settings.laneSendsMax, settings.laneSendsMax);
    const sendsMax = Math.max(1, Math.floor(most * part));
    const { ratePerSecond: rate } = limits;
    lane.pace.limit(
      { sendsMax, ratePerSecond: rate === undefined ? rate : rate * part },
      steadyMs(),
    );
  }

  /** Deliveries that one lane may hold for now: its share, so that none reads its pages in crumbs. */
  windowMax(): number {
    const { laneWindowMax, laneWindowMin, queuedMax } = this.parts.settings;
    const share = this.total < queuedMax ? Math.floor(queuedMax / Math.max(1, this.holding)) : 0;
    return Math.min(Math.max(share, laneWindowMin), laneWindowMax);
  }

  /** To be called after every change of a lane: sees to it that what can go on goes on. */
  touch(entry: LaneEntry): void {
    const { lane } = entry;
    const nowMs = this.parts.steadyMs();
    entry.usedAtMs = nowMs;
    this.count(entry, lane.size);
    lane.refresh(this.windowMax(), nowMs);
    this.count(entry, lane.size);
    if (lane.wantsRefill(this.windowMax())) this.parts.refill(entry);
    if (entry.isRunnable) return;
    if (lane.canTake(nowMs, this.share())) {
      entry.isRunnable = true;
      this.runnable.push(entry);
    } else {
      this.wakeLater(entry, nowMs);
    }
  }

  private count(entry: LaneEntry, size: number): void {
    this.total += size - entry.counted;
    this.holding += Number(size > 0) - Number(entry.counted > 0);
    entry.counted = size;
  }

  touchAll(): void {
    for (const entry of this.entries.values()) this.touch(entry);
  }

  /** Begins as many sends as may be open. */
  pump(): void {
    const { settings, maySend, steadyMs, send } = this.parts;
    while (this.open < settings.sendsMax && this.runnable.size() > 0 && maySend()) {
      const entry = this.runnable.shift();
      if (entry === undefined) return;
      entry.isRunnable = false;
      const item = entry.lane.take(steadyMs(), this.share());
      if (item !== undefined) {
        this.open += 1;
        send(entry, item);
      }
      this.touch(entry);
    }
  }

  /** Pumps when the present work is done, so that a caller is not kept waiting. */
  pumpSoon(): void {
    this.pumpTimer ??= this.parts.timers.set(() => {
      this.pumpTimer = undefined;
      this.pump();
      this.parts.onPumped();
    }, 0);
  }

  /** The request of an item has ended; the caller tells the lane how. */
  sendEnded(): void {
    this.open -= 1;
  }

  /** Stops every open send; each comes back as aborted. */
  abortAll(): void {
    for (const entry of this.entries.values()) {
      if (entry.lane.inFlight === 0) continue;
      entry.abort.abort();
      entry.abort = createAbort();
    }
  }

  /** Forgets lanes that had nothing to do for long. */
  dropIdle(): void {
    const beforeMs = this.parts.steadyMs() - this.parts.settings.laneIdleMs;
    for (const entry of this.entries.values()) {
      if (!entry.lane.isEmpty || entry.isRunnable || entry.usedAtMs > beforeMs) continue;
      this.clearTimer(entry);
      this.count(entry, 0);
      this.entries.delete(entry.endpointId);
    }
  }

  stop(): void {
    for (const entry of this.entries.values()) this.clearTimer(entry);
    if (this.pumpTimer !== undefined) this.parts.timers.clear(this.pumpTimer);
    this.pumpTimer = undefined;
  }

  isQuiet(): boolean {
    if (this.open > 0 || this.pumpTimer !== undefined) return false;
    const nowMs = this.parts.steadyMs();
    for (const { lane } of this.entries.values()) if (!lane.isQuiet(nowMs)) return false;
    return true;
  }

  /** Since when, on the steady clock, the oldest delivery that is due waits; as far as known. */
  oldestDueMs(): number | undefined {
    const nowMs = this.parts.steadyMs();
    let oldestMs: number | undefined;
    for (const { lane } of this.entries.values()) {
      const dueMs = lane.oldestDueMs(nowMs);
      if (dueMs !== undefined && (oldestMs === undefined || dueMs < oldestMs)) oldestMs = dueMs;
    }
    return oldestMs;
  }

  /** Sends that one lane may have open for now: nobody may take the rest from the others. */
  private share(): number {
    const { sendsMax, laneSendsMax, laneSendsCrowdedMax } = this.parts.settings;
    return this.open * 2 < sendsMax ? laneSendsMax : laneSendsCrowdedMax;
  }

  private wakeLater(entry: LaneEntry, nowMs: number): void {
    const atMs = entry.lane.wakeAtMs(nowMs);
    if (atMs === undefined) return;
    // Waking too early is harmless, so a timer that is early enough stays.
    if (entry.timer !== undefined && entry.timerAtMs <= atMs) return;
    this.clearTimer(entry);
    entry.timerAtMs = atMs;
    entry.timer = this.parts.timers.set(() => {
      entry.timer = undefined;
      this.touch(entry);
      this.pump();
    }, atMs - nowMs);
  }

  private clearTimer(entry: LaneEntry): void {
    if (entry.timer !== undefined) this.parts.timers.clear(entry.timer);
    entry.timer = undefined;
  }
}

const unused = {
  isRunnable: false,
  timer: undefined,
  timerAtMs: 0,
  usedAtMs: 0,
  counted: 0,
  limits: {},
};

function createAbort(): AbortController {
  const abort = new AbortController();
  // One listener per open send of the lane; that many are no leak.
  setMaxListeners(0, abort.signal);
  return abort;
}
