// JSON as it comes from outside: bounded in depth, storable in PostgreSQL, harmless to merge.
//
// This stands on the way of every request. One pass over the raw text bounds the depth before
// anything is built, and notices whether a closer look is needed; the parsed value is walked only then.
import { badTextAt, cleanPath } from './text.ts';
import { findInValue, type ValuePath } from './walk.ts';

export type JsonErrorCode =
  | 'malformed'
  | 'too-deep'
  | 'bad-text'
  | 'number-range'
  | 'forbidden-key';

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly code: JsonErrorCode;
      readonly message: string;
      /** Where in the value; absent for `malformed` and `too-deep`. */
      readonly path?: ValuePath;
    };

export interface JsonLimits {
  /** Deepest nesting of arrays and objects; `[[]]` is 2 deep. */
  readonly depthMax: number;
  /**
   * True keeps text that cannot be stored; the caller then looks for it, part by part. Asked only
   * where there may be some.
   */
  readonly isBadTextKept?: () => boolean;
}

type Look = 'too-deep' | 'plain' | 'closer';
type Fault = Exclude<JsonErrorCode, 'malformed' | 'too-deep'>;

// A bad character can come raw or as \u, \b or \f; a pair of surrogates costs a walk, no more.
const maybeBadText = /\\[ubf]|[\u007f\ud800-\udfff]/;
// A double ends at about 1.8e308: fewer digits than this, without an exponent, always fit.
const digitsAlwaysInRange = 308;

const faultMessages: Record<Fault, string> = {
  'bad-text': 'text contains a control character or half a surrogate pair',
  'number-range': 'number is too large',
  'forbidden-key': 'this member name is not allowed',
};

/**
 * Parses a JSON text (RFC 8259). A byte-order mark at the start is skipped. Beyond syntax it refuses:
 * nesting over the limit, text that cannot be stored (see text.ts), numbers that overflow a double, and
 * the member names `__proto__` and `constructor` holding `prototype`, which poison a careless merge.
 * Of a member named twice the last one counts, as JSON.parse does. The size is the caller's to limit.
 */
export function parseJson(text: string, limits: JsonLimits): ParsedJson {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (body.trim() === '') return { ok: false, code: 'malformed', message: 'the body is empty' };
  const look = lookOver(body, limits.depthMax);
  if (look === 'too-deep') {
    const message = `the body is nested more than ${limits.depthMax} levels deep`;
    return { ok: false, code: 'too-deep', message };
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { ok: false, code: 'malformed', message: malformedMessage(error) };
  }
  const isPlain = look === 'plain' && !mayHideFault(body);
  return isPlain ? { ok: true, value } : inspect(value, limits);
}

/** Whether a JSON text may hold text that cannot be stored; then the value is to be looked through. */
export function mayHoldBadText(body: string): boolean {
  return maybeBadText.test(body);
}

// Native searches: far cheaper than testing each character in our loop.
function mayHideFault(body: string): boolean {
  return mayHoldBadText(body) || body.includes('__proto__') || body.includes('constructor');
}

function inspect(value: unknown, { isBadTextKept }: JsonLimits): ParsedJson {
  const found = findInValue(value, isBadTextKept?.() === true ? shapeFaultAt : faultAt);
  if (found === undefined) return { ok: true, value };
  const { problem: code } = found;
  return { ok: false, code, message: faultMessages[code], path: cleanPath(found.path) };
}

function faultAt(value: unknown, key: string | number | undefined): Fault | undefined {
  return shapeFaultAt(value, key) ?? (badTextAt(value, key) && 'bad-text');
}

function shapeFaultAt(value: unknown, key: string | number | undefined): Fault | undefined {
  if (key === '__proto__') return 'forbidden-key';
  if (key === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype')) {
    return 'forbidden-key';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'number-range';
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Measures depth and finds numbers that may overflow, without building anything. Linear. */
function lookOver(body: string, depthMax: number): Look {
  let depth = 0;
  let digits = 0;
  let look: Look = 'plain';
  for (let at = 0; at < body.length; at++) {
    const unit = body.charCodeAt(at);
    if (unit >= 0x30 && unit <= 0x39) {
      if (++digits > digitsAlwaysInRange) look = 'closer';
      continue;
    }
    if (unit === 0x22) {
      at = stringEnd(body, at);
      if (at === -1) return look;
    } else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > depthMax) return 'too-deep';
    } else if (unit === 0x5d || unit === 0x7d) {
      depth--;
    } else if (digits > 0 && (unit === 0x65 || unit === 0x45)) {
      look = 'closer';
    }
    digits = 0;
  }
  return look;
}

/** Index of the quote that closes the string opened at `start`, or -1. */
function stringEnd(body: string, start: number): number {
  let end = body.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(body, end)) end = body.indexOf('"', end + 1);
  return end;
}

// Counts the backslashes before a quote. They end at the quote before it, so all counts together
// are no longer than the text.
function isEscaped(body: string, quote: number): boolean {
  let at = quote - 1;
  while (body.charCodeAt(at) === 0x5c) at--;
  return (quote - at) % 2 === 0;
}

// The engine's own message repeats the input and differs between versions; only its position is kept.
function malformedMessage(error: unknown): string {
  const position =
    error instanceof Error ? / at position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined
    ? 'the body is not valid JSON'
    : `the body is not valid JSON at position ${position}`;
}
