// Text that PostgreSQL can store and that is safe to print.
//
// Refused are NUL and lone surrogates, which text and jsonb cannot hold, the other C0 controls except
// tab, line feed and carriage return, and DEL: none has a meaning in a message, and all can upset
// a terminal or a log. C1 controls (U+0080 to U+009F) pass: they are what text wrongly read as
// Latin-1 looks like, and an event must not be lost over it.
import { findInValue, type ValuePath } from './walk.ts';

export type BadText = 'control-character' | 'lone-surrogate';

const replacement = '\ufffd';
const utf8 = new TextEncoder();

/** The first problem of a text, or undefined when it can be stored. Linear, allocates nothing. */
export function findBadText(text: string): BadText | undefined {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isRefusedControl(unit)) return 'control-character';
    if (unit >= 0xd800 && unit <= 0xdfff) {
      if (!isPair(unit, text.charCodeAt(at + 1))) return 'lone-surrogate';
      at++;
    }
  }
  return undefined;
}

/** The first text with a problem in a value from JSON, keys included. A bad key is cleaned in the path. */
export function findBadTextDeep(value: unknown): { path: ValuePath; problem: BadText } | undefined {
  const found = findInValue(value, badTextAt);
  return found && { path: cleanPath(found.path), problem: found.problem };
}

/** For findInValue: the problem of a value's own text or of the key it stands under. */
export function badTextAt(value: unknown, key: string | number | undefined): BadText | undefined {
  const ofKey = typeof key === 'string' ? findBadText(key) : undefined;
  return ofKey ?? (typeof value === 'string' ? findBadText(value) : undefined);
}

/** A path that is safe to print and to store. */
export function cleanPath(path: ValuePath): ValuePath {
  return path.map((key) => (typeof key === 'string' ? cleanForDatabase(key) : key));
}

/** The longest beginning of the text that takes at most `bytesMax` UTF-8 bytes; splits no character. */
export function truncateUtf8(text: string, bytesMax: number): string {
  // A UTF-16 unit takes at most three bytes, so most texts need no counting.
  if (text.length * 3 <= bytesMax) return text;
  const room = new Uint8Array(Math.max(0, Math.min(bytesMax, text.length * 3)));
  return text.slice(0, utf8.encodeInto(text, room).read);
}

/** The text with each bad character replaced by U+FFFD; for what we only report, never for an event. */
export function cleanForDatabase(text: string): string {
  if (findBadText(text) === undefined) return text;
  let clean = '';
  // Iterating yields whole pairs, so a surrogate that comes alone is a lone one.
  for (const character of text) {
    clean += findBadText(character) === undefined ? character : replacement;
  }
  return clean;
}

function isRefusedControl(unit: number): boolean {
  if (unit >= 0x20) return unit === 0x7f;
  return unit !== 0x09 && unit !== 0x0a && unit !== 0x0d;
}

function isPair(high: number, low: number): boolean {
  return high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
