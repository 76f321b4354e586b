/**
 * The keys that sign access tokens: one live key and those whose tokens may still be about.
 *
 * All processes share them by the table `signing_keys`. None holds a timer: a process reads the
 * table again when what it knows is older than a minute, or when it meets a kid that it does not know. A
 * rotated key may therefore go on signing elsewhere for up to a minute; it stays published and
 * good for one token life, and five minutes, after its retirement.
 */
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { SealError, type Sealer } from '../lib/seal.ts';
import type { Database } from '../store/database.ts';
import {
  lockSigningKeys,
  readSigningKeys,
  replaceSigningKey,
  type SigningKeyRow,
} from '../store/identity/signing-keys.ts';

export const ALGORITHM = 'RS256';
/** Longest life of any access token; a retired key is kept for longer than this. */
export const TOKEN_LIFE_SEC_MAX = 86_400;

const MODULUS_BITS = 2048;
const KEY_LIFE_MS = 30 * 86_400_000;
const RETIRED_KEPT_MS = (TOKEN_LIFE_SEC_MAX + 300) * 1000;
const READING_GOOD_MS = 60_000;
/** Made-up kids must not turn into one database query each. */
const UNKNOWN_KID_INTERVAL_MS = 1000;

export interface KeyRing {
  readonly signer: () => Promise<{ readonly kid: string; readonly key: CryptoKey }>;
  readonly verifier: (kid: string) => Promise<CryptoKey | undefined>;
  /** Public keys as served in the JWKS. */
  readonly published: () => Promise<JWK[]>;
  readonly rotate: () => Promise<{ readonly kid: string }>;
}

interface Reading {
  readonly atMs: number;
  readonly rows: readonly SigningKeyRow[];
  readonly verifiers: ReadonlyMap<string, CryptoKey>;
  readonly live?: { readonly kid: string; readonly key: CryptoKey; readonly createdAtMs: number };
}

export interface KeyRingParts {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly nowMs: () => number;
  readonly onRotated: (kid: string) => void;
}

/** Makes the first key where there is none. */
export async function createKeyRing(parts: KeyRingParts): Promise<KeyRing> {
  const { nowMs } = parts;
  let reading = await read(parts);
  let isStale = false;
  let unknownKidAtMs = Number.NEGATIVE_INFINITY;

  const readAgain = sharingRuns(async () => {
    isStale = false;
    reading = await read(parts);
    return reading;
  });
  const rotateWhereDue = sharingRuns(() => rotateUnless(parts, (key) => !isDue(key, nowMs())));

  /** A clock that went back makes a reading old too. */
  async function current(): Promise<Reading> {
    const ageMs = nowMs() - reading.atMs;
    const isGood = !isStale && ageMs >= 0 && ageMs < READING_GOOD_MS;
    return isGood ? reading : readAgain();
  }

  async function signer() {
    let { live } = await current();
    if (live === undefined || isDue(live, nowMs())) {
      await rotateWhereDue();
      ({ live } = await readAgain());
    }
    if (live === undefined) throw new Error('there is no signing key');
    return live;
  }

  async function verifier(kid: string): Promise<CryptoKey | undefined> {
    const known = (await current()).verifiers.get(kid);
    const sinceMs = Math.abs(nowMs() - unknownKidAtMs);
    if (known !== undefined || sinceMs < UNKNOWN_KID_INTERVAL_MS) return known;
    unknownKidAtMs = nowMs();
    return (await readAgain()).verifiers.get(kid);
  }

  async function rotate(): Promise<{ kid: string }> {
    const kid = await rotateUnless(parts, () => false);
    // Not read here: the caller's transaction may still fail, and its key must not be used then.
    isStale = true;
    return { kid };
  }

  await signer();
  const published = async () => (await current()).rows.map(jwk);
  return { signer, verifier, published, rotate };
}

/** Calls while a run is under way share that run. */
function sharingRuns<T>(run: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= run().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

function isDue({ createdAtMs }: { readonly createdAtMs: number }, nowMs: number): boolean {
  return createdAtMs <= nowMs - KEY_LIFE_MS;
}

function jwk(row: SigningKeyRow): JWK {
  return { ...row.publicJwk, kty: 'RSA', kid: row.kid, alg: ALGORITHM, use: 'sig' };
}

async function read({ database, sealer, nowMs }: KeyRingParts): Promise<Reading> {
  const atMs = nowMs();
  const rows = await readSigningKeys(database);
  const good = rows.filter(
    ({ retiredAt }) => retiredAt === null || retiredAt.getTime() > atMs - RETIRED_KEPT_MS,
  );
  const verifiers = new Map<string, CryptoKey>();
  for (const row of good) verifiers.set(row.kid, await importKey(jwk(row)));
  const row = good.find(({ retiredAt }) => retiredAt === null);
  if (row === undefined) return { atMs, rows: good, verifiers };
  const key = await importKey(openPrivate(row, sealer));
  const live = { kid: row.kid, key, createdAtMs: row.createdAt.getTime() };
  return { atMs, rows: good, verifiers, live };
}

/** Puts a new key in the live one's place, under a lock; leaves it where `isGood` says so. */
async function rotateUnless(
  { database, sealer, nowMs, onRotated }: KeyRingParts,
  isGood: (live: { readonly createdAtMs: number }) => boolean,
): Promise<string> {
  const fresh = await makeKey();
  const kid = await database.transaction(async () => {
    await lockSigningKeys(database);
    const row = (await readSigningKeys(database)).find(({ retiredAt }) => retiredAt === null);
    // Another process may have been first.
    if (row !== undefined && isGood({ createdAtMs: row.createdAt.getTime() })) return row.kid;
    const { privateText, ...rest } = fresh;
    const privateSealed = sealer.seal(privateText, sealedFor(fresh.kid));
    await replaceSigningKey(
      database,
      { ...rest, privateSealed, createdAt: new Date(nowMs()) },
      new Date(nowMs() - RETIRED_KEPT_MS),
    );
    return fresh.kid;
  });
  if (kid === fresh.kid) onRotated(kid);
  return kid;
}

async function makeKey() {
  const options = { modulusLength: MODULUS_BITS, extractable: true };
  const pair = await generateKeyPair(ALGORITHM, options);
  const { n = '', e = '' } = await exportJWK(pair.publicKey);
  const publicJwk = { kty: 'RSA', n, e };
  const kid = await calculateJwkThumbprint(publicJwk);
  return { kid, publicJwk, privateText: JSON.stringify(await exportJWK(pair.privateKey)) };
}

async function importKey(key: JWK): Promise<CryptoKey> {
  const imported = await importJWK(key, ALGORITHM);
  if (imported instanceof Uint8Array) throw new Error('a signing key is not an RSA key');
  return imported;
}

function openPrivate({ kid, privateSealed }: SigningKeyRow, sealer: Sealer): JWK {
  try {
    const opened: JWK = JSON.parse(sealer.open(privateSealed, sealedFor(kid)));
    return opened;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new Error('the master key does not open this database’s signing key', { cause: error });
  }
}

function sealedFor(kid: string): string {
  return `signing_keys/${kid}`;
}
