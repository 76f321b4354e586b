/**
 * The one HTTP client for callbacks. It posts, never follows a redirect, reads only the beginning
 * of an answer, and reports every outcome as a value. Where a request may go is the guard's say.
 */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { ConnectorOptions, Guard } from './guard/index.ts';
import { Exchange } from './send/exchange.ts';
import { ABORTED, CLOSED } from './send/failure.ts';
import { createPools, type PoolLimits } from './send/pools.ts';
import type { Failure, SendRequest, SendResult } from './send/result.ts';

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

type Place = { readonly origin: string; readonly path: string };
type Target = Place | { readonly refusal: Failure };

/** `tls.ca` adds nothing by default; `nowMs` is the wall clock, for Retry-After dates. */
export function createSender(deps: {
  guard: Guard;
  limits?: Partial<SenderLimits>;
  logger: Pick<Logger, 'error'>;
  tls?: Pick<ConnectorOptions, 'ca'>;
  nowMs?: () => number;
}): Sender {
  const limits = { ...defaultSenderLimits, ...deps.limits };
  const nowMs = deps.nowMs ?? Date.now;
  const pools = createPools({
    connect: deps.guard.connector({ ...deps.tls, connectTimeoutMs: limits.connectTimeoutMs }),
    limits,
    onError: (error) => deps.logger.error({ err: error }, 'unexpected error in the HTTP client'),
  });
  const targets = new LRUCache<string, Target>({
    max: limits.urlsCachedMax,
    memoMethod: (url) => targetOf(deps.guard, url),
  });
  const drain = createDrain();

  const start = (request: SendRequest, target: Place): Promise<SendResult> =>
    new Promise((resolve) => {
      const { headers, body, timeoutMs, signal } = request;
      const { answerBytesMax, discardBytesMax } = limits;
      const options = { path: target.path, method: 'POST', headers, body };
      const settle = (result: SendResult): void => {
        drain.leave();
        resolve(result);
      };
      drain.enter();
      const setup = { options, timeoutMs, signal, answerBytesMax, discardBytesMax, nowMs, settle };
      pools.of(target.origin).dispatch(options, new Exchange(setup));
    });

  return {
    send(request) {
      const target = targets.memo(request.url);
      if ('refusal' in target) return Promise.resolve(failed(target.refusal));
      if (drain.isClosed()) return Promise.resolve(failed(CLOSED));
      if (request.signal?.aborted === true) return Promise.resolve(failed(ABORTED));
      return start(request, target);
    },
    async close() {
      await drain.close();
      await pools.destroy();
    },
  };
}

function targetOf(guard: Guard, url: string): Target {
  const checked = guard.checkUrl(url);
  if (checked.ok) {
    return { origin: checked.url.origin, path: checked.url.pathname + checked.url.search };
  }
  const { code, message } = checked;
  return { refusal: { stage: 'address', code: `url-${code}`, message, addressDetail: url } };
}

function failed(failure: Failure): SendResult {
  return { outcome: 'failed', ...failure, durationMs: 0 };
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
