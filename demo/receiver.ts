/**
 * A receiver of pushes, as a subscriber would write one: verify the signature over the exact bytes,
 * answer at once, work afterwards. Verification is the `standardwebhooks` package's, not the hub's.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { parse } from './json.ts';

export interface Push {
  /** Name of the subscription, from the path that it was made with. */
  readonly subscription: string;
  /** Where the dialect puts it into the address: the event's name. */
  readonly eventName?: string | undefined;
  /** `webhook-id`: the same for every attempt of one delivery. */
  readonly id: string;
  readonly verified: boolean;
  readonly body: unknown;
  /** `performance.now()` when the body had arrived whole. */
  readonly atMs: number;
}

export interface Receiver {
  /** The callback URL for a subscription of that name. */
  readonly urlFor: (subscription: string) => string;
  /** From then on its pushes are verified; without a secret none can be. */
  readonly trust: (subscription: string, secret: string) => void;
  readonly close: () => Promise<void>;
}

const bodyBytesMax = 1024 * 1024;

export async function startReceiver(onPush: (push: Push) => void): Promise<Receiver> {
  const verifiers = new Map<string, Webhook>();

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const payload = await readBody(request);
    const atMs = performance.now();
    const { subscription, eventName } = readPath(request.url ?? '');
    const verified = isGenuine(verifiers.get(subscription), payload, request.headers);
    response.writeHead(verified ? 204 : 401).end();
    const id = String(request.headers['webhook-id']);
    onPush({ subscription, eventName, id, verified, body: parse(payload), atMs });
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => request.socket.destroy());
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });

  return {
    urlFor: (subscription) => `http://127.0.0.1:${port}/pushes/${subscription}`,
    trust: (subscription, secret) => verifiers.set(subscription, new Webhook(secret)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The terminal puts a path of its own behind the callback's, which ends in the event's name. */
function readPath(path: string): Pick<Push, 'subscription' | 'eventName'> {
  const [subscription = '', eventName] = path
    .replace('/pushes/', '')
    .split('/api/v1/transportEvents/');
  return { subscription, eventName };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error('a push larger than any that the hub sends');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isGenuine(
  webhook: Webhook | undefined,
  payload: string,
  headers: IncomingMessage['headers'],
): boolean {
  try {
    // It throws on a bad signature, and on a timestamp more than five minutes away.
    webhook?.verify(payload, {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(headers['webhook-timestamp']),
      'webhook-signature': String(headers['webhook-signature']),
    });
    return webhook !== undefined;
  } catch {
    return false;
  }
}
