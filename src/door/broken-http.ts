/** Answers what is no HTTP request. There is no path yet, so no dialect: the plain shape is used. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../events/problem.ts';
import { plainProblem } from './answer.ts';

const problems: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new Problem('request-timeout', 'the request came in too slowly'),
  HPE_HEADER_OVERFLOW: new Problem('headers-too-large', 'the headers are too large'),
};
const unreadable = new Problem('malformed-body', 'this is not an HTTP request');

/** For the server's `clientError`; the connection cannot be used any more. */
export function answerBrokenHttp(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = problems[error.code ?? ''] ?? unreadable;
  const context = { nowMs: 0, requestId: '', path: '' };
  const { status, contentType, body } = plainProblem(problem, context);
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${lines.join('\r\n')}\r\n\r\n${text}`);
  socket.destroySoon();
}
