/** Posts of numbered events, one or several in each, and what their answers must be. */
import { bodies } from './bodies.ts';
import type { Answer } from './connection.ts';

export interface Posting {
  readonly url: string;
  readonly token: string;
  /** Events are numbered from here on. */
  readonly firstNumber: number;
  readonly units: number;
  /** Events in each request; a single one is not sent as a list. */
  readonly size: number;
}

const recordedText = '"status":"recorded"';
const shownCharactersMax = 200;

/** The whole request that posts `count` events from number `first` on. ASCII only. */
export function createPosts({ url, token, units, size }: Posting) {
  const head = [
    'POST /hub/v1/events HTTP/1.1',
    `host: ${new URL(url).host}`,
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    'content-length: ',
  ].join('\r\n');
  return (first: number, count: number): string => {
    const events = Array.from({ length: count }, (_, at) => bodies.event(first + at, units));
    const body = size === 1 ? events.join() : `[${events.join()}]`;
    return `${head}${body.length}\r\n\r\n${body}`;
  };
}

/** Why an answer does not say that all `count` events were recorded, if so. */
export function faultOf({ status, bytes, bodyStart }: Answer, count: number): string | undefined {
  let found = 0;
  let at = bytes.indexOf(recordedText, bodyStart);
  while (at >= 0) {
    found += 1;
    at = bytes.indexOf(recordedText, at + recordedText.length);
  }
  if (status === 201 && found === count) return undefined;
  return `${status} ${bytes.toString('utf8', bodyStart).slice(0, shownCharactersMax)}`;
}

/** Reasons and how often; so many different ones at most, so that a storm stays readable. */
export function createFailures() {
  const counts = new Map<string, number>();
  const reasonsMax = 10;
  return {
    add(reason: string): void {
      const key = counts.size < reasonsMax ? reason : 'others';
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    counts: (): Readonly<Record<string, number>> => Object.fromEntries(counts),
  };
}

const silentMsMax = 30_000;

/** Calls `onSilence` when no answer has come for so long; `heard` notes one. */
export function watchSilence(onSilence: (reason: string) => void) {
  const silence = setTimeout(() => {
    onSilence(`no answer for ${silentMsMax / 1_000} s`);
  }, silentMsMax);
  return { heard: () => silence.refresh(), stop: () => clearTimeout(silence) };
}
