/**
 * Tells other processes what was recorded here for buckets that are theirs, so that they need not
 * come upon it: by notifications of PostgreSQL, outside every other transaction and never more than
 * one at a time. What gathers meanwhile goes into the next one, so their number does not grow with
 * the load. One that is lost costs nothing but time: the search of every second finds the same.
 *
 * A message is the sender's id, a space, and `endpoint:position` of the newest delivery of each
 * endpoint, or `*`: look for everything.
 */
import type { Logger } from 'pino';
import type { DeliverySettings } from './settings.ts';
import type { Timers } from './timers.ts';

export interface Told {
  /** Undefined: anything may have changed. */
  readonly endpoints:
    | readonly { readonly endpointId: string; readonly position: number }[]
    | undefined;
}

export interface CourierParts {
  readonly processId: string;
  readonly send: (message: string) => Promise<void>;
  readonly timers: Timers;
  readonly settings: DeliverySettings;
  readonly logger: Pick<Logger, 'warn'>;
}

/** A notification holds 8,000 bytes. */
const endpointsMax = 100;

export class Courier {
  private readonly parts: CourierParts;
  private readonly waiting = new Map<string, number>();
  private isEverything = false;
  private isUnderWay = false;

  constructor(parts: CourierParts) {
    this.parts = parts;
  }

  /** Deliveries of the endpoint up to this position are there. */
  tell(endpointId: string, position: number): void {
    if (this.isEverything) return;
    this.waiting.set(endpointId, Math.max(position, this.waiting.get(endpointId) ?? 0));
    if (this.waiting.size > endpointsMax) this.tellAll();
    else this.begin();
  }

  /** Anything may have changed: deliveries, subscriptions. */
  tellAll(): void {
    this.isEverything = true;
    this.waiting.clear();
    this.begin();
  }

  private begin(): void {
    if (this.isUnderWay) return;
    this.isUnderWay = true;
    this.parts.timers.set(() => void this.send(), 0);
  }

  private async send(): Promise<void> {
    const { timers, settings, logger } = this.parts;
    const message = this.take();
    let pauseMs = settings.tellEveryMs;
    try {
      await this.parts.send(message);
    } catch (error) {
      // Not repeated: the others find it by themselves.
      logger.warn({ err: error }, 'other processes could not be told of deliveries');
      pauseMs = settings.retryDatabaseMs;
    }
    timers.set(() => {
      this.isUnderWay = false;
      if (this.isEverything || this.waiting.size > 0) this.begin();
    }, pauseMs);
  }

  private take(): string {
    const newest = [...this.waiting].map(([endpointId, position]) => `${endpointId}:${position}`);
    const message = `${this.parts.processId} ${this.isEverything ? '*' : newest.join(',')}`;
    this.waiting.clear();
    this.isEverything = false;
    return message;
  }
}

/** Undefined for what we said ourselves. */
export function readMessage(message: string, processId: string): Told | undefined {
  const [sender, text = '*'] = message.split(' ');
  if (sender === processId) return undefined;
  if (text === '*') return { endpoints: undefined };
  const endpoints = text.split(',').map((each) => {
    const [endpointId = '', position] = each.split(':');
    return { endpointId, position: Number(position) };
  });
  return { endpoints };
}
