// The launcher as root, as a plain user, and as one after the other; in open and closed folders.
//
// Needs root, to act as two users. Without root the other tests of this folder already run as a
// plain user, and this file skips.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compileLauncher,
  endRuns,
  installPackages,
  type Launcher,
  type Run,
  run,
} from '../../../test/support/embedded-launcher.ts';
import { allows, chooseServerUser } from './user.ts';

const isRoot = process.geteuid?.() === 0;
const plain = { uid: 65534, gid: 65534 };
/** A Node in a home folder that is closed to others cannot be run by another user. */
const canPlainRunNode = folders(process.execPath).every((f) =>
  allows(statSync(f), plain, 'execute'),
);

/** Containers often forbid a file system view of one's own. */
const canUnshare =
  isRoot && spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status === 0;

let launcher: Launcher;
let packageDir: string;
let dir: string;
let scratchDir: string;
let systemDir: string;
beforeAll(async () => {
  launcher = await compileLauncher();
  packageDir = installPackages(launcher).packageDir;
});
beforeEach(() => {
  dir = mkdtempSync(join(realpathSync(tmpdir()), 'portolan-users-'));
  chmodSync(dir, 0o755);
  scratchDir = open(join(dir, 'scratch'), 0o1777);
  systemDir = join(dir, 'system');
});
afterEach(() => {
  endRuns();
  chmodSync(launcher.dir, 0o755);
  rmSync(dir, { recursive: true, force: true });
});
afterAll(() => launcher.remove());

function folders(path: string): readonly string[] {
  const real = realpathSync(path);
  return real === dirname(real) ? [real] : [real, ...folders(dirname(real))];
}

function open(path: string, mode: number): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}

const start = (
  dataDir: string,
  more: { user?: typeof plain; systemDir?: string; umask?: number } = {},
) =>
  run({
    launcher,
    user: more.user,
    options: {
      dataDir,
      umask: more.umask,
      settings: { fsync: 'off' },
      places: { systemDir: more.systemDir ?? systemDir, scratchDir },
    },
  });

async function answer({ started, failed }: Run): Promise<unknown> {
  if (started === undefined) throw new Error(failed?.message ?? 'ended');
  const client = new Client({ connectionString: started.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const sql =
      'INSERT INTO starts DEFAULT VALUES RETURNING (SELECT count(*)::int FROM starts) AS n';
    await client.query('CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())');
    return (await client.query<{ n: number }>(sql)).rows[0]?.n;
  } finally {
    await client.end();
  }
}

describe.runIf(isRoot)('as root', () => {
  it('runs PostgreSQL as an unprivileged user, out of the data folder', async () => {
    const dataDir = open(join(dir, 'data'), 0o755);
    const first = await start(dataDir);
    expect(await answer(first)).toBe(0);
    expect(first.started?.homeDir).toBe(join(dataDir, 'postgres'));
    const { uid } = lstatSync(`/proc/${first.started?.pid}`);
    expect(uid).toBe((await chooseServerUser())?.uid);
    expect(uid).not.toBe(0);
    expect(existsSync(systemDir)).toBe(false);
  });

  it.each([0o077, 0o027])('does so with umask %o, in a new folder', async (umask) => {
    const first = await start(join(dir, 'data'), { umask });
    expect(first.started?.homeDir).toBe(join(dir, 'data', 'postgres'));
    expect(await answer(first)).toBe(0);
  });

  it('opens an empty private data folder just enough, and a used one not at all', async () => {
    const empty = open(join(dir, 'empty'), 0o700);
    expect((await start(empty)).started?.homeDir).toBe(join(empty, 'postgres'));
    expect(statSync(empty).mode & 0o777).toBe(0o711);
    const used = open(join(dir, 'used'), 0o700);
    mkdirSync(join(used, 'keys'));
    const away = await start(used);
    expect(away.started?.homeDir).not.toContain(used);
    expect(statSync(used).mode & 0o777).toBe(0o700);
  });

  it('copies the programs out of a closed checkout, once for all data folders', async () => {
    chmodSync(launcher.dir, 0o700);
    const one = await start(open(join(dir, 'one'), 0o755));
    expect(await answer(one)).toBe(0);
    expect(one.logs).toContain('copied the PostgreSQL programs');
    const two = await start(open(join(dir, 'two'), 0o755));
    expect(await answer(two)).toBe(0);
    expect(two.logs).not.toContain('copied the PostgreSQL programs');
    expect(readdirSync(join(systemDir, 'programs'))).toHaveLength(1);
    expect(statSync(launcher.dir).mode & 0o777).toBe(0o700);
  });

  it.runIf(canUnshare).each(['4k', '1m'])('makes do with a /dev/shm of %s', async (size) => {
    const script = `mount -t tmpfs -o size=${size} tmpfs /dev/shm && exec "$@"`;
    const options = {
      dataDir: open(join(dir, 'data'), 0o755),
      places: { systemDir, scratchDir },
      settings: { fsync: 'off' },
    };
    const wrapper = ['/usr/bin/unshare', '--mount', '/bin/sh', '-c', script, 'sh'];
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    const first = await run({ launcher, options, wrapper, env });
    expect(await answer(first)).toBe(0);
    expect(first.logs).toContain('initdb got too little shared memory; trying with less');
  });

  it('copies programs that npm installed under umask 077', async () => {
    const program = join(packageDir, 'native/bin/postgres');
    chmodSync(program, 0o700);
    try {
      const first = await start(open(join(dir, 'data'), 0o755), { umask: 0o077 });
      expect(await answer(first)).toBe(0);
      expect(statSync(program).mode & 0o777).toBe(0o700);
    } finally {
      chmodSync(program, 0o755);
    }
  });
});

describe.runIf(isRoot)('as root, with data in a closed folder', () => {
  let closed: string;
  let dataDir: string;
  beforeEach(() => {
    closed = open(join(dir, 'closed'), 0o700);
    dataDir = join(closed, 'data');
  });

  it('keeps the database in the durable place, says where, and finds it again', async () => {
    const first = await start(dataDir);
    const homeDir = first.started?.homeDir ?? '';
    expect(await answer(first)).toBe(0);
    expect(dirname(homeDir)).toBe(systemDir);
    expect(readFileSync(join(dataDir, 'postgres.location'), 'utf8').trim()).toBe(homeDir);
    expect(readFileSync(join(homeDir, 'origin'), 'utf8')).toContain(dataDir);
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    expect((await start(dataDir)).failed?.code).toBe('data-folder-in-use');

    await first.kill('SIGKILL');
    const second = await start(dataDir);
    expect(second.started?.homeDir).toBe(homeDir);
    expect(await answer(second)).toBe(1);
  });

  it.each([
    ['is writable by others', () => open(systemDir, 0o777)],
    ['is closed to the server', () => open(systemDir, 0o700)],
  ])('warns and takes a temporary place when the durable one %s', async (_name, spoil) => {
    spoil();
    const first = await start(dataDir);
    expect(await answer(first)).toBe(0);
    expect(dirname(first.started?.homeDir ?? '')).toBe(scratchDir);
    expect(first.logs.join()).toMatch(/the latter is temporary/);
  });

  it('keeps temporary data temporary', async () => {
    dataDir = join(open(join(scratchDir, 'closed'), 0o700), 'data');
    const first = await start(dataDir);
    expect(dirname(first.started?.homeDir ?? '')).toBe(scratchDir);
    expect(existsSync(systemDir)).toBe(false);
  });

  it('starts with nothing only when told so, once the database is gone', async () => {
    const first = await start(dataDir);
    const homeDir = first.started?.homeDir ?? '';
    await first.finish('stop');
    rmSync(homeDir, { recursive: true });
    const second = await start(dataDir);
    expect(second.failed?.code).toBe('data-missing');
    expect(second.failed?.message).toContain(homeDir);
    rmSync(join(dataDir, 'postgres.location'));
    expect(await answer(await start(dataDir))).toBe(0);
  });

  it('trusts no folder that somebody else put in the place of the database', async () => {
    const first = await start(dataDir);
    const homeDir = first.started?.homeDir ?? '';
    await first.finish('stop');
    chownSync(homeDir, plain.uid, plain.gid);
    expect((await start(dataDir)).failed?.code).toBe('data-folder-unusable');
  });

  it('says which folder was closed after the first start', async () => {
    chmodSync(closed, 0o755);
    const first = await start(dataDir);
    await first.finish('stop');
    chmodSync(closed, 0o700);
    const { failed } = await start(dataDir);
    expect(failed?.code).toBe('data-unreachable');
    expect(failed?.message).toMatch(new RegExp(`may no longer enter ${closed}\\.$`));
  });
});

describe.runIf(isRoot && canPlainRunNode)('as a plain user', () => {
  let own: string;
  beforeEach(() => {
    own = open(join(dir, 'own'), 0o700);
    chownSync(own, plain.uid, plain.gid);
  });

  it('starts in a private folder, and root may start it later as that user', async () => {
    const dataDir = join(own, 'data');
    const first = await start(dataDir, { user: plain });
    expect(await answer(first)).toBe(0);
    expect(first.started?.homeDir).toBe(join(dataDir, 'postgres'));
    expect(lstatSync(`/proc/${first.started?.pid}`).uid).toBe(plain.uid);
    await first.finish('stop');
    const second = await start(dataDir);
    expect(await answer(second)).toBe(1);
    expect(lstatSync(`/proc/${second.started?.pid}`).uid).toBe(plain.uid);
  });

  it('copies the programs when it may not add links to node_modules', async () => {
    const links: { target: string }[] = JSON.parse(
      readFileSync(join(packageDir, 'native/pg-symlinks.json'), 'utf8'),
    );
    for (const { target } of links) rmSync(join(packageDir, target), { force: true });
    const first = await start(join(own, 'data'), { user: plain });
    expect(await answer(first)).toBe(0);
    expect(existsSync(join(own, 'data/postgres/programs'))).toBe(true);
  });

  it('is refused data that belongs to root, by name', async () => {
    const dataDir = open(join(dir, 'data'), 0o755);
    await (await start(dataDir)).finish('stop');
    // nobody is who root runs the server as; so another plain user comes along.
    const { failed } = await start(dataDir, { user: { uid: 12_345, gid: 12_345 } });
    expect(failed?.code).toBe('data-folder-unusable');
    expect(failed?.message).toContain(dataDir);
    const other = await start(dataDir, { user: plain });
    expect(other.failed?.code).toBe('data-folder-unusable');
  });

  it('is told when the data folder cannot be written', async () => {
    const { failed } = await start(join(open(join(dir, 'roots'), 0o755), 'data'), { user: plain });
    expect(failed?.code).toBe('data-folder-unusable');
    expect(failed?.message).toContain(join(dir, 'roots', 'data'));
  });
});
