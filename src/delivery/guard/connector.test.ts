/** Names, DNS and TLS: what the connector does with the addresses it is given. */
import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createServer, type Socket as TcpSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { answer, type Receiver, startReceiver } from '../../../test/support/receiver.ts';
import { createSender, type Sender, type SendResult } from '../send.ts';
import { createGuard } from './index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function receiverOf(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const receiver = await startReceiver(...args);
  cleanups.push(receiver.close);
  return receiver;
}

/** `answers`: what DNS says the first time, the second time and so on; the last stays. */
function senderOf(options: {
  allow: string[];
  answers?: string[][];
  resolver?: (host: string) => Promise<readonly string[]>;
  ca?: string;
  connectTimeoutMs?: number;
}): Sender & { lookups: string[] } {
  const lookups: string[] = [];
  const { allow, answers = [], ca, connectTimeoutMs = 5_000 } = options;
  const scripted = async (host: string): Promise<readonly string[]> => {
    lookups.push(host);
    return answers[Math.min(lookups.length, answers.length) - 1] ?? [];
  };
  const sender = createSender({
    guard: createGuard({ allow, resolver: options.resolver ?? scripted }),
    limits: { connectTimeoutMs },
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  cleanups.push(sender.close);
  return { ...sender, lookups };
}

function post(sender: Sender, url: string): Promise<SendResult> {
  return sender.send({ url, headers: {}, body: '{}', timeoutMs: 5_000 });
}

const refused = { outcome: 'failed', stage: 'address', code: 'address-refused' };
const answered = { outcome: 'answered', status: 204 };

describe('several addresses', () => {
  it.each([
    [['127.0.0.1', '10.0.0.1']],
    [['10.0.0.1', '127.0.0.1']],
    [['127.0.0.1', '::1']],
    [['127.0.0.1', 'fe80::1%eth0']],
    [['127.0.0.1', '127.1']],
    [['127.0.0.1', '']],
  ])('%j is refused for the one that is not allowed', async (answers) => {
    const receiver = await receiverOf();
    const sender = senderOf({ allow: ['127.0.0.1'], answers: [answers] });
    const result = await post(sender, `http://hooks.example.com:${receiver.port}/`);
    expect(result).toMatchObject(refused);
    expect(receiver.connectionCount).toBe(0);
  });

  it('are tried in turn', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ allow: ['127.0.0.0/8'], answers: [['127.0.0.2', '127.0.0.1']] });
    const result = await post(sender, `http://hooks.example.com:${receiver.port}/`);
    expect(result).toMatchObject(answered);
  });

  it('are tried although the first swallows what is sent to it', async () => {
    const tls = makeCertificate('hooks.example.com');
    const receiver = await receiverOf(undefined, { tls });
    await silentAt('127.0.0.2', receiver.port);
    const answers = [['127.0.0.2', '127.0.0.1']];
    const allow = ['127.0.0.0/8'];
    const sender = senderOf({ allow, answers, ca: tls.cert, connectTimeoutMs: 1_000 });
    const url = `https://hooks.example.com:${receiver.port}/`;
    expect(await post(sender, url)).toMatchObject(answered);
  });

  it('of an allowed name are not looked at', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ allow: ['hooks.example.com'], answers: [['127.0.0.1']] });
    expect(await post(sender, `http://HOOKS.example.com:${receiver.port}/`)).toMatchObject(
      answered,
    );
    expect(await post(sender, `http://www.example.com:${receiver.port}/`)).toMatchObject(refused);
    expect(receiver.connectionCount).toBe(1);
  });
});

describe('rebinding', () => {
  it('the vetted address is the one connected to: DNS is asked once per connection', async () => {
    const receiver = await receiverOf();
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    const sender = senderOf({ allow: ['127.0.0.1'], answers });
    const url = `http://hooks.example.com:${receiver.port}/`;

    expect(await post(sender, url)).toMatchObject(answered);
    expect(sender.lookups).toEqual(['hooks.example.com']);
    expect(receiver.requests[0]?.headers.host).toBe(`hooks.example.com:${receiver.port}`);
  });

  it('a new connection is vetted anew', async () => {
    const closing = answer({ headers: { connection: 'close' } });
    const receiver = await receiverOf(closing);
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    const sender = senderOf({ allow: ['127.0.0.1'], answers });
    const url = `http://hooks.example.com:${receiver.port}/`;

    const closed = receiver.connectionClosed();
    expect(await post(sender, url)).toMatchObject(answered);
    await closed;
    expect(await post(sender, url)).toMatchObject(refused);
    expect(receiver.connectionCount).toBe(1);
  });

  it('by a real DNS server that changes its answer', async () => {
    const receiver = await receiverOf(answer({ headers: { connection: 'close' } }));
    const dns = await startDns(['127.0.0.1', '127.0.0.2']);
    const client = new Resolver({ timeout: 2_000, tries: 1 });
    client.setServers([`127.0.0.1:${dns.port}`]);
    const resolver = (host: string) => client.resolve4(host);
    const sender = senderOf({ allow: ['127.0.0.1'], resolver });
    const url = `http://rebind.example.com:${receiver.port}/`;

    const closed = receiver.connectionClosed();
    expect(await post(sender, url)).toMatchObject(answered);
    await closed;
    expect(await post(sender, url)).toMatchObject(refused);
    expect(receiver.connectionCount).toBe(1);
    expect(dns.queries()).toBe(2);
  });
});

describe('names that do not resolve', () => {
  it('are failures of DNS', async () => {
    const error = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
    const sender = senderOf({ allow: [], resolver: () => Promise.reject(error) });
    const result = await post(sender, 'http://hooks.example.com/');
    expect(result).toMatchObject({ outcome: 'failed', stage: 'dns', code: 'ENOTFOUND' });
  });

  it('without an answer too', async () => {
    const sender = senderOf({ allow: [], answers: [[]] });
    const result = await post(sender, 'http://hooks.example.com/');
    expect(result).toMatchObject({ outcome: 'failed', stage: 'dns', code: 'ENODATA' });
  });

  it('with a resolver that hangs, and only one lookup of a name runs at a time', async () => {
    let lookups = 0;
    const resolver = (): Promise<string[]> => {
      lookups += 1;
      return new Promise(() => undefined);
    };
    const sender = senderOf({ allow: [], resolver, connectTimeoutMs: 20 });
    const url = 'http://hooks.example.com/';
    const results = await Promise.all([post(sender, url), post(sender, url), post(sender, url)]);
    for (const result of results)
      expect(result).toMatchObject({ stage: 'dns', code: 'dns-timeout' });
    expect(lookups).toBe(1);
  });
});

describe('TLS', () => {
  it.each(['hooks.example.com', 'hooks.example.com.'])('verifies the name %s', async (host) => {
    const tls = makeCertificate('hooks.example.com');
    const receiver = await receiverOf(undefined, { tls });
    const sender = senderOf({ allow: ['127.0.0.1'], answers: [['127.0.0.1']], ca: tls.cert });
    expect(await post(sender, `https://${host}:${receiver.port}/`)).toMatchObject(answered);
  });

  it('keeps a connection for the next push', async () => {
    const tls = makeCertificate('hooks.example.com');
    const receiver = await receiverOf(undefined, { tls });
    const sender = senderOf({ allow: ['127.0.0.1'], answers: [['127.0.0.1']], ca: tls.cert });
    const url = `https://hooks.example.com:${receiver.port}/`;
    for (let count = 0; count < 3; count += 1) {
      expect(await post(sender, url)).toMatchObject(answered);
    }
    expect(receiver.connectionCount).toBe(1);
  });

  it('refuses a certificate for another name', async () => {
    const tls = makeCertificate('other.example.com');
    const receiver = await receiverOf(undefined, { tls });
    const sender = senderOf({ allow: ['127.0.0.1'], answers: [['127.0.0.1']], ca: tls.cert });
    const result = await post(sender, `https://hooks.example.com:${receiver.port}/`);
    expect(result).toMatchObject({ stage: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(receiver.requests).toHaveLength(0);
  });

  it('refuses an unknown authority', async () => {
    const tls = makeCertificate('hooks.example.com');
    const receiver = await receiverOf(undefined, { tls });
    const sender = senderOf({ allow: ['127.0.0.1'], answers: [['127.0.0.1']] });
    const result = await post(sender, `https://hooks.example.com:${receiver.port}/`);
    expect(result).toMatchObject({ stage: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('refuses a receiver that speaks plain HTTP', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ allow: ['127.0.0.1'], answers: [['127.0.0.1']] });
    const result = await post(sender, `https://hooks.example.com:${receiver.port}/`);
    expect(result).toMatchObject({ outcome: 'failed', stage: 'tls' });
  });
});

/** Takes connections and never says a word. */
async function silentAt(host: string, port: number): Promise<void> {
  const sockets: TcpSocket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
}

/** A DNS server for A records: one answer per query, in order; the last one stays. */
async function startDns(answers: string[]): Promise<{ port: number; queries: () => number }> {
  let queries = 0;
  const socket: Socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const address = answers[Math.min(queries, answers.length - 1)] ?? '';
    queries += 1;
    socket.send(dnsAnswer(query, address), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { port: socket.address().port, queries: () => queries };
}

/** RFC 1035: the question again, and one A record with a TTL of 0 that points back to its name. */
function dnsAnswer(query: Buffer, address: string): Buffer {
  let end = 12;
  while (query[end] !== 0) end += (query[end] ?? 0) + 1;
  const question = query.subarray(12, end + 5);
  const header = Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  query.copy(header, 0, 0, 2);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
  return Buffer.concat([header, question, record, Buffer.from(address.split('.').map(Number))]);
}
