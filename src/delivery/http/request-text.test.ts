import { describe, expect, it } from 'vitest';
import { requestStart, requestText } from './request-text.ts';

const start = requestStart('example.com:8443', '/hook?a=b');

describe('a request', () => {
  it('is written down with its length in bytes', () => {
    const { head, body, isOneText } = requestText(start, { 'webhook-id': '1' }, '{"a":"é"}');
    expect(head).toBe(
      'POST /hook?a=b HTTP/1.1\r\nhost: example.com:8443\r\nconnection: keep-alive\r\n' +
        'webhook-id: 1\r\ncontent-length: 10\r\n\r\n',
    );
    expect({ body, isOneText }).toEqual({ body: '{"a":"é"}', isOneText: true });
  });

  it('is not written as one text where a header is Latin-1, or the body bytes', () => {
    expect(requestText(start, { x: 'é' }, '{}').isOneText).toBe(false);
    expect(requestText(start, {}, Buffer.from('{}')).isOneText).toBe(false);
  });

  it.each([
    ['a b', 'x'],
    ['', 'x'],
    ['x\r\ny', 'x'],
    ['x', 'a\r\nb: c'],
    ['x', 'a\0'],
    ['x', '€'],
    ['Host', 'elsewhere'],
    ['content-length', '0'],
    ['Transfer-Encoding', 'chunked'],
  ])('with the header %j: %j is refused', (name, value) => {
    expect(() => requestText(start, { [name]: value }, '{}')).toThrow('header');
  });
});
