/**
 * The pushes of the floors: the same bytes as the hub's, signed the same way, over bare undici. No storage,
 * no retry, no order, no check of the address.
 */
import { randomFillSync } from 'node:crypto';
import { type Dispatcher, Pool } from 'undici';
import { signatureHeaders } from '../../src/delivery/sign.ts';
import { createIdSource } from '../../src/lib/id.ts';

export interface Place {
  readonly url: string;
  readonly secret: string;
}

export interface Pushed {
  /** Members of the event, from its first brace to its last. */
  readonly event: string;
  readonly unit: string;
}

export const ids = createIdSource({ now: Date.now, random: (bytes) => randomFillSync(bytes) });

/** Calls `onEnd` with the status, 0 where there was none. */
class Exchange implements Dispatcher.DispatchHandler {
  private status = 0;
  private readonly onEnd: (status: number) => void;

  constructor(onEnd: (status: number) => void) {
    this.onEnd = onEnd;
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number): void {
    this.status = status;
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.onEnd(this.status);
  }

  onResponseError(): void {
    this.onEnd(0);
  }
}

/** Sends pushes to one endpoint, numbered from 1 on, over so many connections. */
export function createPusher({ url, secret }: Place, connections: number) {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  let sequence = 0;
  return ({ event, unit }: Pushed, onEnd: (status: number) => void): void => {
    sequence += 1;
    const body = `{"sequence":${sequence},"event":${event},"unit":${unit}}`;
    const id = ids.next(0);
    const timestampSec = Math.floor(Date.now() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Portolan-floor',
      ...signatureHeaders({ id, timestampSec, body, secrets: [secret] }),
    };
    pool.dispatch({ path, method: 'POST', headers, body }, new Exchange(onEnd));
  };
}
