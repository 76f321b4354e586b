/**
 * An HTTP/1.1 server for pushes, straight on sockets: it shares the machine with what is measured, and
 * Node's own server would cost five times as much.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { headerOf, type Push } from './ledger.ts';

const headEnd = '\r\n\r\n';

export interface SocketServer {
  readonly url: string;
  readonly close: () => void;
}

/** The first request in `text`, and where it ends; undefined while it is incomplete. */
function readPush(text: string): { push: Push; end: number } | undefined {
  const at = text.indexOf(headEnd);
  if (at < 0) return undefined;
  const head = text.slice(0, at);
  const bodyStart = at + headEnd.length;
  const end = bodyStart + Number(headerOf(head, 'content-length'));
  if (text.length < end) return undefined;
  return { push: { head, body: text.slice(bodyStart, end) }, end };
}

/** Listens on a free port; `onPush` answers by writing to the socket, now or later. */
export async function listenForPushes(
  onPush: (push: Push, socket: Socket) => void,
): Promise<SocketServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let rest = '';
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      // One character per byte, so that lengths are those of the head.
      let text = rest + chunk.toString('latin1');
      for (let found = readPush(text); found !== undefined; found = readPush(text)) {
        text = text.slice(found.end);
        onPush(found.push, socket);
      }
      rest = text;
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
