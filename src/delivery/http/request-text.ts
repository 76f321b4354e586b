/** A POST as it goes over the wire. Pure. */
import { RequestFault } from './faults.ts';

export interface RequestText {
  readonly head: string;
  readonly body: string | Buffer;
  /** Head and body may be written as one UTF-8 text. */
  readonly isOneText: boolean;
}

/** Ours to set: they say where the request ends, and to whom it goes. */
const reserved: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const plainValue = /^[\t\x20-\x7e]*$/;
/** Others are taken for Latin-1. */
const anyValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is the same in all requests to an address. `path` and `host` come from a parsed URL. */
export function requestStart(host: string, path: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
}

/** Throws `RequestFault`. */
export function requestText(
  start: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): RequestText {
  let head = start;
  let isPlain = true;
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (!plainValue.test(value)) isPlain = false;
    checkField(name, value);
    head += `${name}: ${value}\r\n`;
  }
  head += `content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return { head, body, isOneText: isPlain && typeof body === 'string' };
}

function checkField(name: string, value: string): void {
  if (!token.test(name)) throw new RequestFault('a header has a name that is none');
  if (reserved.has(name.toLowerCase())) throw new RequestFault(`the header ${name} is not free`);
  if (!anyValue.test(value)) throw new RequestFault(`the header ${name} has a wrong character`);
}
