/**
 * JSON values whose numbers keep their digits: `12.50` stays `12.50`, and thirty digits stay thirty. A
 * number that a double would print otherwise stands in the value as a mark: a text that begins with
 * NUL, which no text from outside holds (text.ts), so none can be taken for one.
 */

const mark = '\u0000';
const printedMark = /"\\u0000([^"]*)"/g;

/** `text` must be a JSON text that `parseJson` has accepted; its byte-order mark is skipped. */
export function parseWithDigits(text: string): unknown {
  return JSON.parse(markNumbers(text.startsWith('\ufeff') ? text.slice(1) : text));
}

/** The JSON text of a value from `parseWithDigits`, or of parts of one, each number as it came. */
export function stringifyWithDigits(value: unknown): string {
  const text = JSON.stringify(value);
  // A search costs next to nothing, a replacement that finds nothing as much as the printing.
  return text.includes('"\\u0000') ? text.replace(printedMark, '$1') : text;
}

/** What a number of such a value counts, as near as a double comes to it; undefined for no number. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.startsWith(mark) ? Number(value.slice(1)) : undefined;
}

/** Puts the mark where it is needed; most texts come back as they are. Linear, no recursion. */
function markNumbers(text: string): string {
  let marked = '';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) at = stringEnd(text, at);
    else if (unit === 0x2d || isDigit(unit)) {
      const end = numberEnd(text, at);
      const digits = text.slice(at, end);
      if (String(Number(digits)) !== digits) {
        marked += `${text.slice(copied, at)}"\\u0000${digits}"`;
        copied = end;
      }
      at = end - 1;
    }
  }
  return copied === 0 ? text : marked + text.slice(copied);
}

/** Index of the quote that closes the string opened at `start`. Searched, not walked: most is text. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === 0x5c) at--;
  return (quote - at) % 2 === 0;
}

/** Index behind the number that begins at `start`: behind its last digit, sign, point or exponent. */
function numberEnd(text: string, start: number): number {
  let end = start + 1;
  while (isOfNumber(text.charCodeAt(end))) end++;
  return end;
}

function isOfNumber(unit: number): boolean {
  if (isDigit(unit) || unit === 0x2e || unit === 0x2d) return true;
  // e E +
  return unit === 0x65 || unit === 0x45 || unit === 0x2b;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}
