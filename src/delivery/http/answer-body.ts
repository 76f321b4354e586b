/** Finds the end of an answer's body in what comes, and takes out what frames it. Pure. */
import type { BodyLength } from './answer-head.ts';
import { AnswerFault } from './faults.ts';

export interface BodyReader {
  /** Takes bytes from `from` on; where those of this answer end. Throws `AnswerFault`. */
  readonly take: (bytes: Buffer, from: number) => number;
  readonly isDone: () => boolean;
  /** Whether it is complete when the connection is closed now. */
  readonly mayEnd: boolean;
}

type OnData = (bytes: Buffer) => void;

export function createBodyReader(length: BodyLength, onData: OnData): BodyReader {
  if (length === 'chunked') return createChunks(onData);
  return createPlain(length === 'rest' ? Number.POSITIVE_INFINITY : length, onData);
}

function createPlain(length: number, onData: OnData): BodyReader {
  let left = length;
  return {
    take(bytes, from) {
      const end = Math.min(bytes.length, from + left);
      if (end > from) onData(bytes.subarray(from, end));
      left -= end - from;
      return end;
    },
    isDone: () => left === 0,
    mayEnd: length === Number.POSITIVE_INFINITY,
  };
}

const lineFeed = 0x0a;
/** Of a chunk's line with its extensions, and of all trailers. */
const lineBytesMax = 1_024;
const trailerBytesMax = 16 * 1_024;
/** Some pad it with zeros, some with blanks. */
const sizeLine = /^0*([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/;

/** RFC 9112, section 7.1. Extensions and trailers are passed over. */
function createChunks(onData: OnData): BodyReader {
  let state: 'size' | 'data' | 'gap' | 'trailer' | 'done' = 'size';
  let left = 0;
  let line = '';
  let trailerBytes = 0;

  /** Gathers a line; where it ends, and the line when it is whole. */
  function takeLine(bytes: Buffer, from: number): { end: number; whole: string | undefined } {
    const feed = bytes.indexOf(lineFeed, from);
    const end = feed < 0 ? bytes.length : feed + 1;
    line += bytes.toString('latin1', from, end);
    if (line.length > lineBytesMax) throw new AnswerFault('bad-chunk');
    if (feed < 0) return { end, whole: undefined };
    if (!line.endsWith('\r\n')) throw new AnswerFault('bad-chunk');
    const whole = line.slice(0, -2);
    line = '';
    return { end, whole };
  }

  function begin(text: string): void {
    const size = sizeLine.exec(text)?.[1];
    if (size === undefined) throw new AnswerFault('bad-chunk');
    left = Number.parseInt(size, 16);
    state = left === 0 ? 'trailer' : 'data';
  }

  function lineEnded(text: string): void {
    if (state === 'size') {
      begin(text);
    } else if (state === 'gap') {
      if (text !== '') throw new AnswerFault('bad-chunk');
      state = 'size';
    } else {
      trailerBytes += text.length;
      if (trailerBytes > trailerBytesMax) throw new AnswerFault('bad-chunk');
      if (text === '') state = 'done';
    }
  }

  function takeData(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + left);
    onData(bytes.subarray(from, end));
    left -= end - from;
    if (left === 0) state = 'gap';
    return end;
  }

  return {
    take(bytes, from) {
      let at = from;
      while (at < bytes.length && state !== 'done') {
        if (state === 'data') {
          at = takeData(bytes, at);
          continue;
        }
        const { end, whole } = takeLine(bytes, at);
        at = end;
        if (whole !== undefined) lineEnded(whole);
      }
      return at;
    },
    isDone: () => state === 'done',
    mayEnd: false,
  };
}
