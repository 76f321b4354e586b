/**
 * One request and its answer, as undici's dispatch handler.
 *
 * It is a class, and it uses undici's raw handler methods, for the hot path: no closures and no
 * parsed header object per request, and only the raw methods tell that the first byte of an answer
 * has come, which decides whether a broken connection may be retried at once.
 *
 * States: waiting (no connection yet) → sent (`onConnect`) → answering (`onHeaders`) → settled.
 * It settles once: with the answer when enough of the body is here, when the body ends, breaks or
 * runs out of time; with a failure when no status came. After settling it only discards.
 */
import { Client, type Dispatcher } from 'undici';
import { decodeText, findRetryAfter, parseRetryAfter } from './answer.ts';
import { ABORTED, ANSWER_TIMEOUT, CLOSED, CONNECT_TIMEOUT, failureOf, isReset } from './failure.ts';
import type { Failure, SendResult } from './result.ts';

export type ExchangeSetup = {
  readonly options: Dispatcher.DispatchOptions;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly answerBytesMax: number;
  readonly discardBytesMax: number;
  /** Wall clock, for Retry-After dates. */
  readonly nowMs: () => number;
  readonly settle: (result: SendResult) => void;
};

/** A connection of a pool that knows how many answers its present socket has brought. */
export class TrackedClient extends Client {
  answers = 0;

  constructor(origin: URL, options: Client.Options) {
    super(origin, options);
    // undici tells the running request of a broken socket first, and emits this afterwards.
    this.on('disconnect', () => {
      this.answers = 0;
    });
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    if (handler instanceof Exchange) handler.client = this;
    return super.dispatch(options, handler);
  }
}

export class Exchange implements Dispatcher.DispatchHandler {
  client: TrackedClient | undefined;
  private readonly setup: ExchangeSetup;
  private readonly startedMs = performance.now();
  private readonly timer: NodeJS.Timeout;
  private abort: ((error?: Error) => void) | undefined;
  private brokenBy: Error | undefined;
  private hasBytes = false;
  private isSettled = false;
  private status = 0;
  private retryAfter: string | undefined;
  private chunks: Buffer[] = [];
  private bodyBytes = 0;

  constructor(setup: ExchangeSetup) {
    this.setup = setup;
    // Timers of equal length share one list in Node: cheap, and exact where undici's are not.
    this.timer = setTimeout(onDeadline, setup.timeoutMs, this);
    setup.signal?.addEventListener('abort', this);
  }

  onConnect(abort: (error?: Error) => void): void {
    // Settled while it waited for a connection: throwing takes it off the queue and, other than
    // calling `abort`, leaves the connection to others.
    if (this.isSettled) throw new Error('settled before it was sent');
    this.abort = abort;
  }

  onResponseStarted(): void {
    this.hasBytes = true;
  }

  onHeaders(status: number, rawHeaders: Buffer[]): boolean {
    // 1xx answers announce the real one.
    if (status < 200) return true;
    this.status = status;
    this.retryAfter = findRetryAfter(rawHeaders);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.bodyBytes += chunk.length;
    if (!this.isSettled) {
      this.chunks.push(chunk);
      if (this.bodyBytes > this.setup.answerBytesMax) this.answered();
    }
    // A short rest is read so that the connection can be used again; a long one is not worth it.
    if (this.bodyBytes > this.setup.discardBytesMax) this.abort?.();
    return true;
  }

  onComplete(): void {
    if (this.client !== undefined) this.client.answers += 1;
    clearTimeout(this.timer);
    this.answered();
  }

  onError(error: Error): void {
    if (this.mayRetry(error)) {
      this.brokenBy = error;
      // Not now: undici is in the middle of cleaning up after the socket.
      setImmediate(retry, this);
      return;
    }
    clearTimeout(this.timer);
    // A retry that finds its pool closed reports what broke the first time.
    const failure = failureOf(error);
    const broken = failure.code === CLOSED.code ? this.brokenBy : undefined;
    this.failed(broken === undefined ? failure : failureOf(broken));
  }

  /** The receiver may close a kept-alive connection just as we use it; that is nobody's fault. */
  private mayRetry(error: Error): boolean {
    if (this.isSettled || this.hasBytes || this.brokenBy !== undefined) return false;
    return this.client !== undefined && this.client.answers > 0 && isReset(error);
  }

  /** On the same client, which opens a new connection now that its socket is gone. */
  sendAgain(): void {
    if (this.isSettled) return;
    this.abort = undefined;
    this.client?.dispatch(this.setup.options, this);
  }

  /** Time is up. After the status has come, what is here of the body has to do. */
  expire(): void {
    this.failed(this.abort === undefined ? CONNECT_TIMEOUT : ANSWER_TIMEOUT);
    this.abort?.();
  }

  /** The caller's signal: the exchange itself is the listener, so no closure is needed. */
  handleEvent(): void {
    clearTimeout(this.timer);
    this.failed(ABORTED);
    this.abort?.();
  }

  /** Once a status has come it is the outcome, whatever happens to the body. */
  private failed(failure: Failure): void {
    if (this.status === 0) this.settle({ outcome: 'failed', ...failure, ...this.measures() });
    else this.answered();
  }

  private answered(): void {
    if (this.isSettled) return;
    const { nowMs, answerBytesMax } = this.setup;
    const wait =
      this.retryAfter === undefined ? undefined : parseRetryAfter(this.retryAfter, nowMs());
    this.settle({
      outcome: 'answered',
      status: this.status,
      responseText: decodeText(this.chunks, answerBytesMax),
      ...(wait === undefined ? undefined : { retryAfterSec: wait }),
      ...this.measures(),
    });
  }

  private measures(): { durationMs: number; retriedReset?: true } {
    const durationMs = Math.round(performance.now() - this.startedMs);
    return this.brokenBy === undefined ? { durationMs } : { durationMs, retriedReset: true };
  }

  private settle(result: SendResult): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.chunks = [];
    this.setup.signal?.removeEventListener('abort', this);
    this.setup.settle(result);
  }
}

function onDeadline(exchange: Exchange): void {
  exchange.expire();
}

function retry(exchange: Exchange): void {
  exchange.sendAgain();
}
