/**
 * Row `isolation`: 50 endpoints share the hub; does one that takes its requests and never answers make the
 * others wait? Rounds without and with it alternate, at half of what goes through.
 */
import { startFeed } from '../feeding.ts';
import { halfOfThrough } from '../hold.ts';
import { startHub } from '../hub.ts';
import type { Lab } from '../lab.ts';
import { startReceiver } from '../receiving.ts';
import { alternate, type RoundFigure } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { detailsOf, type Trial, tryRate, type Way } from '../trial.ts';
import { createWorld, endpointOfEvent, endpointsOf, resubscribe, type World } from '../world.ts';

const unit = 'ms';
/** It hangs for half as long as a rate is held: 30 s. */
const hangsPerHold = 2;

/** In less the 99th percentile hangs on a handful of collections and checkpoints. */
const judgedSecMin = 10;

interface Stage {
  readonly way: Way;
  readonly world: World;
  readonly rate: number;
  /** Whether an event is for the endpoint that hangs in every other round. */
  readonly isForLast: (number: number) => boolean;
}

function figureOf({ receiptMs }: Trial): RoundFigure {
  const details = detailsOf(receiptMs);
  return { figure: details.p99Ms, details };
}

async function without({ way, rate, isForLast }: Stage, seconds: number): Promise<RoundFigure> {
  const counts = (number: number) => !isForLast(number);
  return figureOf(await tryRate(way, { rate, seconds, arrives: () => true, counts }));
}

/** Afterwards the hanging endpoint is given up, and its subscriber gets another one. */
async function withOne({ way, world, rate, isForLast }: Stage, seconds: number) {
  const { receiver } = way;
  const last = world.subscribers.at(-1);
  if (last === undefined) throw new Error('nobody subscribed');
  await receiver.ask('behave', { index: last.index, behaviour: 'hang' });
  const arrives = (number: number) => !isForLast(number);
  const trial = await tryRate(way, { rate, seconds, arrives });
  await resubscribe(world, receiver, last);
  return figureOf(trial);
}

async function prepare(lab: Lab): Promise<Stage> {
  const endpoints = endpointsOf(lab);
  const receiver = await startReceiver(lab, { endpoints });
  const hub = await startHub(lab, { database: 'hub' });
  const world = await createWorld(lab, { hub, receiver, told: 'one' });
  const feed = startFeed(lab);
  const way = { feed, receiver, url: hub.url, token: world.application.token };
  const rate = await halfOfThrough(lab, way);
  const isForLast = (number: number) => endpointOfEvent(lab, endpoints, number) === endpoints - 1;
  return { way, world, rate, isForLast };
}

async function run(lab: Lab): Promise<Findings> {
  const stage = await prepare(lab);
  const { roundSec, holdSec, rounds } = lab.settings;
  const seconds = Math.max(roundSec, holdSec / hangsPerHold);
  const measures = await alternate({
    ...lab,
    settings: { ...lab.settings, roundSec: seconds },
    subjects: [
      { name: 'without', title: 'none hangs', unit, run: (sec) => without(stage, sec) },
      { name: 'with', title: 'one hangs', unit, run: (sec) => withOne(stage, sec) },
    ],
  });
  return {
    measures,
    floors: ['without'],
    targets: [{ measure: 'with', floor: 'without', most: 1.2, isJudged: seconds >= judgedSecMin }],
    notes: [
      `From POST to receipt, at ${stage.rate.toLocaleString('en-US')} events/s, of the endpoints that do not hang.`,
    ],
    procedure: `${rounds} alternating rounds of ${seconds} s`,
  };
}

export const row: Row = {
  name: 'isolation',
  title: 'many endpoints, one of which takes requests and never answers',
  order: 16,
  run,
};
