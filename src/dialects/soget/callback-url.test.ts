// Webhook addresses: what SOGET's pattern takes is taken, more is taken on purpose, and no input is slow.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Characters, parseCallbackUrl, scanUrl, URL_CHARS_MAX } from './callback-url.ts';

// The language of the published pattern, written without its nested repetition: safe on short texts.
const published = /^(https?:\/\/)?[\da-z.-]+\.[a-z.]{2,6}[/\w .-]*$/;

describe('parseCallbackUrl takes', () => {
  it.each([
    ['https://my-webhook-endpoints.com', 'https://my-webhook-endpoints.com/'],
    ['example.com', 'https://example.com/'],
    ['hook.test/path', 'https://hook.test/path'],
    ['http://hook.test/path', 'http://hook.test/path'],
    ['https://example.com/ABC_d-e.f', 'https://example.com/ABC_d-e.f'],
    ['https://x.technology/y', 'https://x.technology/y'],
    ['http://hub.internal/x', 'http://hub.internal/x'],
    ['https://xn--caf-dma.fr/x', 'https://xn--caf-dma.fr/x'],
    ['https://example.com/a b', 'https://example.com/a%20b'],
    ['https://example.com/a  ', 'https://example.com/a'],
    ['https://a.co.', 'https://a.co./'],
    // What the published pattern refuses, and we take.
    ['http://localhost/hook', 'http://localhost/hook'],
    ['http://localhost:8080/hook', 'http://localhost:8080/hook'],
    ['localhost:8080/hook', 'https://localhost:8080/hook'],
    ['https://example.com:8443/x', 'https://example.com:8443/x'],
    ['https://example.com?y=1', 'https://example.com/?y=1'],
    ['https://example.com/x?y=1&z=/?', 'https://example.com/x?y=1&z=/?'],
    ['https://example.com/~x/x,y;z@w', 'https://example.com/~x/x,y;z@w'],
    ['https://example.com/a%20b%2Fc', 'https://example.com/a%20b%2Fc'],
    ['HTTPS://EXAMPLE.COM/x', 'https://example.com/x'],
    ['http://10.0.0.1/x', 'http://10.0.0.1/x'],
    ['http://2130706433/x', 'http://127.0.0.1/x'],
    ['http://[::1]:9090/x', 'http://[::1]:9090/x'],
    ['https://my_host.com/x', 'https://my_host.com/x'],
  ])('%j', (text, url) => expect(parseCallbackUrl(text)).toEqual({ ok: true, url }));

  it('the longest address', () => {
    const text = `https://a.co/${'x'.repeat(URL_CHARS_MAX - 13)}`;
    expect(parseCallbackUrl(text)).toEqual({ ok: true, url: text });
  });
});

describe('parseCallbackUrl refuses', () => {
  it.each([
    '',
    ' ',
    'https://',
    'https:///x',
    '//example.com',
    '/x',
    'ftp://example.com',
    'javascript:alert(1)',
    'https://a..b',
    'https://.a.co',
    'https://a.co.5',
    'https://a.co /x',
    ' https://a.co',
    `https://${'a'.repeat(64)}.co`,
    `https://${'a.'.repeat(127)}com`,
    'https://user:pw@example.com/x',
    'https://user@example.com/x',
    'https://münchen.de/x',
    'https://example.com/é',
    'https://example.com/#x',
    'https://example.com/x?a b',
    'https://example.com/100%',
    'https://example.com/%zz',
    'https://example.com/a\\b',
    'https://example.com/a\tb',
    'https://example.com/a\nb',
    'https://example.com/a\u0000b',
    'https://exa\nmple.com/',
    'https://example.com:/x',
    'https://example.com:0/x',
    'https://example.com:65536/x',
    'https://example.com:80a/x',
    'https://[::1',
    'https://[::1]x/',
    'https://[]/',
    'https://[zz]/',
    'https://xn--a.co/',
  ])('%j', (text) => {
    expect(parseCallbackUrl(text)).toMatchObject({ ok: false, rule: 'url' });
  });

  it('what is too long, before or after encoding', () => {
    const tooLong = { ok: false, rule: 'maxLength' };
    const before = `https://a.co/${'x'.repeat(URL_CHARS_MAX - 12)}`;
    const after = `https://a.co/${' x'.repeat(URL_CHARS_MAX / 2 - 7)}`;
    expect(parseCallbackUrl(before)).toMatchObject(tooLong);
    expect(after.length).toBeLessThan(URL_CHARS_MAX);
    expect(parseCallbackUrl(after)).toMatchObject(tooLong);
  });
});

describe('the published pattern', () => {
  const pieces = fc.constantFrom(
    ...['http://', 'https://', 'a', 'Z', '9', 'co', 'com', 'xn--', '.', '..', '-', '_', '/', ' '],
  );
  const likely = fc.array(pieces, { maxLength: 12 }).map((chosen) => chosen.join(''));
  const host = fc.stringMatching(/^(https?:\/\/)?[a-z][\da-z-]{0,5}\.[a-z.]{2,6}$/);
  const tail = fc.stringMatching(/^(\/[/\w .-]{0,12}|[/\w .-]{0,3})$/);
  const shaped = fc.tuple(host, tail).map(([start, end]) => start + end);
  const shapes = { arbitrary: shaped, weight: 4 };
  const texts = fc.oneof(likely, shapes, fc.string({ maxLength: 40 }));

  it('takes nothing usable that we refuse', () => {
    let taken = 0;
    fc.assert(
      fc.property(texts, (text) => {
        if (!published.test(text)) return;
        const absolute = /^https?:\/\//.test(text) ? text : `https://${text}`;
        if (!URL.canParse(absolute)) return;
        const url = new URL(absolute);
        // No resolver can look up a name with an empty label.
        if (/^\.|\.\./.test(url.hostname)) return;
        taken++;
        expect(parseCallbackUrl(text)).toEqual({ ok: true, url: url.href });
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it('whatever is taken is an http or https URL with a host and without credentials', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseCallbackUrl(text);
        if (!parsed.ok) return;
        const url = new URL(parsed.url);
        expect(url.href).toBe(parsed.url);
        expect(['http:', 'https:']).toContain(url.protocol);
        expect(url.hostname).not.toBe('');
        expect(url.username + url.password + url.hash).toBe('');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('time', () => {
  function readsOf(text: string): number {
    let reads = 0;
    const counted: Characters = {
      length: text.length,
      charCodeAt(at) {
        reads++;
        return text.charCodeAt(at);
      },
    };
    scanUrl(counted);
    return reads;
  }

  // Trailing spaces, then the parts, each looked at once, with its first character looked at twice more;
  // a percent sign looks two ahead.
  const readsMax = (length: number) => 3 * length + 30;
  const long = 100_000;

  it.each([
    [
      'letters and a mark, which the published pattern doubles on',
      `https://a.co/${'n'.repeat(long)}!`,
    ],
    ['dots', `${'.'.repeat(long)}!`],
    ['hyphens', `${'-'.repeat(long)}#`],
    ['spaces', `a.co/${' '.repeat(long)}#`],
    ['only spaces', ' '.repeat(long)],
    ['percent signs', `a.co/${'%20'.repeat(long)}%`],
    ['slashes', `http://${'/'.repeat(long)}`],
    ['digits as port', `a:${'9'.repeat(long)}x`],
    ['an address without end', `[${':'.repeat(long)}`],
    ['question marks', `a?${'?'.repeat(long)}#`],
  ])('grows with the length only: %s', (_what, text) => {
    expect(readsOf(text)).toBeLessThanOrEqual(readsMax(text.length));
  });

  it('grows with the length only, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(readsOf(text)).toBeLessThanOrEqual(readsMax(text.length));
      }),
    );
  });
});
