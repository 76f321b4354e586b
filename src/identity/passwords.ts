/**
 * Human passwords: scrypt, with its parameters in the stored text, so that they can be raised later
 * and old hashes still verify. Each computation takes 32 MiB and about 60 ms of a thread, so few
 * run at once and few more wait.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { createLimiter, type Limits } from './limiter.ts';

const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** N = 2^15, r = 8, p = 1. */
const COST = { ln: 15, r: 8, p: 1 };
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
/** Two of the four threads that Node has for such work: signatures need the others. */
const LIMITS: Limits = { runningMax: 2, waitingMax: 100 };

/** PHC string format: `$scrypt$ln=15,r=8,p=1$salt$hash`. */
const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/;

interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

export interface Passwords {
  /** Throws `overloaded`. */
  readonly hash: (password: string) => Promise<string>;
  /**
   * Whether the password fits the stored hash. Without a hash (no such user) it computes all the
   * same and says no, so that the time does not tell who exists. Throws `overloaded`.
   */
  readonly verify: (password: string, stored: string | undefined) => Promise<boolean>;
}

export function createPasswords(limits: Limits = LIMITS): Passwords {
  const limiter = createLimiter(limits);
  const nobody = encode(COST, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return encode(COST, salt, await limiter.run(() => derive(password, salt, COST)));
    },
    async verify(password, stored) {
      const { cost, salt, expected } = decode(stored ?? nobody);
      const actual = await limiter.run(() => derive(password, salt, cost));
      return timingSafeEqual(actual, expected) && stored !== undefined;
    },
  };
}

/** The same letters typed on another keyboard give the same password (NIST SP 800-63B: NFKC). */
function derive(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: MEMORY_BYTES_MAX };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}

function encode({ ln, r, p }: Cost, salt: Buffer, hash: Buffer): string {
  const [saltText, hashText] = [salt.toString('base64url'), hash.toString('base64url')];
  return `$scrypt$ln=${ln},r=${r},p=${p}$${saltText}$${hashText}`;
}

function decode(stored: string): { cost: Cost; salt: Buffer; expected: Buffer } {
  const [, ln, r, p, salt = '', hash = ''] = STORED.exec(stored) ?? [];
  const expected = Buffer.from(hash, 'base64url');
  if (expected.length !== HASH_BYTES) throw new Error('a stored password hash is malformed');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  return { cost, salt: Buffer.from(salt, 'base64url'), expected };
}
