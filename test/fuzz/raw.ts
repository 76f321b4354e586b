/** Bytes on a connection, for what no HTTP client would send. */
import { connect } from 'node:net';

/**
 * All that the hub says until it closes the connection, or until its first complete head when it
 * keeps the connection open. `isOver` closes our side after the bytes.
 */
export function say(hub: string, bytes: string | Buffer, isOver = false): Promise<string> {
  const { hostname, port } = new URL(hub);
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes);
      if (isOver) socket.end();
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      said += text;
      // What was only half sent makes the hub wait for the rest: its answer is all there is.
      if (said.includes('\r\n\r\n') && !isOver) socket.end();
    });
    socket.on('close', () => resolve(said));
    socket.on('error', (error) => (said === '' ? reject(error) : resolve(said)));
  });
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const post = 'POST /hub/v1/events HTTP/1.1';
const json = 'Content-Type: application/json';

/** About each: what it is, its bytes. None is a request that may be obeyed. */
export const brokenHttp: readonly (readonly [about: string, bytes: string | Buffer])[] = [
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['a TLS greeting', Buffer.from('160301020001000001fc0303', 'hex')],
  ['an unknown version', head('GET /readyz HTTP/9.9', 'Host: x')],
  ['no host', head('GET /hub/v1/events HTTP/1.1')],
  [
    'bytes that a path cannot hold',
    Buffer.from('GET /hub/v1/\xff\x00 HTTP/1.1\r\nHost: x\r\n\r\n', 'latin1'),
  ],
  [
    'a line break in a header',
    head('GET /hub/v1/events HTTP/1.1', 'Host: x', 'Authorization: a\rb'),
  ],
  ['a header without a name', head('GET /hub/v1/events HTTP/1.1', 'Host: x', ': x')],
  [
    'headers of 100 KB',
    head('GET /hub/v1/events HTTP/1.1', 'Host: x', `X: ${'x'.repeat(100_000)}`),
  ],
  ['a target of 100 KB', head(`GET /hub/v1/${'x'.repeat(100_000)} HTTP/1.1`, 'Host: x')],
  ['a negative length', `${head(post, 'Host: x', json, 'Content-Length: -1')}{}`],
  ['two lengths', `${head(post, 'Host: x', json, 'Content-Length: 2', 'Content-Length: 3')}{} `],
  [
    'a length and chunks',
    `${head(post, 'Host: x', json, 'Content-Length: 2', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ],
  [
    'chunks that are none',
    `${head(post, 'Host: x', json, 'Transfer-Encoding: chunked')}zz\r\n{}\r\n`,
  ],
  ['an unknown transfer encoding', `${head(post, 'Host: x', json, 'Transfer-Encoding: gzip')}{}`],
  ['more body than told', `${head(post, 'Host: x', json, 'Content-Length: 1')}{}garbage\r\n\r\n`],
  ['two hosts', head('GET /hub/v1/events HTTP/1.1', 'Host: x', 'Host: y')],
  ['an expectation', `${head(post, 'Host: x', json, 'Expect: tea', 'Content-Length: 2')}{}`],
];
