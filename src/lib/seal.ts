/**
 * Seals short secrets for storage: AES-256-GCM under one master key. A sealed text is bound to a
 * context (say, the row it belongs to), so it cannot be moved to another row and opened there.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** A random 96-bit nonce is safe for 2^32 seals under one key (NIST SP 800-38D, section 8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names the format: what follows is base64url of nonce, tag and ciphertext. */
const PREFIX = 'sealed1.';

/** - `malformed`: not a sealed text. - `refused`: another key or context, or it was changed. */
export type SealErrorCode = 'malformed' | 'refused';

export class SealError extends Error {
  override readonly name = 'SealError';
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode) {
    super(code === 'malformed' ? 'not a sealed text' : 'the sealed text cannot be opened');
    this.code = code;
  }
}

export type Sealer = {
  /** Sealing twice gives two different texts. */
  seal(text: string, context: string): string;
  /** Throws `SealError`. */
  open(sealed: string, context: string): string;
};

/** `key`: 32 random bytes; any other length throws. */
export function createSealer(key: Buffer): Sealer {
  if (key.length !== KEY_BYTES) throw new Error(`the master key must have ${KEY_BYTES} bytes`);
  const secretKey = createSecretKey(key);
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, secretKey, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundTo(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(sealed, context) {
      const { nonce, tag, ciphertext } = split(sealed);
      const decipher = createDecipheriv(ALGORITHM, secretKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(boundTo(context)).setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
      } catch {
        throw new SealError('refused');
      }
    },
  };
}

/** The format's name is bound too, so that a later format cannot be passed off as this one. */
function boundTo(context: string): Buffer {
  return Buffer.from(PREFIX + context, 'utf8');
}

function split(sealed: string): { nonce: Buffer; tag: Buffer; ciphertext: Buffer } {
  const encoded = sealed.slice(PREFIX.length);
  if (!sealed.startsWith(PREFIX) || !/^[\w-]+$/.test(encoded)) throw new SealError('malformed');
  const bytes = Buffer.from(encoded, 'base64url');
  const headBytes = NONCE_BYTES + TAG_BYTES;
  if (bytes.length < headBytes) throw new SealError('malformed');
  return {
    nonce: bytes.subarray(0, NONCE_BYTES),
    tag: bytes.subarray(NONCE_BYTES, headBytes),
    ciphertext: bytes.subarray(headBytes),
  };
}
