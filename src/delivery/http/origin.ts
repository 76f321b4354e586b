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
  /** Those that wait for a connection that nobody has used before. */
  private readonly renewing = createChain<Waiting>();
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

  /**
   * Over a new connection, after one broke that had been used before: a receiver that closes its
   * connections without a word would break every other one likewise.
   */
  sendAnew(caller: Waiting): void {
    this.renewing.push(caller);
    this.openMore();
  }

  /** It must be waiting for a connection, a new one or any. */
  forget(caller: Waiting, isAnew: boolean): void {
    if (isAnew) this.renewing.remove(caller);
    else this.waiting.remove(caller);
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
    return this.open.size === 0 && this.opening === 0 && this.wanted === 0;
  }

  private get wanted(): number {
    return this.waiting.size() + this.renewing.size();
  }

  private get isFull(): boolean {
    return this.open.size + this.opening >= this.limits.connectionsPerOriginMax;
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
    while (this.opening < this.wanted) {
      if (this.isFull) {
        if (!this.dropOneIdle()) return;
        // By way of `gone` a new one is on its way in its place.
        continue;
      }
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
    const next = this.renewing.first();
    if (next === undefined) {
      this.freed(connection);
    } else {
      this.renewing.remove(next);
      connection.begin(next);
    }
  }

  private freed(connection: Connection): void {
    const next = this.waiting.first();
    if (this.opening < this.renewing.size() && this.isFull) {
      // It makes room for a new one.
      connection.close();
    } else if (next !== undefined) {
      this.waiting.remove(next);
      connection.begin(next);
    } else if (this.isRetired) {
      connection.close();
    } else {
      connection.isFresh = false;
      this.idle.push(connection);
    }
  }

  /** Each try to connect is one caller's; the others have tries of their own. */
  private refused(error: Error): void {
    const renewing = this.renewing.first();
    const first = renewing ?? this.waiting.first();
    if (first !== undefined) {
      this.forget(first, renewing !== undefined);
      first.onBroken(error);
    }
    this.openMore();
  }

  /** Whether there was one; it makes room for a new one. */
  private dropOneIdle(): boolean {
    const connection = this.idle.pop();
    connection?.close();
    return connection !== undefined;
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
