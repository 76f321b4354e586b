/** What the guard says about a URL's text, before any connection. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGuard } from './index.ts';

const strict = createGuard({ allow: [] });

describe('refused for its form', () => {
  it.each([
    ['', 'not-a-url'],
    ['hooks.example.com/x', 'not-a-url'],
    ['//hooks.example.com/x', 'not-a-url'],
    ['http://', 'not-a-url'],
    ['http:hooks.example.com', 'not-a-url'],
    ['http:/hooks.example.com', 'not-a-url'],
    ['http:///hooks.example.com', 'not-a-url'],
    ['http:\\\\hooks.example.com', 'not-a-url'],
    ['http://hooks.example.com\\@127.0.0.1/', 'not-a-url'],
    [' http://hooks.example.com/', 'not-a-url'],
    ['http://hooks.example.com/ x', 'not-a-url'],
    ['ht\ntp://hooks.example.com/', 'not-a-url'],
    ['http://hooks.example.com/\u0000', 'not-a-url'],
    ['http://256.256.256.256/', 'not-a-url'],
    ['http://1.2.3.4.5/', 'not-a-url'],
    ['http://[127.0.0.1]/', 'not-a-url'],
    ['http://[fe80::1%25lo]/', 'not-a-url'],
    ['http://[fe80::1%lo]/', 'not-a-url'],
    ['http://hooks.example.com:99999/', 'not-a-url'],
    ['ftp://hooks.example.com/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://127.0.0.1:6379/_x', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['unix:///var/run/docker.sock', 'scheme'],
    ['http://user:secret@hooks.example.com/', 'credentials'],
    ['http://user@hooks.example.com/', 'credentials'],
    ['http://:secret@hooks.example.com/', 'credentials'],
    ['http://hooks.example.com:0/', 'port'],
    ['http://hooks.example.com:25/', 'port'],
    ['https://hooks.example.com:22/', 'port'],
    ['http://.hooks.example.com/', 'host'],
    ['http://hooks..example.com/', 'host'],
    [`http://hooks.example.com/${'x'.repeat(2_048)}`, 'too-long'],
  ])('%j is %s', (url, code) => {
    const checked = strict.checkUrl(url);
    expect(checked).toMatchObject({ ok: false, code });
    expect(checked).toHaveProperty('message', expect.not.stringContaining('secret'));
  });
});

describe('accepted', () => {
  it.each([
    ['https://hooks.example.com', 'https://hooks.example.com/'],
    ['HTTPS://Hooks.Example.com:443/a', 'https://hooks.example.com/a'],
    ['http://hooks.example.com:8080/a?b=c&d', 'http://hooks.example.com:8080/a?b=c&d'],
    ['https://hooks.example.com./a', 'https://hooks.example.com./a'],
    ['https://hooks.example.com/a#part', 'https://hooks.example.com/a'],
    ['https://bücher.example/é', 'https://xn--bcher-kva.example/%C3%A9'],
    ['https://local.example/', 'https://local.example/'],
    ['https://notlocalhost/', 'https://notlocalhost/'],
    ['http://93.184.215.14/', 'http://93.184.215.14/'],
    ['http://172.15.255.255/', 'http://172.15.255.255/'],
    ['http://172.32.0.1/', 'http://172.32.0.1/'],
    ['http://100.128.0.1/', 'http://100.128.0.1/'],
    ['http://[2606:4700:4700::1111]/', 'http://[2606:4700:4700::1111]/'],
  ])('%s becomes %s', (url, href) => {
    const checked = strict.checkUrl(url);
    expect(checked.ok && checked.url.href).toBe(href);
  });
});

describe('the allow-list', () => {
  const guard = createGuard({ allow: ['10.1.0.0/16', 'fd00:1::/32', 'Terminal.Internal.'] });

  it.each([
    ['http://10.1.2.3/', true],
    ['http://10.2.2.3/', false],
    ['http://[::ffff:10.1.2.3]/', true],
    ['http://[64:ff9b::10.1.2.3]/', false],
    ['http://[fd00:1::9]/', true],
    ['http://[fd00:2::9]/', false],
    ['http://terminal.internal/', true],
    ['http://TERMINAL.internal./', true],
    ['http://a.terminal.internal/', false],
    ['http://localhost/', false],
  ])('%s: %s', (url, ok) => {
    expect(guard.checkUrl(url).ok).toBe(ok);
  });

  it('lets localhost through to the connector when it names loopback', () => {
    const loopback = createGuard({ allow: ['::1/128'] });
    expect(loopback.checkUrl('http://localhost:8080/').ok).toBe(true);
    expect(loopback.checkUrl('http://db.internal/').ok).toBe(false);
  });
});

/** One of the ways WHATWG URLs may spell an IPv4 address: 1 to 4 parts, each in its own base. */
function spell(octets: readonly number[], parts: number, bases: readonly number[]): string {
  const last = octets.slice(parts - 1).reduce((sum, octet) => sum * 256 + octet, 0);
  const numbers = [...octets.slice(0, parts - 1), last];
  const prefix: Record<number, string> = { 8: '0', 16: '0x' };
  return numbers
    .map((value, index) => {
      const base = bases[index] ?? 10;
      return (prefix[base] ?? '') + value.toString(base);
    })
    .join('.');
}

describe('properties', () => {
  it('an address is judged the same in every spelling', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    // Half of the addresses come from the private ranges, which chance alone would seldom hit.
    const first = fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 224, 255);
    const biased = fc.tuple(first, octets).map(([head, [, b, c, d]]) => [head, b, c, d]);
    const bases = fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(octets, biased), fc.integer({ min: 1, max: 4 }), bases, (a, n, b) => {
        const plain = strict.checkUrl(`http://${a.join('.')}/`);
        expect(strict.checkUrl(`http://${spell(a, n, b)}/`).ok).toBe(plain.ok);
      }),
      { numRuns: 2_000 },
    );
  });

  it('no text makes it throw, and what it accepts is http(s) without credentials', () => {
    const text = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.string().map((rest) => `http://${rest}`),
    );
    fc.assert(
      fc.property(text, (url) => {
        const checked = strict.checkUrl(url);
        if (!checked.ok) return;
        expect(['http:', 'https:']).toContain(checked.url.protocol);
        expect(checked.url.username + checked.url.password + checked.url.hash).toBe('');
      }),
      { numRuns: 2_000 },
    );
  });
});
