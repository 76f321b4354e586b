/**
 * The rule for webhook addresses. SOGET publishes a pattern (API Tracking Code v1, property `url`)
 * that costs exponential time on hostile input. This scanner takes every usable address which that
 * pattern takes, in linear time, and more: ports, query strings, upper case, percent-encoding,
 * one-label host names and IP literals. Where a callback may go is not decided here but by the
 * operator's allow list.
 */

/** Ours: the published pattern has no maximum. */
export const URL_CHARS_MAX = 2_048;

/** `rule` names what is broken, for the error answer. */
export type CallbackUrl =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly rule: 'maxLength' | 'url'; readonly message: string };

/** As much of a string as the scanner uses, so that a test can count how often it looks. */
export interface Characters {
  readonly length: number;
  charCodeAt(at: number): number;
}

export type Scan =
  | { readonly ok: true; readonly hasScheme: boolean; readonly end: number }
  | { readonly ok: false; readonly message: string };

/**
 * The address as an absolute http or https URL. Without a scheme it is https (ours). Spaces inside
 * the path become `%20`, spaces at the end are dropped, as every URL parser does.
 */
export function parseCallbackUrl(text: string): CallbackUrl {
  if (text.length > URL_CHARS_MAX) return tooLong();
  const scan = scanUrl(text);
  if (!scan.ok) return refuse(scan.message);
  const absolute = `${scan.hasScheme ? '' : 'https://'}${text.slice(0, scan.end)}`;
  if (!URL.canParse(absolute)) return refuse('the host or the port is not usable');
  const url = new URL(absolute);
  if (!isUsableHost(url.hostname)) return refuse('the host name has an empty or too long label');
  if (url.port === '0') return refuse('port 0 cannot be called');
  return url.href.length > URL_CHARS_MAX ? tooLong() : { ok: true, url: url.href };
}

/**
 * Checks the characters and finds the parts, from left to right and never back: host, port, path,
 * query. What the parts mean is left to the URL parser.
 */
export function scanUrl(text: Characters): Scan {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--;
  const hostStart = schemeLength(text);
  const hostEnd = endOfHost(text, hostStart, end);
  if (hostEnd === hostStart) return stop('a host name is expected');
  let at = hostEnd;
  if (at < end && text.charCodeAt(at) === COLON) {
    at = runEnd(text, { from: at + 1, end }, isDigit);
    if (at === hostEnd + 1) return stop('only http:// and https:// are taken, or a port after ":"');
  }
  if (at < end && text.charCodeAt(at) !== SLASH && text.charCodeAt(at) !== QUESTION) {
    return stop(`the character at position ${at + 1} does not belong into a host or port`);
  }
  const bad = firstBadInTail(text, at, end);
  if (bad < end) return stop(`the character at position ${bad + 1} must be percent-encoded`);
  return { ok: true, hasScheme: hostStart > 0, end };
}

const SPACE = 0x20;
const PERCENT = 0x25;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;

/** 7 or 8 for a scheme, in any case; 0 where there is none. */
function schemeLength(text: Characters): number {
  for (const scheme of ['http://', 'https://']) {
    let at = 0;
    while (at < scheme.length && lower(text.charCodeAt(at)) === scheme.charCodeAt(at)) at++;
    if (at === scheme.length) return at;
  }
  return 0;
}

/** Where the host ends; `from` itself when there is none. */
function endOfHost(text: Characters, from: number, end: number): number {
  if (from < end && text.charCodeAt(from) === LEFT_BRACKET) {
    const close = runEnd(text, { from: from + 1, end }, isAddressCharacter);
    return close < end && text.charCodeAt(close) === RIGHT_BRACKET ? close + 1 : from;
  }
  return runEnd(text, { from, end }, isHostCharacter);
}

/** The first character that a path or query cannot hold (RFC 3986, 3.3 and 3.4), or `end`. */
function firstBadInTail(text: Characters, from: number, end: number): number {
  let inQuery = false;
  let at = from;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === PERCENT) {
      if (!isHex(text.charCodeAt(at + 1)) || !isHex(text.charCodeAt(at + 2))) return at;
      at += 2;
    } else if (code === QUESTION) {
      inQuery = true;
    } else if (!isPathCharacter(code) && (code !== SPACE || inQuery)) {
      return at;
    }
    at++;
  }
  return at;
}

function runEnd(
  text: Characters,
  { from, end }: { from: number; end: number },
  fits: (code: number) => boolean,
): number {
  let at = from;
  while (at < end && fits(text.charCodeAt(at))) at++;
  return at;
}

/** DNS limits, RFC 1035 section 2.3.4; one dot at the end is the root and stands for nothing. */
function isUsableHost(hostname: string): boolean {
  if (hostname.startsWith('[')) return true;
  const labels = (hostname.endsWith('.') ? hostname.slice(0, -1) : hostname).split('.');
  return hostname.length <= 254 && labels.every((label) => label !== '' && label.length <= 63);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHex(code: number): boolean {
  return isDigit(code) || (lower(code) >= 0x61 && lower(code) <= 0x66);
}

function isLetter(code: number): boolean {
  return lower(code) >= 0x61 && lower(code) <= 0x7a;
}

/** Underscores are no host names by RFC 1123, but private networks use them. */
function isHostCharacter(code: number): boolean {
  return isLetter(code) || isDigit(code) || HOST_MARKS.has(code);
}

function isAddressCharacter(code: number): boolean {
  return isHex(code) || code === COLON || code === 0x2e;
}

function isPathCharacter(code: number): boolean {
  return isLetter(code) || isDigit(code) || PATH_MARKS.has(code);
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

const codesOf = (text: string): ReadonlySet<number> =>
  new Set([...text].map((character) => character.charCodeAt(0)));
const HOST_MARKS = codesOf('.-_');
const PATH_MARKS = codesOf("/-._~!$&'()*+,;=:@");

function stop(message: string): Scan {
  return { ok: false, message };
}

function refuse(message: string): CallbackUrl {
  return { ok: false, rule: 'url', message };
}

function tooLong(): CallbackUrl {
  return { ok: false, rule: 'maxLength', message: `longer than ${URL_CHARS_MAX} characters` };
}
