/** Reads what we keep of an answer: the value of Retry-After and the beginning of the body. */

const RETRY_AFTER_SEC_MAX = 24 * 60 * 60;

/**
 * Seconds to wait, 0 to 24 h, rounded up; `undefined` when the value is neither a number of
 * seconds nor an HTTP date. Source: RFC 9110, sections 10.2.3 and 5.6.7 (three date formats).
 */
export function parseRetryAfter(value: string, nowMs: number): number | undefined {
  if (/^\d{1,15}$/.test(value)) return Math.min(Number(value), RETRY_AFTER_SEC_MAX);
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value)) return undefined;
  // The asctime format carries no zone, and HTTP dates are always in UTC.
  const atMs = Date.parse(/ GMT$/.test(value) ? value : `${value} GMT`);
  if (Number.isNaN(atMs)) return undefined;
  const waitSec = Math.ceil((atMs - nowMs) / 1000);
  return Math.min(Math.max(waitSec, 0), RETRY_AFTER_SEC_MAX);
}

/**
 * The first `bytesMax` bytes of the chunks as text: invalid UTF-8 becomes U+FFFD, and so does NUL,
 * which PostgreSQL refuses. A character cut in two by the limit is left out.
 */
export function decodeText(chunks: readonly Buffer[], bytesMax: number): string {
  const [first, ...others] = chunks;
  if (first === undefined) return '';
  const whole = others.length === 0 ? first : Buffer.concat(chunks);
  const kept = whole.length > bytesMax ? dropPartialCharacter(whole, bytesMax) : whole;
  const text = kept.toString('utf8');
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

/** Cuts at `end`, or up to three bytes before it when a UTF-8 character straddles it. */
function dropPartialCharacter(bytes: Buffer, end: number): Buffer {
  let cut = end;
  while (cut > end - 3 && isContinuation(bytes[cut])) cut -= 1;
  return bytes.subarray(0, isContinuation(bytes[cut]) ? end : cut);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
