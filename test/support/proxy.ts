/** A network between a client and a database's socket, which tests cut. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

export interface TestProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** Resets all connections, as a firewall that lost its state does. */
  cut(): void;
  close(): void;
}

/** @param databaseUrl of an embedded database, which listens at a Unix socket */
export async function openProxy(databaseUrl: string): Promise<TestProxy> {
  const url = new URL(databaseUrl);
  const path = join(url.searchParams.get('host') ?? '', `.s.PGSQL.${url.port}`);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const target = createConnection({ path });
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => target.destroy());
    target.on('error', () => undefined).on('close', () => socket.destroy());
    socket.pipe(target).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  const close = () => {
    cut();
    server.close();
  };
  return { url: url.href, cut, close };
}
