/**
 * The one HTTP client for callbacks. It posts, never follows a redirect, reads only the beginning
 * of an answer, and reports every outcome as a value. Where a request may go is the guard's say.
 */
import { LRUCache } from 'lru-cache';
import type { ConnectorOptions, Guard } from './guard/index.ts';
import { type RequestText, requestStart, requestText } from './http/request-text.ts';
import { Deadlines } from './send/deadlines.ts';
import { Exchange, type Shared } from './send/exchange.ts';
import { ABORTED, CLOSED, failureOf } from './send/failure.ts';
import { createPools, type PoolLimits } from './send/pools.ts';
import type { Failure, SendRequest, SendResult } from './send/result.ts';
import { Stops } from './send/stops.ts';

export type { Answered, Failed, SendRequest, SendResult, SendStage } from './send/result.ts';

export type SenderLimits = PoolLimits & {
  readonly connectTimeoutMs: number;
  /** Checked and split URLs kept, so that a constant URL is not parsed for every push. */
  readonly urlsCachedMax: number;
  readonly answerBytesMax: number;
  /** A longer answer is cut off, and its connection with it. */
  readonly discardBytesMax: number;
};

export const defaultSenderLimits: SenderLimits = {
  originsMax: 1_024,
  connectionsPerOriginMax: 32,
  requestsPerConnectionMax: 10_000,
  keepAliveTimeoutMs: 4_000,
  keepAliveTimeoutMsMax: 60_000,
  answerHeaderBytesMax: 16 * 1024,
  connectTimeoutMs: 5_000,
  urlsCachedMax: 10_000,
  answerBytesMax: 1024,
  discardBytesMax: 64 * 1024,
};

export type Sender = {
  /** One POST. Never throws and never rejects. */
  send(request: SendRequest): Promise<SendResult>;
  /**
   * Takes nothing new, waits for what is under way (at most the longest `timeoutMs` among it),
   * then closes the connections.
   */
  close(): Promise<void>;
};

type Place = { readonly origin: string; readonly start: string };
type Target = Place | { readonly refusal: Failure };

/** `tls.ca` adds nothing by default; `nowMs` is the wall clock, for Retry-After dates. */
export function createSender(deps: {
  guard: Guard;
  limits?: Partial<SenderLimits>;
  tls?: Pick<ConnectorOptions, 'ca'>;
  nowMs?: () => number;
}): Sender {
  const limits = { ...defaultSenderLimits, ...deps.limits };
  const connect = deps.guard.connector({ ...deps.tls, connectTimeoutMs: limits.connectTimeoutMs });
  const pools = createPools({ connect, limits });
  const drain = createDrain();
  const shared: Shared = {
    answerBytesMax: limits.answerBytesMax,
    discardBytesMax: limits.discardBytesMax,
    nowMs: deps.nowMs ?? Date.now,
    deadlines: new Deadlines(),
    stops: new Stops(),
  };
  const targets = new LRUCache<string, Target>({
    max: limits.urlsCachedMax,
    memoMethod: (url) => targetOf(deps.guard, url),
  });

  const start = (request: SendRequest, target: Place, text: RequestText): Promise<SendResult> =>
    new Promise((resolve) => {
      const { timeoutMs, signal } = request;
      const onSettled = (result: SendResult): void => {
        drain.leave();
        resolve(result);
      };
      drain.enter();
      const origin = pools.of(target.origin);
      new Exchange(shared, { text, origin, timeoutMs, signal, onSettled }).start();
    });

  return {
    send(request) {
      const target = targets.memo(request.url);
      if ('refusal' in target) return refused(target.refusal);
      if (drain.isClosed()) return refused(CLOSED);
      if (request.signal?.aborted === true) return refused(ABORTED);
      try {
        const text = requestText(target.start, request.headers, request.body);
        return start(request, target, text);
      } catch (error) {
        return refused(failureOf(error as Error));
      }
    },
    async close() {
      await drain.close();
      pools.destroy();
    },
  };
}

function targetOf(guard: Guard, url: string): Target {
  const checked = guard.checkUrl(url);
  if (checked.ok) {
    const { origin, host, pathname, search } = checked.url;
    return { origin, start: requestStart(host, pathname + search) };
  }
  const { code, message } = checked;
  return { refusal: { stage: 'address', code: `url-${code}`, message, addressDetail: url } };
}

function refused(failure: Failure): Promise<SendResult> {
  return Promise.resolve({ outcome: 'failed', ...failure, durationMs: 0 });
}

/** Counts what is under way, and resolves `close` when nothing is. */
function createDrain() {
  let running = 0;
  let isClosed = false;
  let waiting: (() => void)[] = [];
  const release = (): void => {
    if (!isClosed || running > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    isClosed: () => isClosed,
    enter: () => {
      running += 1;
    },
    leave: () => {
      running -= 1;
      release();
    },
    close: () =>
      new Promise<void>((resolve) => {
        isClosed = true;
        waiting.push(resolve);
        release();
      }),
  };
}
