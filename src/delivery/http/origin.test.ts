/** Connections that come late, unasked for, too many or not at all. */
import { connect as connectTo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { answer, answerThenClose, hang, reset } from '../../../test/support/receiver.ts';
import { pushTo, startBareServer, useSenders } from '../../../test/support/sender.ts';
import { createGuard, type Guard } from '../guard/index.ts';
import { createSender, defaultSenderLimits, type SenderLimits } from '../send.ts';
import { Origin, type Waiting } from './origin.ts';

type Connector = ReturnType<Guard['connector']>;
type Opened = Parameters<Parameters<Connector>[1]>;

const { cleanups, receiverOf } = useSenders();

/** Opens connections when the test says so, and remembers them. */
function heldConnector() {
  const asked: (() => Promise<void>)[] = [];
  const sockets: Socket[] = [];
  let heard = (): void => undefined;
  const connect: Connector = ({ hostname, port }, callback) => {
    const open = (resolve: () => void): void => {
      const socket = connectTo(Number(port), hostname);
      let isDone = false;
      const done = (...args: Opened): void => {
        if (!isDone) callback(...args);
        isDone = true;
        resolve();
      };
      sockets.push(socket);
      socket.once('connect', () => done(null, socket));
      socket.once('error', (error) => done(error, null));
    };
    asked.push(() => new Promise(open));
    heard();
  };
  /** Resolves when a further one has been asked for. */
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  return { asked, next, sockets, connect };
}

function senderOver(connect: Connector, limits: Partial<SenderLimits> = {}) {
  const { checkUrl } = createGuard({ allow: ['127.0.0.1', '::1'] });
  const sender = createSender({ guard: { checkUrl, connector: () => connect }, limits });
  cleanups.push(sender.close);
  return sender;
}

/** Two connections are under way for two pushes, and the first to come carries both. */
async function withOneUnused(url: string) {
  const held = heldConnector();
  const sender = senderOver(held.connect, { connectionsPerOriginMax: 2 });
  const both = [sender.send(pushTo(url)), sender.send(pushTo(url))];
  expect(held.asked).toHaveLength(2);
  await held.asked[0]?.();
  for (const result of await Promise.all(both)) expect(result).toMatchObject({ status: 204 });
  await held.asked[1]?.();
  return { held, sender };
}

const waiting = () => ({ before: undefined, after: undefined }) as Waiting;

/** Whoever asked for the connection did not wait for it. */
async function originWithOneIdle(url: string, limits: Partial<SenderLimits> = {}) {
  const held = heldConnector();
  const origin = new Origin(new URL(url), held.connect, { ...defaultSenderLimits, ...limits });
  cleanups.push(() => origin.destroy());
  const caller = waiting();
  origin.send(caller);
  origin.forget(caller, false);
  await held.asked[0]?.();
  return { held, origin };
}

describe('a connection that came when nobody needed it any more', () => {
  it('is used for the next push', async () => {
    const receiver = await receiverOf();
    const { sender } = await withOneUnused(receiver.url);
    expect(await sender.send(pushTo(receiver.url))).toMatchObject({ status: 204 });
    expect(receiver.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('may have been closed as idle: what breaks on it is sent once more', async () => {
    const receiver = await receiverOf();
    const { held, sender } = await withOneUnused(receiver.url);
    receiver.script(reset);
    const sent = sender.send(pushTo(receiver.url));
    await held.next();
    expect(receiver.requests[2]?.connection).toBe(2);
    await held.asked[2]?.();
    expect(await sent).toMatchObject({ status: 204, retriedReset: true });
  });

  it('is closed after some time', async () => {
    const receiver = await receiverOf();
    const { origin } = await originWithOneIdle(receiver.url);
    const closed = receiver.connectionClosed();
    const nowMs = performance.now();
    origin.dropIdle(nowMs);
    expect(origin.isEmpty).toBe(false);
    origin.dropIdle(nowMs + defaultSenderLimits.keepAliveTimeoutMs);
    expect(origin.isEmpty).toBe(true);
    await closed;
  });
});

describe('while it is being connected', () => {
  it('time may run out; the connection serves the next push', async () => {
    const receiver = await receiverOf();
    const held = heldConnector();
    const sender = senderOver(held.connect);
    const late = await sender.send(pushTo(receiver.url, { timeoutMs: 20 }));
    expect(late).toMatchObject({ stage: 'timeout', code: 'connect-timeout' });
    await held.asked[0]?.();
    expect(await sender.send(pushTo(receiver.url))).toMatchObject({ status: 204 });
    expect(receiver.requests).toHaveLength(1);
    expect(held.asked).toHaveLength(1);
  });

  it('the caller may stop, and all may be closed: the connection is closed when it comes', async () => {
    const receiver = await receiverOf();
    const held = heldConnector();
    const sender = senderOver(held.connect);
    const controller = new AbortController();
    const sent = sender.send(pushTo(receiver.url, { signal: controller.signal }));
    controller.abort();
    expect(await sent).toMatchObject({ stage: 'aborted' });
    await sender.close();
    const closed = receiver.connectionClosed();
    await held.asked[0]?.();
    await closed;
    expect(held.sockets[0]?.destroyed).toBe(true);
    expect(receiver.requests).toHaveLength(0);
  });

  it('nothing may answer: each push fails by a try of its own', async () => {
    const receiver = await receiverOf();
    await receiver.close();
    const held = heldConnector();
    const sender = senderOver(held.connect, { connectionsPerOriginMax: 2 });
    const sent = Array.from({ length: 5 }, () => sender.send(pushTo(receiver.url)));
    for (let at = 0; at < 5; at += 1) await held.asked[at]?.();
    const failed = { outcome: 'failed', code: 'ECONNREFUSED' };
    for (const result of await Promise.all(sent)) expect(result).toMatchObject(failed);
    expect(held.asked).toHaveLength(5);
  });
});

describe('the limit of connections', () => {
  it('holds when an idle one makes room for a new one', async () => {
    const receiver = await receiverOf();
    const limits = { connectionsPerOriginMax: 1 };
    const { held, origin } = await originWithOneIdle(receiver.url, limits);
    origin.sendAnew(waiting());
    expect(held.sockets[0]?.destroyed).toBe(true);
    expect(held.asked).toHaveLength(2);
  });

  it('holds whatever the receiver breaks', async () => {
    const receiver = await receiverOf(answerThenClose);
    const sockets: Socket[] = [];
    let most = 0;
    const connector = createGuard({ allow: ['127.0.0.1'] }).connector();
    const counting: Connector = (options, callback) =>
      connector(options, (...args) => {
        if (args[1] !== null) sockets.push(args[1]);
        most = Math.max(most, sockets.filter(({ destroyed }) => !destroyed).length);
        callback(...args);
      });
    const sender = senderOver(counting, { connectionsPerOriginMax: 3 });
    for (let round = 0; round < 3; round += 1) {
      receiver.script(...[reset, answerThenClose, answer({}), answer({}), reset]);
      await Promise.all(Array.from({ length: 12 }, () => sender.send(pushTo(receiver.url))));
    }
    expect(most).toBe(3);
  });
});

describe('a connection', () => {
  it('to an IPv6 literal has brackets in the host and none elsewhere', async () => {
    const receiver = await receiverOf(answer({}), { host: '::1' });
    const held = heldConnector();
    const sent = senderOver(held.connect).send(pushTo(receiver.url));
    await held.asked[0]?.();
    expect(await sent).toMatchObject({ status: 204 });
    expect(receiver.requests[0]?.headers.host).toBe(`[::1]:${receiver.port}`);
  });

  it('that the network breaks is broken, whatever the network calls it', async () => {
    const receiver = await receiverOf(hang);
    const held = heldConnector();
    const sent = senderOver(held.connect).send(pushTo(receiver.url));
    await held.asked[0]?.();
    await receiver.next();
    held.sockets[0]?.destroy(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }));
    expect(await sent).toMatchObject({ stage: 'reset', code: 'EHOSTUNREACH' });
  });

  it('whose answer came before the request was written is not used again', async () => {
    let connections = 0;
    const server = await startBareServer((socket) => {
      connections += 1;
      socket.pause().write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n');
    });
    cleanups.push(server.close);
    const connect = createGuard({ allow: ['127.0.0.1'] }).connector();
    const sender = senderOver(connect, { connectionsPerOriginMax: 1 });
    const body = Buffer.alloc(32 * 1_024 * 1_024);
    expect(await sender.send(pushTo(server.url, { body }))).toMatchObject({ status: 413 });
    expect(await sender.send(pushTo(server.url))).toMatchObject({ status: 413 });
    expect(connections).toBe(2);
  });
});
