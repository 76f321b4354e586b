/** Reading answers: what is understood, what is refused, and that pieces make no difference. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBodyReader } from './answer-body.ts';
import { readHead } from './answer-head.ts';

const bytesMax = 16_384;
const headOf = (text: string) => readHead(Buffer.from(`${text}\r\n\r\n`, 'latin1'), bytesMax);

describe('the head of an answer', () => {
  it.each([
    ['HTTP/1.1 204 No Content', { status: 204, body: 0, isKept: true }],
    ['HTTP/1.1 204', { status: 204, body: 0, isKept: true }],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 9', { status: 304, body: 0 }],
    ['HTTP/1.1 200 OK\r\nContent-Length: 12', { body: 12, isKept: true }],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5', { body: 5 }],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked', { body: 'chunked', isKept: true }],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip', { body: 'rest', isKept: false }],
    ['HTTP/1.1 200 OK', { body: 'rest', isKept: false }],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: x, Close', { isKept: false }],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0', { isKept: false }],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0\r\nConnection: Keep-Alive', { isKept: true }],
    ['HTTP/1.1 200 OK\r\nKeep-Alive: max=9, timeout=5', { keptSec: 5 }],
    ['HTTP/1.1 503 Busy\r\nRetry-After:  7 \r\nretry-after: 8', { retryAfter: '7' }],
    ['HTTP/1.1 103 Early\r\nretry-after: 9', { status: 103, body: 0 }],
    ['\r\n\r\nHTTP/1.1 204 No Content', { status: 204, body: 0, isKept: true }],
    ['HTTP/1.1 200 \x01\x7f \xe9\r\ncontent-length: 1', { status: 200, body: 1 }],
    ['HTTP/2.0 200 OK\r\ncontent-length: 1', { status: 200, body: 1, isKept: false }],
    ['HTTP/0.9 200 OK\r\ncontent-length: 1', { status: 200, body: 1, isKept: false }],
    ['HTTP/1.2 200 OK\r\ncontent-length: 1', { status: 200, body: 1, isKept: false }],
    ['HTTP/1.1 200 OK\r\ncontent-length: \t 0000000000000000000012\t', { body: 12 }],
    ['HTTP/1.1 429 X\r\nretry-after:\r\n\t 7\r\ncontent-length: 1', { retryAfter: '7', body: 1 }],
    ['HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 1', { body: 1, isKept: false }],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding:\r\n chunked', { body: 'chunked', isKept: false }],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n \r\nx: y', { body: 'chunked' }],
    [
      'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\nTransfer-Encoding: Chunked',
      { body: 'chunked', isKept: true },
    ],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: identity', { body: 'rest', isKept: false }],
    ['HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\nconnection: keep-alive', { isKept: false }],
    ['HTTP/1.0 204 X\r\nconnection: keep-alive\r\nconnection: close', { isKept: false }],
    ['HTTP/1.1 204 X\r\nconnection: not-close', { isKept: true }],
    ['HTTP/1.1 204 X\r\ncontent-length: 0', { body: 0, isKept: true }],
    ['HTTP/1.1 204 X\r\ncontent-length: 2', { body: 0, isKept: false }],
    ['HTTP/1.1 204 X\r\ntransfer-encoding: chunked', { body: 0, isKept: false }],
  ])('%j', (text, expected) => {
    expect(headOf(text)).toMatchObject({ ...expected, bytes: text.length + 4 });
  });

  it.each([
    ['HTTP/2 200 OK', 'no-status'],
    ['HTTP/1.1 20 OK', 'no-status'],
    ['HTTP/1.1 2000', 'no-status'],
    ['http/1.1 200 OK', 'no-status'],
    ['HTTP/1.1 200\tOK', 'no-status'],
    ['HTTP/1.1 200 O\rK', 'no-status'],
    ['HTTP/1.1 200 OK\n', 'no-status'],
    ['HTTP/1.1 200 OK\r\n folded: line', 'bad-header'],
    ['HTTP/1.1 200 OK\r\nname\r\n : value', 'bad-header'],
    ['HTTP/1.1 200 OK\r\nname : value', 'bad-header'],
    ['HTTP/1.1 200 OK\r\nname: a\nb: c', 'bad-header'],
    ['HTTP/1.1 200 OK\r\nname: a\0', 'bad-header'],
    ['HTTP/1.1 200 OK\r\nnothing', 'bad-header'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6', 'two-lengths'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked', 'two-lengths'],
    ['HTTP/1.1 200 OK\r\ncontent-length: +5', 'bad-length'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5, 5', 'bad-length'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\n 2', 'bad-length'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\xa0', 'bad-length'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 9007199254740992', 'bad-length'],
    ['HTTP/1.1 200 OK\r\ncontent-length:', 'bad-length'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: identity', 'two-lengths'],
    ['HTTP/1.1 101 Switching\r\nupgrade: x', 'upgrade'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(bytesMax)}`, 'head-too-long'],
  ])('%j is refused', (text, code) => {
    expect(() => headOf(text)).toThrow(expect.objectContaining({ code }));
  });

  it('is waited for, unless it cannot become one', () => {
    for (const text of ['', '\r\n', '\r\nHT', 'HT', 'HTTP/1.1 200 OK\r\nx: y\r\n']) {
      expect(readHead(Buffer.from(text), bytesMax)).toBeUndefined();
    }
    expect(() => readHead(Buffer.from('SSH'), bytesMax)).toThrow('no-status');
    for (const text of ['HTTP/1.1 200 OK\nx: y\n\n', 'HTTP/1.1 200 OK\r\nx: y\n\r\n']) {
      expect(() => readHead(Buffer.from(text), bytesMax)).toThrow('bare-line-feed');
    }
    expect(() => readHead(Buffer.alloc(bytesMax + 1, '\r\n'), bytesMax)).toThrow('head-too-long');
    const endless = Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(bytesMax)}`);
    expect(() => readHead(endless, bytesMax)).toThrow('head-too-long');
  });
});

/** The body in `bytes` when they come in pieces of these sizes, and what is left behind it. */
function readIn(sizes: readonly number[], length: number | 'chunked', bytes: Buffer) {
  const kept: Buffer[] = [];
  const reader = createBodyReader(length, (part) => kept.push(Buffer.from(part)));
  let at = 0;
  for (let turn = 0; at < bytes.length && !reader.isDone(); turn += 1) {
    const piece = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
    at += reader.take(piece, 0);
  }
  return { body: Buffer.concat(kept).toString(), isDone: reader.isDone(), left: bytes.length - at };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 });
const parts = fc.array(fc.string({ minLength: 1, maxLength: 60 }), { maxLength: 6 });

describe('the body of an answer', () => {
  it('in chunks is the same in whatever pieces it comes', () => {
    fc.assert(
      fc.property(
        parts,
        sizes,
        fc.constantFrom('', ' ', ';x=1', ' ;a="b"'),
        (texts, pieces, extra) => {
          const chunks = texts.map((text) => {
            const size = Buffer.byteLength(text).toString(16);
            return `${size.padStart(text.length, '0')}${extra}\r\n${text}\r\n`;
          });
          const bytes = Buffer.from(`${chunks.join('')}0\r\ntrailer: x\r\n\r\nnext`);
          const whole = { body: texts.join(''), isDone: true };
          expect(readIn(pieces, 'chunked', bytes)).toMatchObject(whole);
          expect(readIn([bytes.length], 'chunked', bytes)).toEqual({ ...whole, left: 4 });
        },
      ),
    );
  });

  it('of a length ends there', () => {
    fc.assert(
      fc.property(fc.string(), sizes, (text, pieces) => {
        const bytes = Buffer.from(text);
        const whole = { body: text, isDone: true, left: 0 };
        expect(readIn(pieces, bytes.length, bytes)).toEqual(whole);
      }),
    );
    expect(readIn([9], 3, Buffer.from('abcdef'))).toEqual({ body: 'abc', isDone: true, left: 3 });
  });

  it.each(['x\r\n', '-1\r\n', '1\n', '1\r\nab\r\n', '0\r\nx\n', '1 2\r\n', 'fffffffffffff\r\n'])(
    'with %j for a chunk is refused',
    (text) => {
      expect(() => readIn([99], 'chunked', Buffer.from(text))).toThrow('bad-chunk');
    },
  );

  it('has no endless lines and no endless trailers', () => {
    expect(() => readIn([99], 'chunked', Buffer.from(`1;${'x'.repeat(2_000)}`))).toThrow(
      'bad-chunk',
    );
    const trailers = `0\r\n${`x: ${'y'.repeat(500)}\r\n`.repeat(40)}`;
    expect(() => readIn([999], 'chunked', Buffer.from(trailers))).toThrow('bad-chunk');
  });
});
