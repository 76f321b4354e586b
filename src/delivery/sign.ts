/**
 * Signs pushes as Standard Webhooks says (https://www.standardwebhooks.com, version 1): HMAC-SHA256
 * over `id.timestamp.body`, once for each live secret, so that a receiver may change its secret
 * at any moment of a rotation.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Making a key costs as much as signing with it. A memo only: it changes speed, no result. */
const keys = new LRUCache<string, KeyObject>({ max: 10_000, memoMethod: keyOf });

export type Signing = {
  /** The delivery's id, the same for every attempt. It must not contain a full stop. */
  readonly id: string;
  readonly timestampSec: number;
  /** The exact bytes that are sent; a string counts as UTF-8. */
  readonly body: string | Uint8Array;
  /** The live secrets, `whsec_…`: one, or two during a rotation. */
  readonly secrets: readonly string[];
};

/**
 * The value of the `webhook-signature` header: `v1,<base64>` for each secret, space separated.
 * Throws on a malformed secret; the message does not hold it.
 */
export function sign({ id, timestampSec, body, secrets }: Signing): string {
  const head = `${id}.${timestampSec}.`;
  let signatures = '';
  for (const secret of secrets) {
    const digest = createHmac('sha256', keys.memo(secret))
      .update(head)
      .update(body)
      .digest('base64');
    signatures += signatures === '' ? `v1,${digest}` : ` v1,${digest}`;
  }
  return signatures;
}

/** The three headers that every push carries. */
export function signatureHeaders(signing: Signing): Record<string, string> {
  return {
    'webhook-id': signing.id,
    'webhook-timestamp': String(signing.timestampSec),
    'webhook-signature': sign(signing),
  };
}

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function generateSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** `whsec_` and 24 to 64 bytes in base64, as the specification wants it. */
export function isSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false;
  const encoded = text.slice(PREFIX.length);
  if (!BASE64.test(encoded) || encoded.length % 4 !== 0) return false;
  const { length } = Buffer.from(encoded, 'base64');
  return length >= SECRET_BYTES_MIN && length <= SECRET_BYTES_MAX;
}

function keyOf(secret: string): KeyObject {
  if (!isSecret(secret)) throw new Error('malformed signing secret');
  return createSecretKey(Buffer.from(secret.slice(PREFIX.length), 'base64'));
}
