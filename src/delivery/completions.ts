/**
 * Outcomes on their way into the table, many per statement. Nobody waits for them, so the first of a
 * batch waits a little for company; under high load a batch is full before, and a second statement runs
 * beside the first. When the database is away outcomes wait here, and because nobody sends while too
 * many wait, they stay few.
 */
import type { Logger } from 'pino';
import type { Completion } from '../store/deliveries/complete.ts';
import type { Item } from './lane/item.ts';
import type { LaneEntry } from './lanes.ts';
import type { DeliverySettings } from './settings.ts';
import type { Timer, Timers } from './timers.ts';

export interface Outcome {
  readonly item: Item;
  readonly entry: LaneEntry;
  readonly ending: 'delivered' | 'parked' | 'retry' | 'gone';
  readonly completion: Completion;
}

export interface CompletionsParts {
  readonly write: (completions: readonly Completion[]) => Promise<void>;
  /** These are durable now, or fenced off, which is the same to us. Must not throw. */
  readonly onDurable: (outcomes: readonly Outcome[]) => void;
  readonly timers: Timers;
  readonly steadyMs: () => number;
  readonly settings: DeliverySettings;
  readonly logger: Pick<Logger, 'warn'>;
}

/** A statement that takes longer holds up sending, and is worth a word. */
const slowMs = 1_000;
const retryMsMin = 100;
const retryMsMax = 5_000;

export class Completions {
  private readonly parts: CompletionsParts;
  private waiting: Outcome[] = [];
  private unflushed = 0;
  private running = 0;
  private failures = 0;
  /** Set while the first outcomes wait for company, or while the database is away. */
  private timer: Timer | undefined;

  constructor(parts: CompletionsParts) {
    this.parts = parts;
  }

  /** Outcomes that a crash would lose. */
  get size(): number {
    return this.unflushed;
  }

  add(outcome: Outcome): void {
    this.waiting.push(outcome);
    this.unflushed += 1;
    const { flushRowsMin, flushLingerMs } = this.parts.settings;
    if (this.failures > 0) return;
    if (this.waiting.length >= flushRowsMin) this.flush();
    else if (this.running === 0) this.flushIn(flushLingerMs);
  }

  private flushIn(delayMs: number): void {
    this.timer ??= this.parts.timers.set(() => {
      this.timer = undefined;
      this.flush();
    }, delayMs);
  }

  private flush(): void {
    const { flushesMax, flushRowsMax } = this.parts.settings;
    if (this.running >= flushesMax || this.waiting.length === 0) return;
    const batch = this.waiting.splice(0, flushRowsMax);
    this.running += 1;
    const beganMs = this.parts.steadyMs();
    this.parts.write(batch.map((outcome) => outcome.completion)).then(
      () => {
        this.watchTime(batch.length, this.parts.steadyMs() - beganMs);
        this.succeeded(batch);
      },
      (error: unknown) => this.failed(batch, error),
    );
  }

  private watchTime(outcomes: number, tookMs: number): void {
    if (tookMs < slowMs) return;
    const details = { outcomes, tookMs: Math.round(tookMs), waiting: this.unflushed };
    this.parts.logger.warn(details, 'storing outcomes took long');
  }

  private succeeded(batch: readonly Outcome[]): void {
    this.running -= 1;
    this.failures = 0;
    this.unflushed -= batch.length;
    this.parts.onDurable(batch);
    const { flushRowsMin, flushLingerMs } = this.parts.settings;
    if (this.waiting.length >= flushRowsMin) this.flush();
    else if (this.running === 0 && this.waiting.length > 0) this.flushIn(flushLingerMs);
  }

  /** Kept and tried again: it may or may not have been written, and writing it twice is harmless. */
  private failed(batch: readonly Outcome[], error: unknown): void {
    this.running -= 1;
    this.failures += 1;
    this.waiting = [...batch, ...this.waiting];
    const retryMs = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(this.failures - 1, 10));
    this.parts.logger.warn({ err: error, waiting: this.unflushed }, 'outcomes could not be stored');
    this.flushIn(retryMs);
  }
}
