/**
 * The log of the process: JSON lines on stdout, gathered for a moment. One write for each line cost
 * a delivery more than making the line, of which there is one for every attempt.
 */
import { pino } from 'pino';
import type { Config } from './config.ts';
import { createLineBuffer } from './lib/line-buffer.ts';

/** What a pipe's reader is given at once; a pipe holds four times that. */
const charactersMax = 16_384;
const lingerMs = 500;

export interface Log {
  readonly logger: pino.Logger;
  /** A line that is printed at once, whatever the level, behind all that was logged before. */
  readonly say: (line: object) => void;
}

export function openLog({ logLevel }: Pick<Config, 'logLevel'>): Log {
  const { stdout } = process;
  // A reader that has gone away is no reason to stop delivering.
  stdout.on('error', () => undefined);
  // Writing to a file, a terminal or a pipe returns when all is written.
  const write = (text: string) => void stdout.write(text);
  const buffer = createLineBuffer({ write, charactersMax, lingerMs });
  // However the process ends, unless it is killed.
  process.on('exit', buffer.flush);
  return {
    logger: pino({ level: logLevel }, { write: buffer.write }),
    say(line) {
      buffer.write(`${JSON.stringify(line)}\n`);
      buffer.flush();
    },
  };
}
