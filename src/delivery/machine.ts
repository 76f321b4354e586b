/** The parts of the delivery engine and what they tell each other. engine.ts explains the whole. */
import type { DeliveryStore } from '../store/deliveries/delivery-store.ts';
import type { WaitingDelivery } from '../store/deliveries/read-lane.ts';
import type { AttemptsParts } from './attempts.ts';
import { beginAttempt } from './attempts.ts';
import { Completions, type Outcome } from './completions.ts';
import type { DeliveryParts } from './engine.ts';
import { createItem, type Item } from './lane/item.ts';
import { type LaneEntry, Lanes } from './lanes.ts';
import { bucketCount, Ownership } from './ownership.ts';
import { Refills } from './refills.ts';
import { createSecrets } from './secrets.ts';
import type { DeliverySettings } from './settings.ts';
import { type Target, Targets } from './targets.ts';
import type { Timer, Timers } from './timers.ts';

export type MachineParts = DeliveryParts & {
  readonly settings: DeliverySettings;
  readonly timers: Timers;
  readonly store: DeliveryStore;
  readonly steadyMs: () => number;
};

export class Machine {
  readonly parts: MachineParts;
  readonly ownership: Ownership;
  readonly targets: Targets;
  readonly completions: Completions;
  readonly lanes: Lanes;
  readonly refills: Refills;
  readonly attempts: AttemptsParts;
  /** Between start and stop. */
  isRunning = false;
  /** Statements under way that look for work or release it. */
  searches = 0;
  /** Of what is done again and again. */
  readonly timers = new Set<Timer>();
  private watchers: (() => boolean)[] = [];

  constructor(parts: MachineParts) {
    this.parts = parts;
    this.ownership = this.createOwnership();
    this.targets = this.createTargets();
    this.completions = this.createCompletions();
    this.lanes = this.createLanes();
    this.refills = this.createRefills();
    this.attempts = this.createAttempts();
  }

  /** To be called when something has ended that someone may wait for. */
  notify(): void {
    if (this.watchers.length > 0) this.watchers = this.watchers.filter((watch) => watch());
  }

  /** Resolves when it holds, or when the time is over. */
  until(holds: () => boolean, limitMs?: number): Promise<void> {
    const { timers } = this.parts;
    return new Promise((resolve) => {
      let isOver = false;
      const watch = (): boolean => {
        if (!isOver && !holds()) return true;
        if (timer !== undefined) timers.clear(timer);
        resolve();
        return false;
      };
      const expire = (): void => {
        isOver = true;
        this.notify();
      };
      const timer = limitMs === undefined ? undefined : timers.set(expire, limitMs);
      if (watch()) this.watchers.push(watch);
    });
  }

  private createOwnership(): Ownership {
    const { store, processId, timers, steadyMs, settings, logger } = this.parts;
    return new Ownership({
      ...{ processId, timers, steadyMs, settings, logger },
      join: (onLost) => store.join(processId, onLost),
      onGained: () => this.onGained(),
      onLost: (isLost, isFenced) => this.onLost(isLost, isFenced),
      onRenewed: () => {
        this.lanes.pump();
        this.notify();
      },
    });
  }

  private createTargets(): Targets {
    const { store, sealer, timers, nowMs, settings, logger } = this.parts;
    return new Targets({
      ...{ store, timers, nowMs, settings, logger },
      secrets: createSecrets({ sealer }),
      onLoaded: (target, before, isNews) => this.onLoaded(target, before, isNews),
      onRest: () => this.notify(),
      hasLane: (endpointId) => this.lanes.get(endpointId) !== undefined,
    });
  }

  private createCompletions(): Completions {
    const { store, processId, timers, settings, logger } = this.parts;
    return new Completions({
      ...{ timers, settings, logger },
      write: (completions) => store.complete(processId, completions),
      onDurable: (outcomes) => this.onDurable(outcomes),
    });
  }

  private createLanes(): Lanes {
    const { settings, timers, steadyMs, random } = this.parts;
    return new Lanes({
      ...{ settings, timers, steadyMs, random },
      limitsOf: (id) => {
        const target = this.targets.active(id);
        if (target === undefined) this.targets.want(id, false);
        return target?.limits;
      },
      portion: () => Math.max(1, this.ownership.count) / bucketCount,
      maySend: () =>
        this.isRunning && this.completions.size < settings.unflushedMax && this.ownership.maySend(),
      send: (entry, item) => beginAttempt(this.attempts, entry, item),
      refill: (entry) => this.refills.want(entry),
      onPumped: () => this.notify(),
    });
  }

  private createRefills(): Refills {
    const { store, settings, timers, steadyMs, logger } = this.parts;
    return new Refills({
      ...{ settings, timers, steadyMs, logger },
      read: (request) => store.readLane(request),
      buckets: () => this.ownership.buckets(),
      windowMax: () => this.lanes.windowMax(),
      makeItem: (delivery) => this.itemOf(delivery),
      onRefilled: (entry, newlyHeld) => {
        // Paused, or resumed before we heard of it, or left over from a crash: the table knows.
        for (const id of newlyHeld) this.targets.want(id, false);
        this.lanes.touch(entry);
        this.lanes.pump();
        this.notify();
      },
    });
  }

  private createAttempts(): AttemptsParts {
    const { lanes, targets, ownership, completions, parts } = this;
    return {
      ...{ lanes, targets, ownership, completions },
      dialects: parts.dialects,
      vocabularyOf: parts.vocabularyOf,
      sender: parts.sender,
      random: parts.random,
      newId: parts.newId,
      nowMs: parts.nowMs,
      steadyMs: parts.steadyMs,
      settings: parts.settings,
      logger: parts.logger,
      onAttempt: parts.onAttempt,
      userAgent: `Portolan/${parts.version}`,
      secretsOf: (target, nowMs) => targets.secretsOf(target, nowMs),
      onEnded: () => this.notify(),
    };
  }

  private itemOf(delivery: WaitingDelivery): Item | undefined {
    const epoch = this.ownership.epochOf(delivery.bucket);
    if (epoch === 0) return undefined;
    return createItem({
      id: delivery.id,
      bucket: delivery.bucket,
      epoch,
      position: delivery.position,
      subscriptionId: delivery.subscriptionId,
      unitId: delivery.unitId,
      sequence: delivery.sequence,
      event: delivery.event,
      isNew: false,
      attemptCount: delivery.attemptCount,
      payload: delivery.payload,
      dueMs: this.parts.steadyMs() + delivery.dueInMs,
    });
  }

  /** Rows of new buckets may lie anywhere: every lane begins anew. */
  private onGained(): void {
    this.lanes.rescaleAll();
    for (const entry of this.lanes.all()) {
      entry.lane.reread();
      this.lanes.touch(entry);
    }
    this.lanes.pump();
  }

  private onLost(isLost: (bucket: number) => boolean, isFenced: boolean): void {
    this.lanes.rescaleAll();
    for (const entry of this.lanes.all()) {
      entry.lane.dropBuckets(isLost);
      this.lanes.touch(entry);
    }
    if (isFenced) this.lanes.abortAll();
  }

  private onDurable(outcomes: readonly Outcome[]): void {
    const nowMs = this.parts.steadyMs();
    const touched = new Set<LaneEntry>();
    for (const outcome of outcomes) {
      this.ownership.leave(outcome.item.bucket);
      this.settle(outcome, nowMs);
      touched.add(outcome.entry);
    }
    for (const entry of touched) this.lanes.touch(entry);
    this.lanes.pump();
    this.notify();
  }

  private settle({ entry, item, ending, completion }: Outcome, nowMs: number): void {
    const { lane } = entry;
    item.attemptCount = completion.attemptCount;
    switch (ending) {
      case 'delivered':
        lane.delivered(item);
        break;
      case 'parked':
        lane.settled(item, 'finished', nowMs);
        break;
      case 'retry':
        lane.settled(item, { dueMs: nowMs + (completion.delayMs ?? 0) }, nowMs);
        break;
      case 'gone':
        lane.settled(item, 'held', nowMs);
        this.targets.want(item.subscriptionId, false);
    }
  }

  /**
   * A subscription was read from the table. One that has changed is forgotten by its lane and read
   * again, so whatever was changed of its deliveries (held, released, due times) holds.
   */
  private onLoaded(target: Target, before: Target | undefined, isNews: boolean): void {
    const { lanes } = this;
    this.dropElsewhere(target);
    const isChanged = isNews || (before !== undefined && before.version !== target.version);
    const entry =
      isChanged && target.isActive && this.isRunning
        ? lanes.ensure(target.endpointId)
        : lanes.get(target.endpointId);
    if (entry === undefined) return;
    lanes.limit(entry, target.limits);
    const { lane } = entry;
    if (!target.isActive) lane.hold(target.id);
    else if (lane.holds(target.id)) this.release(target, entry);
    else if (isChanged) this.readAgain(target, entry);
    else lane.open(target.id, this.parts.steadyMs());
    lanes.touch(entry);
    lanes.pump();
  }

  private release(target: Target, entry: LaneEntry): void {
    this.searches += 1;
    void this.targets.release(target).finally(() => {
      this.searches -= 1;
      this.readAgain(target, entry);
      this.lanes.touch(entry);
      this.lanes.pump();
      this.notify();
    });
  }

  private readAgain({ id }: Target, { lane }: LaneEntry): void {
    lane.resetPace();
    lane.hold(id);
    lane.reread();
    lane.open(id, this.parts.steadyMs());
  }

  /** It may have been moved here from another endpoint. */
  private dropElsewhere({ id, endpointId }: Target): void {
    for (const entry of this.lanes.all()) {
      if (entry.endpointId === endpointId || !entry.lane.knows(id)) continue;
      entry.lane.hold(id);
      this.lanes.touch(entry);
    }
  }
}

export function assemble(parts: MachineParts): Machine {
  return new Machine(parts);
}
