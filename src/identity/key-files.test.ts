// The key files: made once whatever races, kept private, refused when damaged.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../test/support/database.ts';
import { createSealer } from '../lib/seal.ts';
import { checkMasterKey, loadKeys } from './key-files.ts';

let parent: string;
let dataDir: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'portolan-keys-'));
  dataDir = join(parent, 'deep', 'data');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

describe('loadKeys', () => {
  it('makes both keys at the first start and finds them at the next', async () => {
    const first = await loadKeys({ dataDir });
    expect(first.created).toBe(true);
    expect(first.masterKey).toHaveLength(32);
    expect(first.adminKey).toMatch(/^adm_[\w-]{43}$/);
    expect(first.adminKeyPath).toBe(join(dataDir, 'admin.key'));
    expect(await loadKeys({ dataDir })).toEqual({ ...first, created: false });
    for (const name of ['master.key', 'admin.key']) {
      expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('gives all of several starts at once the same keys, and leaves no drafts', async () => {
    const loaded = await Promise.all(Array.from({ length: 10 }, () => loadKeys({ dataDir })));
    expect(new Set(loaded.map((keys) => keys.masterKey.toString('hex'))).size).toBe(1);
    expect(new Set(loaded.map((keys) => keys.adminKey)).size).toBe(1);
    expect((await readdir(dataDir)).sort()).toEqual(['admin.key', 'master.key']);
  });

  it('lets the setting win and writes no admin key then', async () => {
    const keys = await loadKeys({ dataDir, adminKey: 'from-the-setting' });
    expect(keys.adminKey).toBe('from-the-setting');
    expect(keys.adminKeyPath).toBeUndefined();
    expect(await readdir(dataDir)).toEqual(['master.key']);
    const bad = loadKeys({ dataDir, adminKey: 'with space' });
    await expect(bad).rejects.toThrow(/^the admin key must be .*$/);
  });

  it.each([
    ['master.key', ''],
    ['master.key', 'bm90IDMyIGJ5dGVz'],
    ['master.key', `${Buffer.alloc(32).toString('base64')}!`],
    ['admin.key', ''],
    ['admin.key', 'two\nlines'],
  ])('refuses a damaged %s: %j', async (name, text) => {
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(dataDir, name), text);
    const path = join(dataDir, name);
    const message = await loadKeys({ dataDir }).catch((error: Error) => error.message);
    expect(message).toMatch(/^[^\n]+$/);
    expect(message).toContain(path);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('refuses what it cannot read or write, in one line with the path', async () => {
    await mkdir(join(dataDir, 'master.key'), { recursive: true });
    await expect(loadKeys({ dataDir })).rejects.toThrow(
      `cannot read ${join(dataDir, 'master.key')}: EISDIR`,
    );
    const file = join(parent, 'file');
    await writeFile(file, '');
    await expect(loadKeys({ dataDir: join(file, 'data') })).rejects.toThrow(
      `cannot use ${join(file, 'data')}: ENOTDIR`,
    );
  });

  it('reads a key that an operator wrote by hand, with or without a line end', async () => {
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(dataDir, 'admin.key'), 'chosen-by-hand');
    await chmod(join(dataDir, 'admin.key'), 0o640);
    expect((await loadKeys({ dataDir })).adminKey).toBe('chosen-by-hand');
  });
});

it('checkMasterKey stops a start with another data folder’s key', async () => {
  const test = await createTestDatabase();
  const [right, wrong] = [1, 2].map((byte) => createSealer(Buffer.alloc(32, byte)));
  if (right === undefined || wrong === undefined) throw new Error('no sealers');
  await checkMasterKey(test.database, right);
  await checkMasterKey(test.database, right);
  await expect(checkMasterKey(test.database, wrong)).rejects.toThrow(/^this database .*$/);
  await test.drop();
});
