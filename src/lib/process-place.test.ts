import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { nowhere, placeOfThisProcess } from './process-place.ts';

const place = placeOfThisProcess();

test.runIf(process.platform === 'linux')(
  'a process has ended when its machine says so',
  async () => {
    const kernel = place.text?.replace(/ \d+$/, '');
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const text = `${kernel} ${child.pid}`;
    expect(place.hasEnded(text)).toBe(false);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(place.hasEnded(text)).toBe(true);
  },
);

test('this one has not ended', () => {
  expect(place.hasEnded(place.text ?? '')).toBe(false);
});

test.each(['', '1', 'another-kernel pid:[1] 999999999', `elsewhere ${2 ** 22}`])(
  'nothing is certain of a process elsewhere: %j',
  (text) => {
    expect(place.hasEnded(text)).toBe(false);
    expect(nowhere.hasEnded(text)).toBe(false);
  },
);
