/**
 * The head of an answer, as far as we need it (RFC 9112). Pure.
 *
 * What Node's own parser takes is taken, odd versions and reasons included, so that whoever can be
 * reached by other clients is reached by us. Refused is what two readers could understand in two ways
 * (a bare line feed, two lengths). What is odd but clear is read, and its connection not used again,
 * so what is left on it is never taken for the next answer. `differential.test.ts` lists where we and
 * undici differ, and why.
 */
import { AnswerFault } from './faults.ts';

/** `rest`: all that comes until the connection is closed. */
export type BodyLength = number | 'chunked' | 'rest';

export interface AnswerHead {
  readonly status: number;
  /** Of the head, its empty line included. */
  readonly bytes: number;
  readonly body: BodyLength;
  /** The connection may be used again after the body. */
  readonly isKept: boolean;
  /** How long the receiver keeps an idle connection, where it says so. */
  readonly keptSec: number | undefined;
  readonly retryAfter: string | undefined;
}

interface Start {
  readonly status: number;
  readonly version: string;
}

interface Fields {
  isFolded: boolean;
  length: string | undefined;
  coding: string | undefined;
  connection: string;
  keepAlive: string | undefined;
  retryAfter: string | undefined;
}

const emptyLine = Buffer.from('\r\n\r\n');
const lineEnd = '\r\n';
const beginning = 'HTTP/';
/** Some write the version of HTTP that they would rather speak. Nobody reads the reason. */
const statusLine = /^HTTP\/(0\.9|1\.\d|2\.0) ([1-9]\d\d)(?: [^\r\n]*)?$/;
/** All of them, each with the line end before it. */
const fieldLines = /^(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)*$/;
/** A line that goes on in the next one (RFC 9112, section 5.2: to be read as a blank). */
const fold = /\r\n[ \t]+/g;
const bareLineFeed = /(?:^|[^\r])\n/;
const wholeNumber = /^\d+$/;

/** Undefined while it is incomplete. Throws `AnswerFault`. */
export function readHead(bytes: Buffer, bytesMax: number): AnswerHead | undefined {
  const start = skipEmptyLines(bytes);
  const end = bytes.indexOf(emptyLine, start);
  if (end > bytesMax || (end < 0 && bytes.length > bytesMax))
    throw new AnswerFault('head-too-long');
  if (end < 0) {
    checkBegun(bytes.toString('latin1', start));
    return undefined;
  }
  const text = bytes.toString('latin1', start, end);
  const firstEnd = text.indexOf(lineEnd);
  const match = statusLine.exec(firstEnd < 0 ? text : text.slice(0, firstEnd));
  if (match === null) throw new AnswerFault('no-status');
  const lines = firstEnd < 0 ? '' : text.slice(firstEnd);
  return headOf({ status: Number(match[2]), version: match[1] ?? '' }, lines, end + 4);
}

/** Of those who end each body with a line end that they do not count. */
function skipEmptyLines(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 0x0d || bytes[at] === 0x0a) at += 1;
  return at;
}

/** What can never become a head is refused at once, not when its time is over. */
function checkBegun(text: string): void {
  if (!beginning.startsWith(text.slice(0, beginning.length))) throw new AnswerFault('no-status');
  if (bareLineFeed.test(text)) throw new AnswerFault('bare-line-feed');
}

function headOf({ status, version }: Start, lines: string, bytes: number): AnswerHead {
  const fields = fieldsOf(lines);
  // Nobody asked for another protocol.
  if (status === 101) throw new AnswerFault('upgrade');
  const body = lengthOf(status, fields);
  return {
    status,
    bytes,
    body,
    isKept: body !== 'rest' && mayKeep(version, fields) && !isOdd({ version, body }, fields),
    keptSec: keptSecOf(fields.keepAlive),
    retryAfter: fields.retryAfter,
  };
}

/** By the length of the name first: this runs for every line of every answer. */
function fieldsOf(given: string): Fields {
  const isFolded = given.includes('\r\n ') || given.includes('\r\n\t');
  const lines = isFolded ? given.replace(fold, ' ') : given;
  if (!fieldLines.test(lines)) throw new AnswerFault('bad-header');
  const fields: Fields = {
    isFolded,
    length: undefined,
    coding: undefined,
    connection: '',
    keepAlive: undefined,
    retryAfter: undefined,
  };
  for (let at = 0; at < lines.length; ) {
    const start = at + lineEnd.length;
    const next = lines.indexOf(lineEnd, start);
    at = next < 0 ? lines.length : next;
    const nameLength = lines.indexOf(':', start) - start;
    if (nameLength < 10 || nameLength > 17) continue;
    const line = lines.slice(start, at);
    note(fields, line.slice(0, nameLength).toLowerCase(), line);
  }
  return fields;
}

function note(fields: Fields, name: string, line: string): void {
  const value = () => valueIn(line, name.length + 1);
  if (name === 'connection') fields.connection += `,${value().toLowerCase()}`;
  else if (name === 'keep-alive') fields.keepAlive = value();
  else if (name === 'retry-after') fields.retryAfter ??= value();
  else if (name === 'content-length') fields.length = once(fields.length, value());
  else if (name === 'transfer-encoding') fields.coding = listed(fields.coding, value());
}

/** Without the blanks around it, which are fewer than `trim` knows. */
function valueIn(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (line[start] === ' ' || line[start] === '\t') start += 1;
  while (end > start && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return line.slice(start, end);
}

function once(before: string | undefined, value: string): string {
  if (before !== undefined && before !== value) throw new AnswerFault('two-lengths');
  return value;
}

/** A list in several lines is one list (RFC 9110, section 5.3). */
function listed(before: string | undefined, value: string): string {
  return before === undefined ? value.toLowerCase() : `${before},${value.toLowerCase()}`;
}

/** RFC 9112, section 9.3. */
function mayKeep(version: string, { connection }: Fields): boolean {
  if (connection === '') return version === '1.1';
  if (/,[ \t]*close[ \t]*(?:,|$)/.test(connection)) return false;
  return version === '1.1' || /,[ \t]*keep-alive[ \t]*(?:,|$)/.test(connection);
}

/**
 * Where others might see another end of it: a coding that the version does not know (RFC 9112,
 * section 6.1), a folded line, a body that is announced where none may be.
 */
function isOdd(
  { version, body }: { readonly version: string; readonly body: BodyLength },
  { isFolded, length, coding }: Fields,
): boolean {
  if (isFolded || (coding !== undefined && version !== '1.1')) return true;
  return body === 0 && (coding !== undefined || (length !== undefined && !/^0+$/.test(length)));
}

/** RFC 9112, section 6.3, for the answer to a POST. */
function lengthOf(status: number, { length, coding }: Fields): BodyLength {
  if (status < 200 || status === 204 || status === 304) return 0;
  if (length !== undefined && coding !== undefined) throw new AnswerFault('two-lengths');
  if (coding !== undefined) return /(?:^|,)[ \t]*chunked$/.test(coding) ? 'chunked' : 'rest';
  if (length === undefined) return 'rest';
  const bytes = wholeNumber.test(length) ? Number(length) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) throw new AnswerFault('bad-length');
  return bytes;
}

function keptSecOf(value: string | undefined): number | undefined {
  const seconds = value === undefined ? null : /\btimeout\s*=\s*(\d{1,9})/i.exec(value);
  return seconds === null ? undefined : Number(seconds[1]);
}
