/** Broken connections, and servers that cannot be talked to. */
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { answerThenClose, reset } from '../../../test/support/receiver.ts';
import { pushTo, startBareServer, useSenders } from '../../../test/support/sender.ts';

const { cleanups, receiverOf, senderOf } = useSenders();

async function bareServer(onData: (socket: Socket) => void): Promise<string> {
  const server = await startBareServer(onData);
  cleanups.push(server.close);
  return server.url;
}

describe('a connection that breaks', () => {
  it('when it is new, is a failure', async () => {
    const receiver = await receiverOf(reset);
    const result = await senderOf().send(pushTo(receiver.url));
    expect(result).toMatchObject({ outcome: 'failed', stage: 'reset', code: 'ECONNRESET' });
    expect(result).not.toHaveProperty('retriedReset');
    expect(receiver.requests).toHaveLength(1);
  });

  it('when it was kept alive, is replaced at once and not reported', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    await sender.send(pushTo(receiver.url));
    receiver.script(reset);
    const result = await sender.send(pushTo(receiver.url, { body: 'again' }));
    expect(result).toMatchObject({ outcome: 'answered', status: 204, retriedReset: true });
    const seen = receiver.requests.map(({ connection, body }) => [connection, String(body)]);
    expect(seen).toEqual([
      [1, '{}'],
      [1, 'again'],
      [2, 'again'],
    ]);
  });

  it('twice in a row is a failure', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    await sender.send(pushTo(receiver.url));
    receiver.script(reset, reset, reset);
    const result = await sender.send(pushTo(receiver.url));
    expect(result).toMatchObject({ outcome: 'failed', stage: 'reset', retriedReset: true });
    expect(receiver.requests).toHaveLength(3);
  });

  it('between two pushes is not noticed', async () => {
    const receiver = await receiverOf(answerThenClose);
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    for (let count = 0; count < 5; count += 1) {
      expect(await sender.send(pushTo(receiver.url))).toMatchObject({ status: 204 });
    }
    expect(receiver.requests).toHaveLength(5);
    expect(receiver.connectionCount).toBe(5);
  });

  it('after every answer, without a word, costs no push although many are under way', async () => {
    const receiver = await receiverOf(answerThenClose);
    const sender = senderOf({ connectionsPerOriginMax: 3 });
    const sent = Array.from({ length: 30 }, () => sender.send(pushTo(receiver.url)));
    for (const result of await Promise.all(sent)) expect(result).toMatchObject({ status: 204 });
  });

  it('all at once, as when a receiver restarts, loses nothing', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connectionsPerOriginMax: 8 });
    const burst = () => Array.from({ length: 8 }, () => sender.send(pushTo(receiver.url)));
    await Promise.all(burst());
    receiver.script(...Array.from({ length: 4 }, () => reset));
    const results = await Promise.all(burst());
    expect(results.map((result) => result.outcome)).toEqual(results.map(() => 'answered'));
  });

  it('after the answer has begun is not tried again', async () => {
    const url = await bareServer((socket) => {
      socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      socket.once('data', () => socket.end('HTTP/1.1 20'));
    });
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    expect(await sender.send(pushTo(url))).toMatchObject({ status: 204 });
    const result = await sender.send(pushTo(url));
    expect(result).toMatchObject({ outcome: 'failed', stage: 'reset' });
    expect(result).not.toHaveProperty('retriedReset');
  });
});

describe('nothing to talk to', () => {
  it('is a failure to connect, and tells no address', async () => {
    const receiver = await receiverOf();
    await receiver.close();
    const result = await senderOf().send(pushTo(`http://localhost:${receiver.port}/`));
    expect(result).toMatchObject({ outcome: 'failed', stage: 'connect', code: 'ECONNREFUSED' });
    expect(result).toHaveProperty('message', expect.not.stringMatching(/127|::1/));
    expect(result).toHaveProperty('addressDetail', expect.stringMatching(/127|::1/));
  });

  it.each([
    ['garbage', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['an answer with bare line feeds', 'HTTP/1.1 204 No Content\nx: y\n\n'],
    ['endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`],
  ])('%s is a failure of the protocol', async (_name, text) => {
    const url = await bareServer((socket) => socket.write(text));
    const result = await senderOf().send(pushTo(url));
    expect(result).toMatchObject({ outcome: 'failed', stage: 'protocol' });
  });

  it.each(['', 'HTTP/1.1 20', 'HTTP/1.1 204 X\r\nx: y\r\n', 'HTTP/1.1 103 Early\r\n\r\n'])(
    'an answer that stops after %j is none in time',
    async (text) => {
      const url = await bareServer((socket) => socket.write(text));
      const result = await senderOf().send(pushTo(url, { timeoutMs: 250 }));
      expect(result).toMatchObject({ stage: 'timeout', code: 'answer-timeout' });
    },
  );

  it('1xx answers are passed over', async () => {
    const text = 'HTTP/1.1 103 Early\r\nretry-after: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n';
    const url = await bareServer((socket) => socket.write(text));
    const result = await senderOf().send(pushTo(url));
    expect(result).toMatchObject({ outcome: 'answered', status: 204 });
    expect(result).not.toHaveProperty('retryAfterSec');
  });

  it.each([
    ['what follows an answer', 'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 Not Asked For\r\n\r\n'],
    ['a farewell', 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'],
    ['too short a patience', 'HTTP/1.1 204 No Content\r\nkeep-alive: timeout=2\r\n\r\n'],
    ['an old version', 'HTTP/1.0 204 No Content\r\n\r\n'],
    ['a body where none may be', 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 204 No Content\r\nx: a\r\n b\r\n\r\n'],
  ])('%s means another connection for the next push', async (_name, text) => {
    let connections = 0;
    const url = await bareServer((socket) => {
      connections += 1;
      socket.write(text);
    });
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    for (let count = 0; count < 2; count += 1) {
      expect(await sender.send(pushTo(url))).toMatchObject({ outcome: 'answered', status: 204 });
    }
    expect(connections).toBe(2);
  });

  it.each([
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['up to the end of the connection', '\r\nok'],
  ])('an answer may come %s', async (_name, rest) => {
    const url = await bareServer((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));
    const result = await senderOf().send(pushTo(url));
    expect(result).toMatchObject({ outcome: 'answered', status: 200, responseText: 'ok' });
  });

  it.each([
    ['not a url', 'url-not-a-url'],
    ['ftp://example.com/', 'url-scheme'],
    ['http://10.0.0.1/', 'url-address'],
  ])('%s is refused before anything happens', async (url, code) => {
    expect(await senderOf().send(pushTo(url))).toMatchObject({ stage: 'address', code });
  });

  it('a header that cannot be sent is a value too', async () => {
    const receiver = await receiverOf();
    const headers = { 'x-partner': 'a\r\nb' };
    const result = await senderOf().send(pushTo(receiver.url, { headers }));
    expect(result).toMatchObject({ outcome: 'failed', stage: 'protocol' });
    expect(receiver.requests).toHaveLength(0);
  });
});
