// PostgreSQL's own messages: a file of bounded size, and its last lines for error messages.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

const TAIL_CHARS_MAX = 4_096;

export interface ServerLog {
  write(chunk: Buffer): void;
  /** The last messages since the log was opened. */
  tail(): string;
  close(): void;
}

/**
 * Appends to `path`. When it would grow over `bytesMax` it becomes `<path>.1`, replacing the one
 * before, so that both together stay below twice that size. A full disk loses messages, not the
 * process: logging never throws after the start.
 */
export function openLog(path: string, bytesMax: number): ServerLog {
  let fd = openSync(path, 'a', 0o600);
  let bytes = fstatSync(fd).size;
  let tail = '';
  let isOpen = true;

  const turn = () => {
    renameSync(path, `${path}.1`);
    const full = fd;
    fd = openSync(path, 'a', 0o600);
    bytes = 0;
    closeSync(full);
  };

  return {
    write(chunk) {
      tail = (tail + chunk.toString('utf8')).slice(-TAIL_CHARS_MAX);
      if (!isOpen) return;
      try {
        if (bytes > 0 && bytes + chunk.length > bytesMax) turn();
        bytes += writeSync(fd, chunk);
      } catch {
        // Said above: no message is worth the process.
      }
    },
    tail: () => tail,
    close() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(fd);
    },
  };
}
