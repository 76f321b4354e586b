/** The sender against receivers that answer, well or badly, in time or not. */
import { describe, expect, it } from 'vitest';
import { answer, type Behaviour, endless, hang, stall } from '../../test/support/receiver.ts';
import { pushTo, useSenders } from '../../test/support/sender.ts';

const { receiverOf, senderOf } = useSenders();

/** A gate that a behaviour waits at. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('a push', () => {
  it.each([
    ['text', '{"place":"Le Havre – Ämter","n":1}'],
    ['bytes', Buffer.from([0x7b, 0x22, 0xff, 0x00, 0x7d])],
  ])('arrives byte for byte as %s', async (_kind, body) => {
    const receiver = await receiverOf();
    const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1' };
    const url = `${receiver.url}/hook/a?b=c%20d`;
    const result = await senderOf().send(pushTo(url, { headers, body }));

    expect(result).toMatchObject({ outcome: 'answered', status: 204, responseText: '' });
    expect(Number.isInteger(result.durationMs)).toBe(true);
    const [received] = await receiver.next();
    expect(received).toMatchObject({ method: 'POST', path: '/hook/a?b=c%20d', headers });
    expect(received?.body.equals(Buffer.from(body))).toBe(true);
    expect(received?.headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  it('uses one connection again and again', async () => {
    const receiver = await receiverOf(answer({ status: 200, body: 'ok' }));
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    for (let count = 0; count < 20; count += 1) {
      const result = await sender.send(pushTo(receiver.url));
      expect(result).toMatchObject({ outcome: 'answered', status: 200, responseText: 'ok' });
    }
    expect(receiver.connectionCount).toBe(1);
  });

  it('never opens more connections to an origin than allowed', async () => {
    const { opened, open } = gate();
    const receiver = await receiverOf(answer({ until: opened }));
    const sender = senderOf({ connectionsPerOriginMax: 2 });
    const sent = Array.from({ length: 6 }, () => sender.send(pushTo(receiver.url)));
    await receiver.next(2);
    open();
    for (const result of await Promise.all(sent)) expect(result).toMatchObject({ status: 204 });
    expect(receiver.connectionCount).toBe(2);
  });

  it('goes out although its origin was pushed out of the set of pools', async () => {
    const receivers = [await receiverOf(), await receiverOf(), await receiverOf()];
    const sender = senderOf({ originsMax: 1, urlsCachedMax: 1 });
    const twice = [...receivers, ...receivers];
    const results = await Promise.all(twice.map(({ url }) => sender.send(pushTo(url))));
    expect(results.map((result) => result.outcome)).toEqual(twice.map(() => 'answered'));
  });
});

describe('an answer', () => {
  it.each([200, 202, 299, 300, 304, 400, 404, 410, 413, 429, 500, 503, 599])(
    '%i is reported as it is',
    async (status) => {
      const receiver = await receiverOf(answer({ status }));
      const result = await senderOf().send(pushTo(receiver.url));
      expect(result).toMatchObject({ outcome: 'answered', status });
    },
  );

  it.each([301, 302, 303, 307, 308])('%i is not followed', async (status) => {
    const inside = await receiverOf();
    const headers = { location: `${inside.url}/admin` };
    const receiver = await receiverOf(answer({ status, headers }));
    const result = await senderOf().send(pushTo(receiver.url));
    expect(result).toMatchObject({ outcome: 'answered', status });
    expect(inside.connectionCount).toBe(0);
  });

  it.each([
    ['exactly the limit', 'x'.repeat(1024), 'x'.repeat(1024)],
    ['one more', 'x'.repeat(1025), 'x'.repeat(1024)],
    ['a character across the limit', `${'x'.repeat(1022)}€€`, 'x'.repeat(1022)],
    ['a character up to the limit', `${'x'.repeat(1021)}€€`, `${'x'.repeat(1021)}€`],
    ['NUL', 'a\0b', 'a\ufffdb'],
    ['bytes that are no text', Buffer.from([0x61, 0xff, 0xc3, 0x28]), 'a\ufffd\ufffd('],
    ['a surrogate written as UTF-8', Buffer.from([0xed, 0xa0, 0x80]), '\ufffd\ufffd\ufffd'],
  ])('keeps the beginning of the body: %s', async (_name, body, expected) => {
    const receiver = await receiverOf(answer({ status: 200, body }));
    const result = await senderOf().send(pushTo(receiver.url));
    expect(result).toHaveProperty('responseText', expected);
  });

  it.each([
    ['of 1 MB', answer({ status: 200, body: 'x'.repeat(1_000_000) })],
    ['without end', endless],
  ])('%s is cut off at once, and the next push goes out', async (_name, behaviour) => {
    const receiver = await receiverOf();
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    receiver.script(behaviour);
    const closed = receiver.connectionClosed();
    // Longer than the test may take: it is the length that closes the connection, not the time.
    const result = await sender.send(pushTo(receiver.url, { timeoutMs: 600_000 }));
    expect(result).toMatchObject({ status: 200, responseText: 'x'.repeat(1024) });
    await closed;
    expect(await sender.send(pushTo(receiver.url))).toMatchObject({ status: 204 });
  });

  it('a little longer than what is kept leaves the connection usable', async () => {
    const receiver = await receiverOf(answer({ status: 200, body: 'x'.repeat(5_000) }));
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    await sender.send(pushTo(receiver.url));
    await sender.send(pushTo(receiver.url));
    expect(receiver.connectionCount).toBe(1);
  });

  it.each([
    ['7', 7],
    ['0', 0],
    ['99999999', 86_400],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90],
    ['Thursday, 01-Jan-26 00:01:30 GMT', 90],
    ['Thu Jan  1 00:01:30 2026', 90],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['Sun, 01 Feb 2026 00:00:00 GMT', 86_400],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['2026-01-01T00:01:30Z', undefined],
  ])('with Retry-After: %s', async (value, expected) => {
    const receiver = await receiverOf(answer({ status: 503, headers: { 'Retry-After': value } }));
    const result = await senderOf().send(pushTo(receiver.url));
    expect(result.outcome === 'answered' && result.retryAfterSec).toBe(expected);
  });

  it.each([
    ['stops', stall(202, 'begun'), 'begun'],
    ['breaks', brokenBody, 'begun'],
  ])('whose body %s still counts: the status has come', async (_name, behaviour, text) => {
    const receiver = await receiverOf(behaviour);
    const result = await senderOf().send(pushTo(receiver.url, { timeoutMs: 100 }));
    expect(result).toMatchObject({ outcome: 'answered', responseText: text });
  });
});

function brokenBody(...[, response]: Parameters<Behaviour>): void {
  response.writeHead(200, { 'content-length': '100' });
  response.write('begun', () => response.socket?.end());
}

describe('time', () => {
  it('runs out on a receiver that hangs', async () => {
    const receiver = await receiverOf(hang);
    const closed = receiver.connectionClosed();
    const sent = senderOf().send(pushTo(receiver.url, { timeoutMs: 50 }));
    await closed;
    expect(await sent).toMatchObject({ stage: 'timeout', code: 'answer-timeout' });
  });

  it('does not run out on an answer that came while the process stood still', async () => {
    const { opened, open } = gate();
    const receiver = await receiverOf(answer({ until: opened }));
    const sent = senderOf().send(pushTo(receiver.url, { timeoutMs: 300 }));
    await receiver.next();
    open();
    // The receiver answers in this process too: let it, and then hold everything up.
    await new Promise(setImmediate);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await sent).toMatchObject({ outcome: 'answered', status: 204 });
  });

  it('runs out while waiting for a connection, which is left to the one that has it', async () => {
    const { opened, open } = gate();
    const receiver = await receiverOf(answer({ until: opened }));
    const sender = senderOf({ connectionsPerOriginMax: 1 });
    const first = sender.send(pushTo(receiver.url));
    await receiver.next();
    const second = await sender.send(pushTo(receiver.url, { timeoutMs: 20 }));
    expect(second).toMatchObject({ stage: 'timeout', code: 'connect-timeout' });
    open();
    expect(await first).toMatchObject({ status: 204 });
    expect(await sender.send(pushTo(receiver.url))).toMatchObject({ status: 204 });
    expect(receiver.connectionCount).toBe(1);
    expect(receiver.requests).toHaveLength(2);
  });

  it('is cut short by the caller', async () => {
    const receiver = await receiverOf(hang);
    const controller = new AbortController();
    const sender = senderOf();
    const sent = sender.send(pushTo(receiver.url, { signal: controller.signal }));
    await receiver.next();
    controller.abort();
    expect(await sent).toMatchObject({ stage: 'aborted', code: 'aborted' });
    const again = await sender.send(pushTo(receiver.url, { signal: controller.signal }));
    expect(again).toMatchObject({ stage: 'aborted', code: 'aborted' });
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('close', () => {
  it('lets what is under way finish and takes nothing new', async () => {
    const { opened, open } = gate();
    const receiver = await receiverOf(answer({ until: opened }));
    const sender = senderOf();
    const sent = sender.send(pushTo(receiver.url));
    await receiver.next();
    const closed = receiver.connectionClosed();
    const closing = sender.close();
    expect(await sender.send(pushTo(receiver.url))).toMatchObject({ code: 'closed' });
    open();
    expect(await sent).toMatchObject({ status: 204 });
    await closing;
    await closed;
    expect(receiver.requests).toHaveLength(1);
  });
});
