/** Senders for tests that may speak to receivers on loopback, and servers below HTTP. */
import { createServer, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { createGuard } from '../../src/delivery/guard/index.ts';
import {
  createSender,
  type Sender,
  type SenderLimits,
  type SendRequest,
} from '../../src/delivery/send.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** What the senders below take for the present: 1 January 2026, 00:00 UTC. */
export const NOW_MS = Date.UTC(2026, 0, 1);

export function loopbackSender(limits: Partial<SenderLimits> = {}): Sender {
  return createSender({
    guard: createGuard({ allow: ['127.0.0.0/8', '::1'] }),
    limits,
    nowMs: () => NOW_MS,
  });
}

/** To be called at the top of a test file: what it makes is closed after each test, the last first. */
export function useSenders() {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  return {
    cleanups,
    async receiverOf(...given: Parameters<typeof startReceiver>): Promise<Receiver> {
      const receiver = await startReceiver(...given);
      cleanups.push(receiver.close);
      return receiver;
    },
    senderOf(limits?: Partial<SenderLimits>): Sender {
      const sender = loopbackSender(limits);
      cleanups.push(sender.close);
      return sender;
    },
  };
}

export function pushTo(url: string, rest: Partial<SendRequest> = {}): SendRequest {
  return { url, headers: {}, body: '{}', timeoutMs: 10_000, ...rest };
}

/** A TCP server that hands over each connection once its first bytes have come. */
export async function startBareServer(
  onData: (socket: Socket) => void,
): Promise<{ url: string; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => onData(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
