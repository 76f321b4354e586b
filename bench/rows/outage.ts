/**
 * Row `outage`: all endpoints answer 503 for a while, and a backlog gathers. Then they are well again: how
 * long until all of it is received? The floor is the same backlog for endpoints that were never down. Each
 * answer takes a few milliseconds, so that the receiver sees how many requests one endpoint has open at once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { defaultDeliverySettings } from '../../src/delivery/settings.ts';
import { createBacklog, drainMsMax, recordMany } from '../backlog.ts';
import { type Feed, startFeed } from '../feeding.ts';
import { startHub } from '../hub.ts';
import type { Lab } from '../lab.ts';
import { sharedMs } from '../receive/clock.ts';
import { type Receiver, startReceiver } from '../receiving.ts';
import { alternate } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { createWorld, endpointsOf, untilSettled, type World } from '../world.ts';

const unit = 's';
const delayMs = 5;
const timesIdealMost = 1.5;
/** Shorter ones are over before the first retry: what is measured then is how long that waits. */
const judgedSecMin = 30;
/** One round in a quick run: each waits for the first retries. */
const roundsQuick = 1;

interface Stage {
  readonly feed: Feed;
  readonly receiver: Receiver;
  readonly world: World;
}

async function prepare(lab: Lab): Promise<Stage> {
  const receiver = await startReceiver(lab, { endpoints: endpointsOf(lab), delayMs });
  const hub = await startHub(lab, { database: 'outage' });
  const world = await createWorld(lab, { hub, receiver, told: 'one' });
  return { feed: startFeed(lab), receiver, world };
}

/** Seconds from when the endpoints are well again to the last receipt. */
async function recover(lab: Lab, { feed, receiver, world }: Stage): Promise<number> {
  const { backlog: count, holdSec } = lab.settings;
  await receiver.ask('behave', { behaviour: 'refuse' });
  await receiver.ask('begin', { firstNumber: 0, count: 0 });
  const downMs = sharedMs();
  await recordMany(feed, world, count);
  const leftMs = downMs + holdSec * 1_000 - sharedMs();
  if (leftMs > 0) await pause(leftMs, undefined, { signal: lab.signal });
  const refused = await untilRefused(lab, receiver);
  const wellMs = sharedMs();
  await receiver.ask('behave', { behaviour: 'accept' });
  const { lastMs, openMax } = await receiver.expectAll(count, outageMsMax(count));
  await untilSettled(lab, world.hub);
  const { laneSendsMax } = defaultDeliverySettings;
  lab.progress(`  ${refused} refused; at most ${openMax} open at one endpoint`);
  if (openMax > laneSendsMax) {
    throw new Error(`an endpoint had ${openMax} requests open, of ${laneSendsMax} at most`);
  }
  return (lastMs - wellMs) / 1_000;
}

const refusalMsMax = 60_000;
const lookMs = 20;

/** However short it is and however slow the machine: without a refusal it was none. */
async function untilRefused(lab: Lab, receiver: Receiver): Promise<number> {
  const endMs = sharedMs() + refusalMsMax;
  for (;;) {
    const { refused } = await receiver.ask('tally', undefined);
    if (refused > 0) return refused;
    if (sharedMs() > endMs) throw new Error('nothing was refused in the outage');
    await pause(lookMs, undefined, { signal: lab.signal });
  }
}

/** What was tried three times in the outage comes back after up to seven minutes and a half. */
const retryMsMax = 450_000;
const outageMsMax = (count: number) => drainMsMax(count) + retryMsMax;

async function run(lab: Lab): Promise<Findings> {
  const { backlog: count, holdSec, mode } = lab.settings;
  const rounds = mode === 'quick' ? roundsQuick : lab.settings.rounds;
  const never = await createBacklog(lab, { database: 'never', delayMs });
  const stage = await prepare(lab);
  const measures = await alternate({
    ...lab,
    settings: { ...lab.settings, rounds, warmUpSec: 0 },
    subjects: [
      {
        ...{ name: 'never', title: 'never down', unit },
        run: async () => ({ figure: await never.drain(count), details: {} }),
      },
      {
        ...{ name: 'outage', title: 'after the outage', unit },
        run: async () => ({ figure: await recover(lab, stage), details: {} }),
      },
    ],
  });
  const many = count.toLocaleString('en-US');
  return {
    measures,
    floors: ['never'],
    targets: [
      {
        ...{ measure: 'outage', floor: 'never', most: timesIdealMost },
        isJudged: holdSec >= judgedSecMin,
      },
    ],
    notes: ['No endpoint ever had more requests open than its cap.'],
    procedure: `${rounds} alternating rounds: ${many} deliveries, ${holdSec} s of outage`,
  };
}

export const row: Row = {
  name: 'outage',
  title: 'a backlog drained after all endpoints were down',
  order: 17,
  run,
};
