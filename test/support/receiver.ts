/**
 * A real HTTP(S) receiver for tests. It records what comes in, behaves as scripted, and tells by
 * promises when something has come: no polling, no sleeping.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export type ReceivedRequest = {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** 1 for the first connection the receiver took, and so on. */
  readonly connection: number;
};

/** Answers one request, or does whatever else a bad receiver would. */
export type Behaviour = (request: ReceivedRequest, response: ServerResponse) => unknown;

export type Receiver = {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Connections taken since the start. */
  readonly connectionCount: number;
  /** Behaviours for the next requests, one each; afterwards the handler decides again. */
  script(...behaviours: Behaviour[]): void;
  /** The next `count` requests not handed out by an earlier call of `next`. */
  next(count?: number): Promise<ReceivedRequest[]>;
  /** The first request, past or to come, that the predicate takes. */
  waitFor(predicate: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>;
  /** Resolves when a connection has been closed, by either side, after this call. */
  connectionClosed(): Promise<void>;
  close(): Promise<void>;
};

/** An ordinary answer; with `until` it waits for that promise first. */
export function answer(options: {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  until?: Promise<unknown>;
}): Behaviour {
  return async (_request, response) => {
    await options.until;
    response.writeHead(options.status ?? 204, options.headers).end(options.body);
  };
}

/** Takes the request and never says a word. */
export const hang: Behaviour = () => undefined;

/** Breaks the connection (TCP reset) without an answer. */
export const reset: Behaviour = (_request, response) => {
  response.socket?.resetAndDestroy();
};

/** Closes the kept-alive connection after a complete answer, without announcing it. */
export const answerThenClose: Behaviour = (_request, response) => {
  // Node takes the socket from the response as soon as it has ended.
  const { socket } = response;
  response.writeHead(204).end(() => socket?.destroy());
};

/** A body that goes on as long as anyone listens. */
export const endless: Behaviour = (_request, response) => {
  const chunk = Buffer.alloc(16 * 1024, 'x');
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
    response.once('drain', write);
  };
  response.writeHead(200, { 'content-type': 'text/plain' });
  write();
};

/** Sends the head and a beginning of the body, and then nothing more. */
export function stall(status: number, beginning: string): Behaviour {
  return (_request, response) => {
    response.writeHead(status).write(beginning);
  };
}

/** `handler` answers what is not scripted; by default 204. */
export async function startReceiver(
  handler: Behaviour = answer({}),
  options: { host?: string; port?: number; tls?: { key: string; cert: string } } = {},
): Promise<Receiver> {
  const { host = '127.0.0.1', port = 0, tls } = options;
  const mailbox = createMailbox();
  const connections = createConnections();
  const scripted: Behaviour[] = [];

  const take = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming, connections.numberOf(incoming.socket));
    const behave = scripted.shift() ?? handler;
    mailbox.put(request);
    await behave(request, response);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    take(incoming, response).catch(() => incoming.socket.destroy());
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', connections.add);
  const bound = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address);
    });
  });

  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${name}:${bound.port}`,
    port: bound.port,
    requests: mailbox.all,
    get connectionCount() {
      return connections.count();
    },
    script: (...behaviours) => scripted.push(...behaviours),
    next: mailbox.next,
    waitFor: mailbox.waitFor,
    connectionClosed: connections.closed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.destroyAll();
      }),
  };
}

async function read(incoming: IncomingMessage, connection: number): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = '', url: path = '', headers } = incoming;
  return { method, path, headers, body: Buffer.concat(chunks), connection };
}

function createMailbox() {
  const all: ReceivedRequest[] = [];
  let watchers: (() => boolean)[] = [];
  let handedOut = 0;

  /** Resolves as soon as `look` finds something, now or after a later request. */
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const watch = (): boolean => {
        const found = look();
        if (found !== undefined) resolve(found);
        return found === undefined;
      };
      if (watch()) watchers.push(watch);
    });

  return {
    all,
    put(request: ReceivedRequest): void {
      all.push(request);
      watchers = watchers.filter((watch) => watch());
    },
    next(count = 1): Promise<ReceivedRequest[]> {
      const from = handedOut;
      handedOut += count;
      return until(() => (all.length < from + count ? undefined : all.slice(from, from + count)));
    },
    waitFor: (predicate: (request: ReceivedRequest) => boolean) => until(() => all.find(predicate)),
  };
}

function createConnections() {
  const open = new Map<Socket, number>();
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    count: () => count,
    numberOf: (socket: Socket) => open.get(socket) ?? 0,
    add(socket: Socket): void {
      count += 1;
      open.set(socket, count);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        for (const resolve of waiting) resolve();
        waiting = [];
      });
    },
    closed: () => new Promise<void>((resolve) => waiting.push(resolve)),
    destroyAll(): void {
      for (const socket of open.keys()) socket.destroy();
    },
  };
}
