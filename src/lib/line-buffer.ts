/**
 * Lines on their way out, many per write. A line goes out soon, not at once; whole lines only, in
 * their order. Where the reader is slower than we are, writing waits for it: nothing is dropped, and
 * nothing piles up in memory.
 */
export interface LineBuffer {
  /** With its line end. */
  readonly write: (line: string) => void;
  /** What is here goes out now. */
  readonly flush: () => void;
}

export interface LineBufferParts {
  /** Must have taken all when it returns. */
  readonly write: (text: string) => void;
  readonly charactersMax: number;
  /** How long a line waits for others at most. */
  readonly lingerMs: number;
}

export function createLineBuffer(parts: LineBufferParts): LineBuffer {
  const { charactersMax, lingerMs } = parts;
  let text = '';
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (text === '') return;
    const lines = text;
    text = '';
    parts.write(lines);
  }

  return {
    flush,
    write(line) {
      text += line;
      if (text.length >= charactersMax) flush();
      // It keeps no process alive: whoever ends one flushes.
      else timer ??= setTimeout(flush, lingerMs).unref();
    },
  };
}
