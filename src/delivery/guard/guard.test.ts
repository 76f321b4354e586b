/**
 * Invariant 7: no request leaves for an address that the operator has not allowed. Every spelling
 * is tried twice against a real listener: through the sender, and past the URL check straight at
 * the connector. The listener must count no connection.
 */
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../../test/support/receiver.ts';
import { createSender, type Sender } from '../send.ts';
import { createGuard, type Guard } from './index.ts';

const LOOPBACK_SPELLINGS = [
  ['127.0.0.1', '127.1', '127.0.1', '127.0.0.1.', '2130706433', '0x7f000001', '0X7F.1'],
  ['0x7f.0.0.1', '0177.0.0.1', '017700000001', '0177.1', '127.0.0.0x1', '127.0.0.01'],
  ['１２７.０.０.１', '①②⑦.⓪.⓪.①', '127。0。0。1', '127．0．0．1', '127｡0｡0｡1'],
  ['%31%32%37.0.0.1', '127%2e0%2e0%2e1', '127.0.0.1%2e', '[::ffff:127.0.0.1]'],
  ['[::ffff:7f00:1]', '[::FFFF:127.0.0.1]', '[0:0:0:0:0:ffff:7f00:1]'],
].flat();

const OTHER_ADDRESSES = [
  // this host, this network
  ['0', '0x0', '0.0.0.0', '0.1.2.3', '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '127.255.255.254'],
  // private, shared, link local, metadata
  ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
  ['100.100.100.200', '169.254.0.1', '169.254.169.254', '0xa9fea9fe', '2852039166'],
  ['168.63.129.16', '192.0.0.192', '[fd00:ec2::254]', '[fd20:ce::254]', '[fc00::1]', '[fe80::1]'],
  ['[febf::1]', '[fec0::1]', '[::ffff:169.254.169.254]', '[::ffff:10.0.0.1]'],
  // documentation, benchmarking, multicast, reserved, deprecated
  ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '192.88.99.1'],
  ['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '[ff02::1]', '[2001:db8::1]'],
  [
    '[3fff::1]',
    '[2001:2::1]',
    '[2001:10::1]',
    '[2001:20::1]',
    '[100::1]',
    '[5f00::1]',
    '[4000::1]',
  ],
  // IPv4 wrapped in IPv6: compatible, translated, NAT64, 6to4, Teredo, ISATAP
  [
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::a00:1]',
  ],
  ['[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::1]', '[2001:0:7f00:1::]'],
  ['[2606:4700::5efe:7f00:1]', '[2606:4700::200:5efe:127.0.0.1]'],
].flat();

const PRIVATE_NAMES = [
  [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'hooks.localhost',
    'ｌocalhost',
    'localhost.localdomain',
  ],
  ['ip6-localhost', 'metadata', 'metadata.google.internal', 'METADATA.google.internal.'],
  ['printer.local', 'router.home.arpa', 'db.internal'],
].flat();

let receiver: Receiver;
let strict: Guard;
let sender: Sender;

beforeAll(async () => {
  receiver = await startReceiver();
  // Whatever name is asked for, DNS leads to the listener.
  strict = createGuard({ allow: [], resolver: async () => ['127.0.0.1'] });
  sender = createSender({ guard: strict });
});

afterAll(async () => {
  await sender.close();
  await receiver.close();
});

const request = { headers: {}, body: '{}', timeoutMs: 5_000 };

/** Past the URL check: only the connector is in the way. */
async function askConnector(guard: Guard, url: string): Promise<unknown> {
  const pool = new Pool(new URL(url).origin, { connect: guard.connector() });
  try {
    const { statusCode, body } = await pool.request({ path: '/', method: 'POST', body: '{}' });
    await body.dump();
    return { statusCode };
  } catch (error) {
    return error;
  } finally {
    await pool.destroy();
  }
}

describe('with an empty allow-list, nothing reaches the listener by', () => {
  it.each([...LOOPBACK_SPELLINGS, ...OTHER_ADDRESSES])('the address %s', async (host) => {
    const url = `http://${host}:${receiver.port}/`;
    expect(strict.checkUrl(url)).toMatchObject({ ok: false, code: 'address' });
    expect(await sender.send({ ...request, url })).toMatchObject({
      outcome: 'failed',
      stage: 'address',
      code: 'url-address',
    });
    expect(await askConnector(strict, url)).toMatchObject({ code: 'address-refused' });
    expect(receiver.connectionCount).toBe(0);
  });

  it.each(PRIVATE_NAMES)('the name %s', async (host) => {
    const url = `http://${host}:${receiver.port}/`;
    expect(strict.checkUrl(url)).toMatchObject({ ok: false, code: 'host' });
    expect(await sender.send({ ...request, url })).toMatchObject({ code: 'url-host' });
    expect(await askConnector(strict, url)).toMatchObject({ code: 'address-refused' });
    expect(receiver.connectionCount).toBe(0);
  });

  it('a public name that DNS leads inside, and the subscriber is not told where', async () => {
    const url = `http://hooks.example.com:${receiver.port}/`;
    expect(strict.checkUrl(url)).toMatchObject({ ok: true });
    const result = await sender.send({ ...request, url });
    expect(result).toMatchObject({ stage: 'address', code: 'address-refused' });
    expect(result).toHaveProperty('message', expect.not.stringContaining('127'));
    expect(result).toHaveProperty('addressDetail', expect.stringContaining('127.0.0.1'));
    expect(receiver.connectionCount).toBe(0);
  });
});

// The control: without it, the tests above would also pass with a listener nobody can reach.
describe('with loopback allowed, the same listener is reached by', () => {
  it.each(LOOPBACK_SPELLINGS)('the address %s', async (host) => {
    const open = createGuard({ allow: ['127.0.0.0/8'] });
    const url = `http://${host}:${receiver.port}/`;
    expect(open.checkUrl(url)).toMatchObject({ ok: true });
    expect(await askConnector(open, url)).toEqual({ statusCode: 204 });
  });
});
