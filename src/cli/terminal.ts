/** The real outside world of the command line: the process's streams, files and network. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError, type Io } from './types.ts';

const PASSWORD_BYTES_MAX = 4096;

export const terminal: Io = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  fetch: (input, init) => fetch(input, init),
  readFile: (path) => readFile(path, 'utf8'),
  readPassword: (prompt) => (process.stdin.isTTY ? askHidden(prompt) : firstLine()),
};

/** readline edits the line as usual, but what it would echo goes nowhere. */
async function askHidden(prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(prompt);
  try {
    // Ctrl-C and Ctrl-D close the interface and would leave the question open for ever.
    return await Promise.race([
      lines.question(''),
      new Promise<never>((_resolve, reject) => {
        lines.once('close', () => reject(new CliError('no password given')));
      }),
    ]);
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > PASSWORD_BYTES_MAX) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
