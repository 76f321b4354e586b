/**
 * The two keys that live in the data folder: `master.key` seals secrets in the database, `admin.key`
 * is the operator's. Both are made at the first start, for their owner's eyes only.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SealError, type Sealer } from '../lib/seal.ts';
import type { Database } from '../store/database.ts';
import { ensureFact } from '../store/identity/facts.ts';
import { newSecret } from './secrets.ts';

const MASTER_KEY_BYTES = 32;
const CHECK_NAME = 'master-key-check';
const CHECK_TEXT = 'portolan';
/** What can stand in an `Authorization` header behind `Bearer`. */
const ADMIN_KEY = /^[\x21-\x7e]{1,512}$/;

export interface LoadedKeys {
  readonly masterKey: Buffer;
  readonly adminKey: string;
  /** Where the admin key is kept; absent when it came by setting. */
  readonly adminKeyPath?: string;
  /** Whether one of the files was made now. */
  readonly created: boolean;
}

/** Every error is one line that names the file or the setting. */
export async function loadKeys(given: {
  readonly dataDir: string;
  readonly adminKey?: string;
}): Promise<LoadedKeys> {
  await mkdir(given.dataDir, { recursive: true }).catch((error: unknown) => {
    throw new Error(`cannot use ${given.dataDir}: ${errorCode(error)}`, { cause: error });
  });
  const master = await readOrMake(join(given.dataDir, 'master.key'), () =>
    randomBytes(MASTER_KEY_BYTES).toString('base64'),
  );
  const masterKey = masterKeyOf(master);
  if (given.adminKey !== undefined) {
    if (!ADMIN_KEY.test(given.adminKey)) {
      throw new Error('the admin key must be 1 to 512 visible ASCII characters without spaces');
    }
    return { masterKey, adminKey: given.adminKey, created: master.isNew };
  }
  const admin = await readOrMake(join(given.dataDir, 'admin.key'), () => newSecret('adm_'));
  return {
    masterKey,
    adminKey: adminKeyOf(admin),
    adminKeyPath: admin.path,
    created: master.isNew || admin.isNew,
  };
}

/** Throws when the database was set up with another master key; the first start leaves the check. */
export async function checkMasterKey(database: Database, sealer: Sealer): Promise<void> {
  const context = `hub_facts/${CHECK_NAME}`;
  const value = await ensureFact(database, CHECK_NAME, sealer.seal(CHECK_TEXT, context));
  try {
    sealer.open(value, context);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new Error(
      'this database was set up with another master key: start with the data folder of its first start',
      { cause: error },
    );
  }
}

interface KeyFile {
  readonly path: string;
  readonly text: string;
  readonly isNew: boolean;
}

async function readOrMake(path: string, make: () => string): Promise<KeyFile> {
  const existing = await readIfThere(path);
  if (existing !== undefined) return { path, text: existing, isNew: false };
  const text = make();
  if (await putWhole(path, text)) return { path, text, isNew: true };
  // Another process was first; its key counts.
  return { path, text: (await readIfThere(path)) ?? '', isNew: false };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    throw new Error(`cannot read ${path}: ${code}`, { cause: error });
  }
}

/**
 * Writes the file whole or not at all; false when there is one already. Creating it in place
 * would let a second process read it half-written, and a crash leave it empty.
 */
async function putWhole(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${text}\n`);
      // A lost master key cannot be replaced.
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return false;
    throw new Error(`cannot write ${path}: ${code}`, { cause: error });
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

function masterKeyOf({ path, text }: KeyFile): Buffer {
  const key = Buffer.from(text, 'base64');
  // Decoding ignores what is not base64; encoding again tells whether anything was.
  if (key.length !== MASTER_KEY_BYTES || key.toString('base64') !== text) {
    throw new Error(`${path} is damaged: it must hold ${MASTER_KEY_BYTES} bytes in base64`);
  }
  return key;
}

function adminKeyOf({ path, text }: KeyFile): string {
  if (!ADMIN_KEY.test(text)) {
    throw new Error(`${path} is damaged: it must hold one line of visible ASCII characters`);
  }
  return text;
}

function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
