/**
 * Random secrets and the hashes under which they are stored. They hold 256 random bits, so one
 * round of SHA-256 is enough: there is nothing to guess, unlike with a human's password.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Random bytes by kind. A client id is a name, not a secret, but nobody should meet it by chance. */
const RANDOM_BYTES = { app_: 16, secret_: 32, pk_: 32, adm_: 32 };

export type SecretPrefix = keyof typeof RANDOM_BYTES;

/** The prefix tells a leaked secret's kind to people and to secret scanners. */
export function newSecret(prefix: SecretPrefix): string {
  return prefix + randomBytes(RANDOM_BYTES[prefix]).toString('base64url');
}

/** Whether the text has the form that `newSecret` gives; keeps other text from the database. */
export function isSecret(prefix: SecretPrefix, text: string): boolean {
  const length = prefix.length + Math.ceil((RANDOM_BYTES[prefix] * 4) / 3);
  return text.length === length && text.startsWith(prefix) && /^[\w-]+$/.test(text);
}

export function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Compares a text with a stored hash in a time that tells nothing. */
export function matchesSha256(text: string, expected: Buffer): boolean {
  return expected.length === 32 && timingSafeEqual(sha256(text), expected);
}
