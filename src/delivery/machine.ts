/** The parts of the delivery engine and what they tell each other. engine.ts explains the whole. */
import type { DeliveryStore } from '../store/deliveries/delivery-store.ts';
import type { WaitingDelivery } from '../store/deliveries/read-lane.ts';
import type { AttemptsParts } from './attempts.ts';
import { beginAttempt } from './attempts.ts';
import { Completions, type Outcome } from './completions.ts';
import { Courier } from './courier.ts';
import type { DeliveryParts } from './engine.ts';
import { createItem, type Item } from './lane/item.ts';
import { type LaneEntry, Lanes } from './lanes.ts';
import { takeIn } from './news.ts';
import { bucketCount, Ownership } from './ownership.ts';
import { Refills } from './refills.ts';
import { hear, wake } from './search.ts';
import { createSecrets } from './secrets.ts';
import type { DeliverySettings } from './settings.ts';
import { Targets } from './targets.ts';
import type { Timer, Timers } from './timers.ts';
import { Troubles } from './troubles.ts';

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
  readonly troubles: Troubles;
  readonly completions: Completions;
  readonly lanes: Lanes;
  readonly refills: Refills;
  readonly attempts: AttemptsParts;
  readonly courier: Courier;
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
    this.troubles = this.createTroubles();
    this.completions = this.createCompletions();
    this.lanes = this.createLanes();
    this.refills = this.createRefills();
    this.attempts = this.createAttempts();
    const { store, processId, timers, settings, logger } = parts;
    const send = (message: string) => store.tell(message);
    this.courier = new Courier({ send, processId, timers, settings, logger });
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
    const { store, processId, place, timers, steadyMs, settings, logger } = this.parts;
    const onTold = (message: string) => hear(this, message);
    return new Ownership({
      ...{ processId, timers, steadyMs, settings, logger },
      join: (onLost) => store.join(processId, { place, onLost, onTold }),
      onGained: (buckets) => this.onGained(buckets.length),
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
      // One per subscription that is kept, but for the few that are rotating.
      secrets: createSecrets({ sealer, openedMax: settings.subscriptionsCachedMax }),
      onLoaded: (target, before, isNews) => takeIn(this, { target, before, isNews }),
      onRest: () => this.notify(),
      hasLane: (endpointId) => this.lanes.get(endpointId) !== undefined,
    });
  }

  private createTroubles(): Troubles {
    const { store, timers, nowMs, newId, settings, logger, onTrouble } = this.parts;
    return new Troubles({
      ...{ store, timers, nowMs, newId, settings, logger, onTrouble },
      find: (id) => this.targets.find(id),
      onDisabling: (target) => this.targets.shut(target),
      onDisabled: (target) => this.targets.learnAgain(target),
      onNotice: (bucket) => wake(this, [bucket]),
      onRest: () => this.notify(),
    });
  }

  private createCompletions(): Completions {
    const { store, processId, timers, steadyMs, settings, logger, observer } = this.parts;
    return new Completions({
      ...{ timers, steadyMs, settings, logger },
      write: async (completions) => {
        observer?.flushed?.(completions.length);
        this.troubles.heard(await store.complete(processId, completions));
      },
      onDurable: (outcomes) => this.onDurable(outcomes),
    });
  }

  private createLanes(): Lanes {
    const { settings, timers, steadyMs, random } = this.parts;
    return new Lanes({
      ...{ settings, timers, steadyMs, random },
      limitsOf: (id) => {
        const limits = this.targets.limitsOf(id);
        if (limits === undefined) this.targets.want(id, false);
        return limits;
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
    const { lanes, targets, troubles, ownership, completions, parts } = this;
    return {
      ...{ lanes, targets, troubles, ownership, completions },
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
      traceAttempt: parts.observer?.traceAttempt,
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
      told: delivery,
      eventId: delivery.eventId,
      traceparent: delivery.traceparent,
      isNew: false,
      attemptCount: delivery.attemptCount,
      payload: delivery.payload,
      dueMs: this.parts.steadyMs() + delivery.dueInMs,
    });
  }

  /** Rows of new buckets may lie anywhere: every lane begins anew. */
  private onGained(many: number): void {
    this.parts.observer?.bucketsMoved?.('taken', many);
    this.lanes.rescaleAll();
    for (const entry of this.lanes.all()) {
      entry.lane.reread();
      this.lanes.touch(entry);
    }
    this.lanes.pump();
  }

  private onLost(isLost: (bucket: number) => boolean, isFenced: boolean): void {
    const many = Array.from({ length: bucketCount }, (_, bucket) => isLost(bucket)).filter(Boolean);
    this.parts.observer?.bucketsMoved?.(isFenced ? 'fenced' : 'left', many.length);
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
}

export function assemble(parts: MachineParts): Machine {
  return new Machine(parts);
}
