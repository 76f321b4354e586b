/** What one HTTP try came to. A failed try is a value, never an exception. */

export type SendRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes that were signed. */
  readonly body: string | Buffer;
  /** Covers everything: waiting for a connection, connecting, sending and the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

/**
 * - `address`: the guard refused. `dns`, `connect`, `tls`: no connection.
 * - `timeout`: `timeoutMs` ran out, or the connection was not made in time.
 * - `reset`: the connection broke before the answer's head was complete.
 * - `protocol`: what came back is not HTTP/1.1, or the request itself cannot be sent.
 * - `aborted`: our own side stopped it (signal, or the sender is closed); says nothing about the
 *   endpoint.
 */
export type SendStage =
  | 'address'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'protocol'
  | 'aborted';

export type Answered = {
  readonly outcome: 'answered';
  /** Once a status has come the try is answered, even if its body breaks off or never ends. */
  readonly status: number;
  /** Whole seconds, at most 24 hours. */
  readonly retryAfterSec?: number;
  /** The beginning of the body, fit for a PostgreSQL text column. */
  readonly responseText: string;
  readonly durationMs: number;
  /** A stale kept-alive connection broke; this is the outcome of the second connection. */
  readonly retriedReset?: true;
};

export type Failed = {
  readonly outcome: 'failed';
  readonly stage: SendStage;
  /** Stable, for programs. */
  readonly code: string;
  /** May be shown to the subscriber. */
  readonly message: string;
  readonly durationMs: number;
  /** For the operator only: may hold internal addresses. */
  readonly addressDetail?: string;
  readonly retriedReset?: true;
};

export type SendResult = Answered | Failed;

/** Why a try failed, without the bookkeeping. */
export type Failure = Pick<Failed, 'stage' | 'code' | 'message' | 'addressDetail'>;
