/**
 * The head of an answer, as far as we need it (RFC 9112). Pure.
 *
 * Strict on purpose: whatever two readers could understand in two ways (a bare line feed, a folded
 * line, two lengths) is refused, so what is left on a connection is never taken for the next answer.
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

interface Fields {
  length: string | undefined;
  coding: string | undefined;
  connection: string;
  keepAlive: string | undefined;
  retryAfter: string | undefined;
}

const emptyLine = Buffer.from('\r\n\r\n');
const lineEnd = '\r\n';
const beginning = 'HTTP/1.';
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/** All of them, each with the line end before it. */
const fieldLines = /^(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)*$/;
const wholeNumber = /^\d{1,15}$/;

/** Undefined while it is incomplete. Throws `AnswerFault`. */
export function readHead(bytes: Buffer, bytesMax: number): AnswerHead | undefined {
  const end = bytes.indexOf(emptyLine);
  if (end > bytesMax || (end < 0 && bytes.length > bytesMax))
    throw new AnswerFault('head-too-long');
  if (end < 0) {
    const begun = bytes.toString('latin1', 0, beginning.length);
    if (!beginning.startsWith(begun)) throw new AnswerFault('no-status');
    return undefined;
  }
  const text = bytes.toString('latin1', 0, end);
  const firstEnd = text.indexOf(lineEnd);
  const match = statusLine.exec(firstEnd < 0 ? text : text.slice(0, firstEnd));
  if (match === null) throw new AnswerFault('no-status');
  const lines = firstEnd < 0 ? '' : text.slice(firstEnd);
  return headOf({ status: Number(match[2]), isOld: match[1] === '0' }, lines, end + 4);
}

function headOf(
  { status, isOld }: { readonly status: number; readonly isOld: boolean },
  lines: string,
  bytes: number,
): AnswerHead {
  const fields = fieldsOf(lines);
  // Nobody asked for another protocol.
  if (status === 101) throw new AnswerFault('upgrade');
  const body = lengthOf(status, fields);
  const isKept = mayKeep(isOld, fields.connection);
  return {
    status,
    bytes,
    body,
    isKept: isKept && body !== 'rest',
    keptSec: keptSecOf(fields.keepAlive),
    retryAfter: fields.retryAfter,
  };
}

/** By the length of the name first: this runs for every line of every answer. */
function fieldsOf(lines: string): Fields {
  if (!fieldLines.test(lines)) throw new AnswerFault('bad-header');
  const fields: Fields = {
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
  const value = () => line.slice(name.length + 1).trim();
  if (name === 'connection') fields.connection += ` ${value().toLowerCase()}`;
  else if (name === 'keep-alive') fields.keepAlive = value();
  else if (name === 'retry-after') fields.retryAfter ??= value();
  else if (name === 'content-length') fields.length = once(fields.length, value());
  else if (name === 'transfer-encoding') fields.coding = once(fields.coding, value().toLowerCase());
}

function once(before: string | undefined, value: string): string {
  if (before !== undefined && before !== value) throw new AnswerFault('two-lengths');
  return value;
}

function mayKeep(isOld: boolean, connection: string): boolean {
  if (connection === '') return !isOld;
  return isOld ? /\bkeep-alive\b/.test(connection) : !/\bclose\b/.test(connection);
}

/** RFC 9112, section 6.3, for the answer to a POST. */
function lengthOf(status: number, { length, coding }: Fields): BodyLength {
  if (status < 200 || status === 204 || status === 304) return 0;
  if (length !== undefined && coding !== undefined) throw new AnswerFault('two-lengths');
  if (coding !== undefined) return /(?:^|,)[ \t]*chunked$/.test(coding) ? 'chunked' : 'rest';
  if (length === undefined) return 'rest';
  if (!wholeNumber.test(length)) throw new AnswerFault('bad-length');
  return Number(length);
}

function keptSecOf(value: string | undefined): number | undefined {
  const seconds = value === undefined ? null : /\btimeout\s*=\s*(\d{1,9})/i.exec(value);
  return seconds === null ? undefined : Number(seconds[1]);
}
