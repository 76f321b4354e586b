/**
 * Writes a text to a file descriptor, and returns when all of it is out. Through `process.stdout` a
 * pipe would be written to behind our back: what its reader has not taken gathers in memory without
 * a limit, and is lost when the process ends.
 */
import { writeSync } from 'node:fs';

const pauseMs = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : '';

/** Waits for a reader that is slow. Throws what the system says otherwise, e.g. EPIPE. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // Someone who shares the pipe has asked not to be kept waiting.
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, pauseMs);
    }
  }
}
