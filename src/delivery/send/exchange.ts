/**
 * One request and what comes of it. A class without closures per request, for the hot path.
 *
 * States: waiting (no connection yet) → sent → answering (a status has come) → settled. It settles
 * once: with the answer when enough of the body is here, when the body ends, breaks or runs out of
 * time; with a failure when no status came. After settling it only discards.
 */
import type { Connection } from '../http/connection.ts';
import type { Origin, Waiting } from '../http/origin.ts';
import type { RequestText } from '../http/request-text.ts';
import { decodeText, parseRetryAfter } from './answer.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { ABORTED, ANSWER_TIMEOUT, CONNECT_TIMEOUT, failureOf } from './failure.ts';
import type { Failure, SendResult } from './result.ts';
import type { Stoppable, Stops } from './stops.ts';

/** What all exchanges of a sender have in common. */
export interface Shared {
  readonly answerBytesMax: number;
  readonly discardBytesMax: number;
  /** Wall clock, for Retry-After dates. */
  readonly nowMs: () => number;
  readonly deadlines: Deadlines;
  readonly stops: Stops;
}

export interface ExchangeSetup {
  readonly text: RequestText;
  readonly origin: Origin;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onSettled: (result: SendResult) => void;
}

export class Exchange implements Waiting, Deadline, Stoppable {
  before: Waiting | undefined;
  after: Waiting | undefined;
  earlier: Deadline | undefined;
  later: Deadline | undefined;
  endMs = 0;
  readonly text: RequestText;
  private readonly shared: Shared;
  private readonly setup: ExchangeSetup;
  private readonly startedMs = performance.now();
  private connection: Connection | undefined;
  private brokenBy: Error | undefined;
  private isWaiting = false;
  private hasBytes = false;
  private isSettled = false;
  private status = 0;
  private retryAfter: string | undefined;
  private chunks: Buffer[] = [];
  private bodyBytes = 0;

  constructor(shared: Shared, setup: ExchangeSetup) {
    this.shared = shared;
    this.setup = setup;
    this.text = setup.text;
  }

  start(): void {
    const { timeoutMs, signal } = this.setup;
    this.shared.deadlines.add(this, timeoutMs);
    if (signal !== undefined) this.shared.stops.add(signal, this);
    this.isWaiting = true;
    this.setup.origin.send(this);
  }

  onSent(connection: Connection): void {
    this.isWaiting = false;
    this.connection = connection;
  }

  onBegun(): void {
    this.hasBytes = true;
  }

  onHead(status: number, retryAfter: string | undefined): void {
    this.status = status;
    this.retryAfter = retryAfter;
  }

  onBody(bytes: Buffer): void {
    this.bodyBytes += bytes.length;
    if (!this.isSettled) {
      this.chunks.push(bytes);
      if (this.bodyBytes > this.shared.answerBytesMax) this.answered();
    }
    // A short rest is read so that the connection can be used again; a long one is not worth it.
    if (this.bodyBytes > this.shared.discardBytesMax) this.release()?.close();
  }

  onEnd(): void {
    this.release();
    this.answered();
  }

  onBroken(error: Error): void {
    this.isWaiting = false;
    if (!this.mayRetry()) {
      this.release();
      this.failed(failureOf(error));
      return;
    }
    this.brokenBy = error;
    this.connection = undefined;
    this.isWaiting = true;
    this.setup.origin.sendAnew(this);
  }

  /** Nothing more will come. Until then the deadline holds, though the outcome may be known. */
  private release(): Connection | undefined {
    const { connection } = this;
    this.connection = undefined;
    this.shared.deadlines.remove(this, this.setup.timeoutMs);
    return connection;
  }

  /** The receiver may close an idle connection just as we use it; that is nobody's fault. */
  private mayRetry(): boolean {
    if (this.isSettled || this.hasBytes || this.brokenBy !== undefined) return false;
    return this.connection !== undefined && !this.connection.isFresh;
  }

  /** Time is up. After the status has come, what is here of the body has to do. */
  expire(): void {
    this.giveUp(this.connection === undefined ? CONNECT_TIMEOUT : ANSWER_TIMEOUT);
  }

  /** The caller wants no more of it. */
  stop(): void {
    this.giveUp(ABORTED);
  }

  private giveUp(failure: Failure): void {
    if (this.isWaiting) this.setup.origin.forget(this, this.brokenBy !== undefined);
    this.isWaiting = false;
    const connection = this.release();
    this.failed(failure);
    connection?.close();
  }

  /** Once a status has come it is the outcome, whatever happens to the body. */
  private failed(failure: Failure): void {
    if (this.status > 0) this.answered();
    else this.settle({ outcome: 'failed', ...failure, durationMs: this.durationMs() });
  }

  private answered(): void {
    if (this.isSettled) return;
    const { nowMs, answerBytesMax } = this.shared;
    const { status, retryAfter } = this;
    const wait = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, nowMs());
    const responseText = decodeText(this.chunks, answerBytesMax);
    const durationMs = this.durationMs();
    const answer = { outcome: 'answered', status, responseText, durationMs } as const;
    this.settle(wait === undefined ? answer : { ...answer, retryAfterSec: wait });
  }

  private durationMs(): number {
    return Math.round(performance.now() - this.startedMs);
  }

  private settle(result: SendResult): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.chunks = [];
    const { signal, onSettled } = this.setup;
    if (signal !== undefined) this.shared.stops.remove(signal, this);
    onSettled(this.brokenBy === undefined ? result : { ...result, retriedReset: true });
  }
}
