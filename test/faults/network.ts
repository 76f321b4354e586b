/** A small TCP proxy of our own: a network that is slow, stands still, breaks and comes back. */
import { once } from 'node:events';
import { createConnection, createServer, type NetConnectOpts, type Socket } from 'node:net';

export interface Network {
  readonly port: number;
  /** Resets every connection, as a firewall that lost its state does. */
  readonly reset: () => void;
  /** Each piece of data takes so much longer, both ways. */
  readonly delay: (ms: number) => void;
  /** Nothing comes through, and nobody is told. */
  readonly hold: () => void;
  /** What was held comes through after all. */
  readonly release: () => void;
  /** Breaks every connection and takes no new one, as if the other machine were gone. */
  readonly takeAway: () => void;
  readonly bringBack: () => void;
  readonly close: () => void;
}

export async function openNetwork(target: NetConnectOpts): Promise<Network> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let isAway = false;
  let gate: Promise<void> | undefined;
  let openGate = (): void => undefined;

  /** One direction: pieces in their order, each after its delay and behind the gate. */
  const forward = (from: Socket, to: Socket): void => {
    let before: Promise<unknown> = Promise.resolve();
    const inTurn = (work: () => void): void => {
      const ready = Promise.all([before, later(delayMs)]);
      before = ready.then(() => gate).then(work);
    };
    from.on('data', (piece) => inTurn(() => to.writable && to.write(piece)));
    from.on('end', () => inTurn(() => to.end()));
  };

  const server = createServer((socket) => {
    if (isAway) {
      socket.resetAndDestroy();
      return;
    }
    const other = createConnection(target);
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => other.destroy());
    other.on('error', () => undefined).on('close', () => socket.destroy());
    forward(socket, other);
    forward(other, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    reset,
    delay: (ms) => {
      delayMs = ms;
    },
    hold() {
      gate = new Promise((resolve) => {
        openGate = resolve;
      });
    },
    release() {
      gate = undefined;
      openGate();
    },
    takeAway() {
      isAway = true;
      reset();
    },
    bringBack: () => {
      isAway = false;
    },
    close() {
      openGate();
      reset();
      server.close();
    },
  };
}

function later(ms: number): Promise<void> | undefined {
  if (ms === 0) return undefined;
  return new Promise((resolve) => {
    setTimeout(() => resolve(), ms);
  });
}
