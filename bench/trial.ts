/**
 * One trial: events are posted at a set rate for a while, and each is timed from when it was due to be sent
 * until it is received. Then everything acknowledged must have been received, and nothing else.
 */
import { randomBytes } from 'node:crypto';
import { createRemote } from './channel.ts';
import { type Feed, startFeed } from './feeding.ts';
import { startHub } from './hub.ts';
import type { Lab } from './lab.ts';
import type { StreamResult } from './load/stream.ts';
import type { RelayCalls } from './programs/relay.ts';
import { type Receiver, startReceiver } from './receiving.ts';
import { percentile } from './statistics.ts';
import { createWorld } from './world.ts';

/** Where events are posted, and who receives them. */
export interface Way {
  readonly feed: Feed;
  readonly receiver: Receiver;
  readonly url: string;
  readonly token: () => Promise<string>;
}

export interface TrialOptions {
  readonly rate: number;
  readonly seconds: number;
  /** Whether an event must be received; absent: each. */
  readonly arrives?: (number: number) => boolean;
  /** Whether its times count; absent: those of each that must be received. */
  readonly counts?: (number: number) => boolean;
}

/** Milliseconds of the events that count, in no order. */
export interface Trial {
  /** From when the event was due to be sent to its receipt. */
  readonly receiptMs: Float64Array;
  /** From its acknowledgement to its receipt; 0 where it was received first. */
  readonly pushMs: Float64Array;
  /** Posted as planned, without one refused. */
  readonly isWhole: boolean;
}

const receivedMsMax = 120_000;

/** Through the hub, which tells one endpoint all events. */
export async function hubWay(lab: Lab): Promise<Way> {
  const receiver = await startReceiver(lab, { endpoints: 1 });
  const hub = await startHub(lab, { database: 'hub' });
  const { application } = await createWorld(lab, { hub, receiver, told: 'one' });
  return { feed: startFeed(lab), receiver, url: hub.url, token: application.token };
}

/** The floor: validated, signed and sent on by a program that stores nothing. */
export async function bareWay(lab: Lab): Promise<Way> {
  const receiver = await startReceiver(lab, { endpoints: 1, isOrdered: false });
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  await receiver.ask('expectSecret', { index: 0, secret });
  const relay = lab.start({ name: 'relay', program: 'bench/programs/relay.js' });
  const ask = createRemote<RelayCalls>(relay, lab.signal);
  const url = await ask('open', { places: receiver.urls.map((place) => ({ url: place, secret })) });
  return { feed: startFeed(lab), receiver, url, token: async () => 'none' };
}

export async function tryRate(way: Way, options: TrialOptions): Promise<Trial> {
  const { feed, receiver, url } = way;
  const { rate, seconds, arrives = () => true, counts = arrives } = options;
  const token = await way.token();
  const first = feed.nextNumber();
  const planned = Math.ceil(rate * seconds) + 1;
  await receiver.ask('begin', { firstNumber: first, count: planned });
  const sent = await feed.stream({ url, token, rate, seconds });
  const acknowledged = Array.from({ length: sent.sent }, (_, place) => place).filter(
    (place) => sent.acknowledgedMs[place] !== 0,
  );
  const expected = acknowledged.filter((place) => arrives(first + place));
  await receiver.expectAll(expected.length, receivedMsMax);
  const receivedMs = await receiver.ask('times', undefined);
  const places = expected.filter((place) => counts(first + place));
  return timesOf(sent, { rate, places, receivedMs });
}

function timesOf(
  { startMs, acknowledgedMs, refused, isCut }: StreamResult,
  given: { rate: number; places: readonly number[]; receivedMs: Float64Array },
): Trial {
  const { rate, places, receivedMs } = given;
  const receiptMs = new Float64Array(places.length);
  const pushMs = new Float64Array(places.length);
  for (const [at, place] of places.entries()) {
    const received = receivedMs[place] ?? 0;
    if (received === 0) throw new Error('an acknowledged event was not received');
    receiptMs[at] = received - (startMs + (place * 1_000) / rate);
    pushMs[at] = Math.max(0, received - (acknowledgedMs[place] ?? 0));
  }
  return { receiptMs, pushMs, isWhole: !isCut && refused === 0 };
}

const limitMsMax = 1_000;
const limitMsMin = 250;

/** p99 of a held rate: below a second; where that is too long to tell, below a tenth of the trial. */
export const limitMsOf = (seconds: number): number =>
  Math.max(limitMsMin, Math.min(limitMsMax, seconds * 100));

export const detailsOf = (times: Float64Array) => ({
  p50Ms: percentile(times, 0.5),
  p99Ms: percentile(times, 0.99),
});

export const isHeld = ({ isWhole, receiptMs }: Trial, seconds: number): boolean =>
  isWhole && percentile(receiptMs, 0.99) < limitMsOf(seconds);
