/**
 * The log of the process: JSON lines on stdout, gathered for a moment. One write for each line cost
 * a delivery more than making the line, of which there is one for every attempt.
 */
import { pino } from 'pino';
import type { Config } from './config.ts';
import { createLineBuffer } from './lib/line-buffer.ts';
import { writeAll } from './lib/write-all.ts';

const stdout = 1;
/** Half of what a pipe holds. */
const charactersMax = 32_768;
const lingerMs = 500;

export interface Log {
  readonly logger: pino.Logger;
  /** A line that is printed at once, whatever the level, behind all that was logged before. */
  readonly say: (line: object) => void;
}

/** A reader that has gone away, or a full disk, is no reason to stop delivering. */
function write(text: string): void {
  try {
    writeAll(stdout, text);
  } catch {
    // There is nowhere to tell it.
  }
}

export function openLog({ logLevel }: Pick<Config, 'logLevel'>): Log {
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
