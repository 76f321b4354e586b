/** The connections to one origin: as many as are needed, up to a limit; who finds none free waits. */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { createChain, type Linked } from '../lane/chain.ts';
import { type Caller, Connection, type ConnectionLimits } from './connection.ts';

export interface OriginLimits extends ConnectionLimits {
  readonly connectionsPerOriginMax: number;
}

export interface Waiting extends Caller, Linked<Waiting> {}

export class Origin {
  private readonly place: buildConnector.Options;
  private readonly connect: buildConnector.connector;
  private readonly limits: OriginLimits;
  private readonly waiting = createChain<Waiting>();
  private readonly open = new Set<Connection>();
  /** The one that was used last is used next, so that those too many fall idle. */
  private idle: Connection[] = [];
  private opening = 0;
  isRetired = false;

  constructor(url: URL, connect: buildConnector.connector, limits: OriginLimits) {
    this.place = placeOf(url);
    this.connect = connect;
    this.limits = limits;
  }

  send(caller: Waiting): void {
    const connection = this.takeIdle();
    if (connection !== undefined) {
      connection.begin(caller);
      return;
    }
    this.waiting.push(caller);
    this.openMore();
  }

  /** After a connection broke that had been idle: what else was idle may be as dead. */
  sendAnew(caller: Waiting): void {
    for (const connection of this.idle.splice(0)) connection.close();
    this.send(caller);
  }

  /** It must be waiting for a connection. */
  forget(caller: Waiting): void {
    this.waiting.remove(caller);
  }

  dropIdle(nowMs: number): void {
    const { idle } = this;
    if (idle.length === 0) return;
    this.idle = idle.filter((connection) => connection.isUsable(nowMs));
    for (const connection of idle) if (!connection.isUsable(nowMs)) connection.close();
  }

  /** What is under way is still finished. */
  retire(): void {
    this.isRetired = true;
    for (const connection of this.idle.splice(0)) connection.close();
  }

  get isEmpty(): boolean {
    return this.open.size === 0 && this.opening === 0 && this.waiting.size() === 0;
  }

  /** Closes every connection at once. */
  destroy(): void {
    this.retire();
    for (const connection of this.open) connection.close();
  }

  private takeIdle(): Connection | undefined {
    if (this.idle.length === 0) return undefined;
    const nowMs = performance.now();
    for (let next = this.idle.pop(); next !== undefined; next = this.idle.pop()) {
      if (next.isUsable(nowMs)) return next;
      next.close();
    }
    return undefined;
  }

  private openMore(): void {
    const { connectionsPerOriginMax } = this.limits;
    while (this.opening < this.waiting.size()) {
      if (this.open.size + this.opening >= connectionsPerOriginMax) return;
      this.opening += 1;
      this.connect(this.place, (...[error, socket]) => {
        this.opening -= 1;
        if (error === null) this.opened(socket);
        else this.refused(error);
      });
    }
  }

  private opened(socket: Socket): void {
    const { limits } = this;
    const connection = new Connection(socket, {
      limits,
      onFree: (free) => this.freed(free),
      onGone: (gone) => this.gone(gone),
    });
    this.open.add(connection);
    this.freed(connection);
  }

  private freed(connection: Connection): void {
    const next = this.waiting.first();
    if (next !== undefined) {
      this.waiting.remove(next);
      connection.begin(next);
    } else if (this.isRetired) {
      connection.close();
    } else {
      this.idle.push(connection);
    }
  }

  /** Each try to connect is one caller's; the others have tries of their own. */
  private refused(error: Error): void {
    const first = this.waiting.first();
    if (first !== undefined) {
      this.waiting.remove(first);
      first.onBroken(error);
    }
    this.openMore();
  }

  private gone(connection: Connection): void {
    this.open.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
    this.openMore();
  }
}

/** A literal of IPv6 has brackets in a URL, and none where it is connected to. */
function placeOf({ host, hostname, protocol, port }: URL): buildConnector.Options {
  return { host, hostname: hostname.replace(/^\[|\]$/g, ''), protocol, port };
}
