/** Reads the table into lanes that are behind, a few at a time, first come first served. */
import type { Logger } from 'pino';
import type { LanePage, LaneRequest } from '../store/deliveries/read-lane.ts';
import { createFifo } from './lane/fifo.ts';
import type { MakeItem } from './lane/lane-terms.ts';
import type { LaneEntry } from './lanes.ts';
import type { DeliverySettings } from './settings.ts';
import type { Timers } from './timers.ts';

export interface RefillsParts {
  readonly settings: DeliverySettings;
  readonly timers: Timers;
  readonly steadyMs: () => number;
  readonly logger: Pick<Logger, 'warn'>;
  readonly read: (request: LaneRequest) => Promise<LanePage>;
  /** Buckets that are ours now; undefined means all, an empty list none. */
  readonly buckets: () => readonly number[] | undefined;
  readonly windowMax: () => number;
  readonly makeItem: MakeItem;
  /** After each page; with the subscriptions newly found to be held back. */
  readonly onRefilled: (entry: LaneEntry, newlyHeld: readonly string[]) => void;
}

export class Refills {
  private readonly parts: RefillsParts;
  private readonly queue = createFifo<LaneEntry>();
  private readonly wanted = new Set<LaneEntry>();
  private running = 0;
  private isStopped = false;

  constructor(parts: RefillsParts) {
    this.parts = parts;
  }

  get isBusy(): boolean {
    return this.running > 0 || this.wanted.size > 0;
  }

  get isReading(): boolean {
    return this.running > 0;
  }

  want(entry: LaneEntry): void {
    if (this.isStopped || this.wanted.has(entry)) return;
    this.wanted.add(entry);
    this.queue.push(entry);
    this.next();
  }

  stop(): void {
    this.isStopped = true;
  }

  private next(): void {
    while (this.running < this.parts.settings.refillsMax && !this.isStopped) {
      const entry = this.queue.shift();
      if (entry === undefined) return;
      this.wanted.delete(entry);
      if (entry.lane.wantsRefill(this.parts.windowMax())) void this.refill(entry);
    }
  }

  private async refill(entry: LaneEntry): Promise<void> {
    const { parts } = this;
    this.running += 1;
    const { afterPosition, limit } = entry.lane.beginRefill(parts.windowMax());
    const page = await this.read({
      endpointId: entry.endpointId,
      buckets: parts.buckets(),
      afterPosition,
      limit,
      rowsMax: Math.max(parts.settings.refillRowsMax, limit),
    });
    const newlyHeld = entry.lane.endRefill(page, parts.makeItem, parts.steadyMs());
    this.running -= 1;
    parts.onRefilled(entry, newlyHeld);
    this.next();
  }

  /** Undefined when the database did not answer; after a pause, so that it is not stormed. */
  private async read(request: LaneRequest): Promise<LanePage | undefined> {
    const { parts } = this;
    // Without buckets nothing is ours to find; when one comes the lane begins anew.
    if (request.buckets?.length === 0) return emptyPage;
    try {
      return await parts.read(request);
    } catch (error) {
      parts.logger.warn({ err: error }, 'deliveries could not be read');
      await new Promise<void>((resolve) => {
        parts.timers.set(resolve, parts.settings.retryDatabaseMs);
      });
      return undefined;
    }
  }
}

const emptyPage: LanePage = {
  deliveries: [],
  isComplete: true,
  lastPosition: Number.MAX_SAFE_INTEGER,
};
