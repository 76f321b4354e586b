// Hashes of text: for stored secrets, for comparing, and for telling duplicates.
import { hash, timingSafeEqual } from 'node:crypto';

export type FingerprintPart = string | number | undefined | null;

/** SHA-256 of the UTF-8 bytes, 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** SHA-256 of the UTF-8 bytes, 43 characters of base64url without padding. */
export function sha256Base64Url(text: string): string {
  return hash('sha256', text, 'base64url');
}

/**
 * One UUID for a list of parts, the same for ever for the same parts; the duplicate key of events.
 *
 * Each part is written with its kind and length, so that no two lists read alike: `['a','bc']`,
 * `['ab','c']`, `['abc', '']`, `[1]` and `['1']` all differ. Undefined and null both mean "absent" and are
 * alike, but differ from ''. SHA-256 is cut to 128 bits, of which version 8 (RFC 9562, "custom") and
 * variant take 6: the version keeps a fingerprint from being taken for an id of the hub.
 */
export function fingerprintUuid(parts: readonly FingerprintPart[]): string {
  let encoded = '';
  for (const part of parts) encoded += encodePart(part);
  // Of 64 digits the first 32 count; two of them give way to version and variant.
  const digest = sha256Hex(encoded);
  const variant = variants[Number.parseInt(digest.charAt(16), 16) & 0x3];
  const head = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}`;
  return `${head}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

const variants = ['8', '9', 'a', 'b'];

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function timingSafeEqualText(left: string, right: string): boolean {
  // Digests have one length, which timingSafeEqual demands.
  return timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
}

function encodePart(part: FingerprintPart): string {
  if (typeof part === 'string') return `s${part.length}:${part}`;
  if (part === undefined || part === null) return '-';
  const text = String(part);
  return `n${text.length}:${text}`;
}
