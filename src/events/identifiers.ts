// How the hub names things: the key under which a handling unit is found, the bucket that follows from
// it, and the shapes of identifiers. The rules and their reasons: docs/adr/0005-identifiers-and-buckets.md.
import { type CheckDigit, checkContainer, checkGs1, checkS10 } from './check-digits.ts';

export { type CheckDigit, checkContainer, checkGs1, checkImo, checkS10 } from './check-digits.ts';

export interface ReferenceDescription {
  readonly kind: 'container' | 'sscc' | 's10' | 'other';
  /** A failed check digit is worth a warning and never a refusal. */
  readonly checkDigit: CheckDigit;
}

export const bucketCount = 256;

const utf8 = new TextEncoder();

/**
 * The key under which a handling unit is found; all spellings of one number give one key, and the key
 * of a key is itself. Stored in the database, so a change of these rules needs a migration.
 *
 * - SSCC: `(00)` and 18 digits (spaces and hyphens inside do not count), `00` and 18 digits when they
 *   are exactly 20, or 18 digits alone: the 18 digits, leading zeros kept.
 * - Container shape, 4 letters and 7 digits, whatever its case, spaces and hyphens: `CSQU3054383`.
 * - Anything else: trimmed, its case kept, because order and lot numbers may be case-sensitive.
 */
export function referenceKey(reference: string): string {
  const trimmed = reference.trim();
  if (/^\d{18}$/.test(trimmed)) return trimmed;
  if (/^00\d{18}$/.test(trimmed)) return trimmed.slice(2);
  const compact = trimmed.replace(/[\s-]/g, '');
  if (/^\(00\)\d{18}$/.test(compact)) return compact.slice(4);
  if (/^[A-Za-z]{4}\d{7}$/.test(compact)) return compact.toUpperCase();
  return trimmed;
}

/** Says what a reference looks like and whether its check digit holds. Any spelling may be given. */
export function describeReference(reference: string): ReferenceDescription {
  const key = referenceKey(reference);
  const container = checkContainer(key);
  if (container !== 'none') return { kind: 'container', checkDigit: container };
  if (key.length === 18) {
    const sscc = checkGs1(key);
    if (sscc !== 'none') return { kind: 'sscc', checkDigit: sscc };
  }
  const s10 = checkS10(key);
  if (s10 !== 'none') return { kind: 's10', checkDigit: s10 };
  return { kind: 'other', checkDigit: 'none' };
}

/**
 * The bucket (0 to 255) of a key from referenceKey: FNV-1a, 32 bits, over the UTF-8 bytes (RFC 9923),
 * its four bytes then combined by exclusive or. Rows are stored under it for ever: it must never
 * change, and its vectors stand in the tests.
 */
export function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8.encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  // The lowest byte alone is never touched by the higher ones, so all four are folded into it.
  hash ^= hash >>> 16;
  return (hash ^ (hash >>> 8)) & 0xff;
}

/** SPI, the name of exactly one passage of a unit: 3 letters and 10 digits. */
export function isSpi(text: string): boolean {
  return /^[A-Z]{3}\d{10}$/.test(text);
}

/** UN/LOCODE: country, then 3 of A to Z and 2 to 9. The shape only, not that the place exists. */
export function isUnLocode(text: string): boolean {
  return /^[A-Z]{2}[A-Z2-9]{3}$/.test(text);
}

/** ISO 6346 size and type, such as `22G1`, or the older all-digit style. The shape only. */
export function isSizeType(text: string): boolean {
  return /^[0-9A-Z]{4}$/.test(text);
}
