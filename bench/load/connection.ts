/**
 * One kept-alive HTTP connection with one request under way, straight on a socket. Load and server
 * share the machine, so what a client library costs would be missing from every figure: this one
 * reaches twice the rate of autocannon with a body of its own for each request.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Head and body as received; the body starts at `bodyStart`. */
  readonly bytes: Buffer;
  readonly bodyStart: number;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** Called after each answer; the connection is free then. */
  readonly onAnswer: (answer: Answer, connection: Connection) => void;
  /** Broken, or answered in a way that is not understood. No other call follows. */
  readonly onFailure: (reason: string) => void;
}

export interface Connection {
  /** A whole request, ASCII. */
  readonly send: (request: string) => void;
  readonly close: () => void;
}

const headEnd = '\r\n\r\n';
const lengthPattern = /\r\ncontent-length: *(\d+)/i;

/** The first answer in `bytes`, or undefined while it is incomplete. Throws for chunked answers. */
function readAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const length = lengthPattern.exec(head)?.[1];
  if (length === undefined) throw new Error('an answer without content-length');
  const bodyStart = end + headEnd.length;
  if (bytes.length < bodyStart + Number(length)) return undefined;
  return { status: Number(head.slice(9, 12)), bytes, bodyStart };
}

/** Resolves when connected. */
export function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { host, port, onAnswer, onFailure } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(wrap(socket, { onAnswer, onFailure }));
    });
  });
}

function wrap(
  socket: Socket,
  { onAnswer, onFailure }: Pick<ConnectionOptions, 'onAnswer' | 'onFailure'>,
): Connection {
  let rest: Buffer | undefined;
  let isOver = false;
  const fail = (reason: string) => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    onFailure(reason);
  };
  const connection: Connection = {
    send: (request) => socket.write(request, 'latin1'),
    close() {
      isOver = true;
      socket.destroy();
    },
  };
  const take = (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    const answer = readAnswer(bytes);
    rest = answer === undefined ? bytes : undefined;
    if (answer !== undefined) onAnswer(answer, connection);
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  });
  socket.on('error', (error) => fail(`connection broken: ${error.message}`));
  socket.on('close', () => fail('connection closed without an answer'));
  return connection;
}
