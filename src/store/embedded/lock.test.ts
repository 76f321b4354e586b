// The lock of a data folder: one owner, and a dead owner's lock is free.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileLauncher, type Launcher } from '../../../test/support/embedded-launcher.ts';
import { takeLock } from './lock.ts';
import { isAlive, isPostgres, startMark } from './processes.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'portolan-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const IN_USE = { code: 'data-folder-in-use' };
const writeHolder = (number: number, holder: object | string) =>
  writeFileSync(
    join(dir, String(number)),
    typeof holder === 'string' ? holder : JSON.stringify(holder),
  );

/** A process id that is certainly free: its process has ended and was waited for. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('takeLock', () => {
  it('refuses a second owner, naming folder and process, until the first lets go', () => {
    const lock = takeLock(dir, '/some/data');
    expect(() => takeLock(dir, '/some/data')).toThrow(expect.objectContaining(IN_USE));
    expect(() => takeLock(dir, '/some/data')).toThrow(
      `The data folder /some/data is in use by process ${process.pid}; stop that one first.`,
    );
    lock.release();
    lock.release();
    const next = takeLock(dir, '/some/data');
    // A late second release of the first owner must not free the second one's lock.
    lock.release();
    expect(lock.isHeld()).toBe(false);
    expect(next.isHeld()).toBe(true);
    expect(() => takeLock(dir, '/some/data')).toThrow(expect.objectContaining(IN_USE));
    next.release();
  });

  it('takes over from a dead process', async () => {
    writeHolder(7, { pid: await endedPid(), mark: 'boot:1' });
    takeLock(dir, dir).release();
    expect(readdirSync(dir)).toEqual(['8']);
  });

  it('takes over when the process id now means another process', () => {
    writeHolder(3, { pid: process.pid, mark: 'another boot:1' });
    takeLock(dir, dir).release();
    expect(readdirSync(dir)).toEqual(['4']);
  });

  it('counts a living process as the owner when its start is not known', () => {
    writeHolder(3, { pid: process.pid });
    expect(() => takeLock(dir, dir)).toThrow(expect.objectContaining(IN_USE));
  });

  it.each(['', '{"pid":', '[]', '{"pid":"1"}'])('takes over a damaged lock file: %j', (text) => {
    writeHolder(1, text);
    takeLock(dir, dir).release();
  });

  it('survives the deletion of the whole folder', () => {
    const lock = takeLock(dir, dir);
    rmSync(dir, { recursive: true });
    expect(lock.release).not.toThrow();
  });

  it('is lost with the folder, and then leaves a new owner alone', () => {
    const lockDir = join(dir, 'lock');
    const lost = takeLock(lockDir, dir);
    expect(lost.isHeld()).toBe(true);
    rmSync(lockDir, { recursive: true });
    expect(lost.isHeld()).toBe(false);
    const next = takeLock(lockDir, dir);
    expect(lost.isHeld()).toBe(false);
    lost.release();
    expect(next.isHeld()).toBe(true);
    next.release();
  });
});

describe('takeLock in several processes at once', () => {
  const ROUNDS = 5;
  const CONTENDERS = 6;
  let launcher: Launcher;
  beforeEach(async () => {
    launcher = await compileLauncher();
  });
  afterEach(() => launcher.remove());

  it('gives a stale lock to one of them only', async () => {
    const script = join(launcher.dir, 'contend.js');
    writeFileSync(
      script,
      `import { takeLock } from './embedded/lock.js';
       const take = (dir) => {
         try { takeLock(dir, dir); return 'mine'; } catch (error) { return error.code; }
       };
       process.on('message', (dir) => process.send(take(dir)));
       process.send('ready');`,
    );
    const contenders = Array.from({ length: CONTENDERS }, () =>
      spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    );
    try {
      await Promise.all(contenders.map((contender) => once(contender, 'message')));
      const stale = { pid: await endedPid(), mark: 'boot:1' };
      for (let round = 0; round < ROUNDS; round += 1) {
        const lockDir = mkdtempSync(join(dir, 'round-'));
        writeFileSync(join(lockDir, '5'), JSON.stringify(stale));
        const results = await Promise.all(contenders.map((one) => ask(one, lockDir)));
        expect(results.filter((result) => result === 'mine')).toHaveLength(1);
        expect(results.filter((result) => result === IN_USE.code)).toHaveLength(CONTENDERS - 1);
      }
    } finally {
      for (const contender of contenders) contender.kill('SIGKILL');
    }
  });
});

async function ask(contender: ChildProcess, message: string): Promise<unknown> {
  const answer = once(contender, 'message');
  contender.send(message);
  return (await answer)[0];
}

describe.skipIf(process.platform === 'win32')('processes', () => {
  it('tells living, ended and impossible ids apart', async () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(await endedPid())).toBe(false);
    for (const pid of [0, -1, Number.NaN, 2 ** 60]) expect(isAlive(pid)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('counts a zombie as ended', async () => {
    // tail replaces the shell and never waits for the shell's child, which ends after that.
    const script = 'exec 3<&0; head -n 1 <&3 >/dev/null & echo $!; exec tail -f /dev/null';
    const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const program = () => readFileSync(`/proc/${shell.pid}/comm`, 'utf8').trim();
    try {
      const pid = Number(String((await once(shell.stdout, 'data'))[0]));
      await expect.poll(program, { interval: 5 }).toBe('tail');
      shell.stdin.write('end\n');
      await expect.poll(() => isAlive(pid), { interval: 5 }).toBe(false);
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      shell.kill('SIGKILL');
      await once(shell, 'exit');
    }
  });

  it('marks a process the same way each time, and two processes differently', async () => {
    expect(startMark(process.pid)).toBe(startMark(process.pid));
    expect(startMark(process.pid)).toBeTypeOf('string');
    expect(startMark(await endedPid())).toBeUndefined();
    expect(isPostgres(process.pid)).toBe(false);
  });
});
