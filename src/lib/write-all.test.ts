/** The built function against real pipes: slow readers, one that goes away, an end right after. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { packageRoot } from './package-root.ts';

const lines = 20_000;
const built = pathToFileURL(join(packageRoot(), 'dist/src/lib/write-all.js')).href;
const program = `
  const { writeAll } = await import(${JSON.stringify(built)});
  // From then on the pipe does not keep its writers waiting.
  if (process.argv[1] === 'shared') process.stdout.write('');
  try {
    for (let line = 1; line <= ${lines}; line += 1) writeAll(1, line + '.'.repeat(50) + '\\n');
  } catch (error) {
    process.exit(error.code === 'EPIPE' ? 7 : 1);
  }
  process.exit(0);
`;

function start(how: string) {
  const args = ['--input-type=module', '-e', program, how];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

it.each(['own', 'shared'])(
  'all arrives through an %s pipe before the process ends',
  async (how) => {
    const child = start(how);
    let text = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk;
    const numbers = text.split('.'.repeat(50)).map(Number);
    expect(numbers.slice(0, lines)).toEqual(Array.from({ length: lines }, (_, index) => index + 1));
  },
);

it('a reader that has gone away is told', async () => {
  const child = start('own');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([7, null]);
});
