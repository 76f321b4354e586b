/**
 * One kept-alive connection: one request at a time, and its answer. A class, and one write for head
 * and body, for the hot path: every push passes here.
 *
 * idle → (begin) → busy: head, body → (complete) → idle, or closed. What comes while it is idle, and
 * what is left after an answer, closes it: nobody asked for it.
 */
import type { Socket } from 'node:net';
import { type BodyReader, createBodyReader } from './answer-body.ts';
import { type AnswerHead, readHead } from './answer-head.ts';
import { ClosedEarly } from './faults.ts';
import type { RequestText } from './request-text.ts';

/** Who sent a request. Nothing of it may throw; `onEnd` or `onBroken` is the last that it hears. */
export interface Caller {
  readonly text: RequestText;
  /** It is being written to this connection now. */
  readonly onSent: (connection: Connection) => void;
  /** Something of the answer has come. */
  readonly onBegun: () => void;
  readonly onHead: (status: number, retryAfter: string | undefined) => void;
  readonly onBody: (bytes: Buffer) => void;
  readonly onEnd: () => void;
  /** The connection, or what came over it, is no good. */
  readonly onBroken: (error: Error) => void;
}

export interface ConnectionLimits {
  readonly requestsPerConnectionMax: number;
  readonly keepAliveTimeoutMs: number;
  readonly keepAliveTimeoutMsMax: number;
  readonly answerHeaderBytesMax: number;
}

export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  /** It may be used again. */
  readonly onFree: (connection: Connection) => void;
  readonly onGone: (connection: Connection) => void;
}

/** The receiver's own clock begins earlier, and its farewell needs time to arrive. */
const keptMarginMs = 2_000;

export class Connection {
  /**
   * Just opened: it has neither been used nor waited for somebody. When it breaks, the other side did
   * not mean to close what it took for idle.
   */
  isFresh = true;
  private answers = 0;
  private readonly socket: Socket;
  private readonly owner: ConnectionOwner;
  private caller: Caller | undefined;
  /** The beginning of a head that came in pieces. */
  private begun: Buffer | undefined;
  private head: AnswerHead | undefined;
  private body: BodyReader | undefined;
  private isGone = false;
  private idleUntilMs: number;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket;
    this.owner = owner;
    this.idleUntilMs = performance.now() + owner.limits.keepAliveTimeoutMs;
    socket.on('data', (bytes: Buffer) => this.received(bytes));
    socket.on('error', (error) => this.lost(error));
    socket.on('end', () => this.ended());
    socket.on('close', () => this.lost(new ClosedEarly()));
  }

  /** Idle, and as far as we know the other side has not closed it. */
  isUsable(nowMs: number): boolean {
    return !this.isGone && nowMs < this.idleUntilMs;
  }

  begin(caller: Caller): void {
    this.caller = caller;
    caller.onSent(this);
    const { head, body, isOneText } = caller.text;
    if (isOneText) {
      this.socket.write(`${head}${body}`);
      return;
    }
    this.socket.cork();
    this.socket.write(head, 'latin1');
    this.socket.write(body);
    this.socket.uncork();
  }

  /** Without a word to the caller. */
  close(): void {
    this.caller = undefined;
    this.leave();
  }

  private received(bytes: Buffer): void {
    if (this.caller === undefined) {
      this.close();
      return;
    }
    this.caller.onBegun();
    try {
      this.read(bytes);
    } catch (error) {
      this.lost(error as Error);
    }
  }

  private read(bytes: Buffer): void {
    const { begun } = this;
    this.begun = undefined;
    let rest = begun === undefined ? bytes : Buffer.concat([begun, bytes]);
    while (this.head === undefined) {
      const head = readHead(rest, this.owner.limits.answerHeaderBytesMax);
      if (head === undefined) {
        this.begun = rest;
        return;
      }
      rest = rest.subarray(head.bytes);
      // 1xx answers announce the real one.
      if (head.status >= 200) this.startBody(head);
      else if (rest.length === 0) return;
    }
    this.readBody(rest);
  }

  private startBody(head: AnswerHead): void {
    this.head = head;
    this.caller?.onHead(head.status, head.retryAfter);
    // Most answers have none.
    if (head.body === 0) return;
    this.body = createBodyReader(head.body, (bytes) => this.caller?.onBody(bytes));
  }

  private readBody(bytes: Buffer): void {
    const { body } = this;
    if (body === undefined) {
      this.complete(bytes.length === 0);
      return;
    }
    const end = body.take(bytes, 0);
    // The caller may have had enough of it.
    if (body.isDone() && !this.isGone) this.complete(end === bytes.length);
  }

  private complete(isClean: boolean): void {
    const { caller, head, owner } = this;
    const { requestsPerConnectionMax } = owner.limits;
    this.caller = undefined;
    this.head = undefined;
    this.body = undefined;
    this.answers += 1;
    this.isFresh = false;
    const keptMs = this.keptMs(head?.keptSec);
    this.idleUntilMs = performance.now() + keptMs;
    // Who answered before the whole request was written may never read the rest of it.
    const isWritten = this.socket.writableLength === 0;
    const isKept = isClean && isWritten && head?.isKept === true && keptMs > 0;
    // First its slot, then its answer: whoever hears of that may send the next at once.
    if (isKept && this.answers < requestsPerConnectionMax) owner.onFree(this);
    else this.leave();
    caller?.onEnd();
  }

  private keptMs(keptSec: number | undefined): number {
    const { keepAliveTimeoutMs, keepAliveTimeoutMsMax } = this.owner.limits;
    if (keptSec === undefined) return keepAliveTimeoutMs;
    return Math.min(keptSec * 1_000 - keptMarginMs, keepAliveTimeoutMsMax);
  }

  private ended(): void {
    if (this.body?.mayEnd === true) this.complete(false);
    else this.lost(new ClosedEarly());
  }

  private lost(error: Error): void {
    const { caller } = this;
    this.close();
    caller?.onBroken(error);
  }

  private leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.socket.destroy();
    this.owner.onGone(this);
  }
}
