/**
 * Row `memory`: the resident set of a complete hub while more and more deliveries wait, because none of the
 * 50 endpoints takes any. Lanes hold a bounded window of them, so what waits must cost no memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { recordMany } from '../backlog.ts';
import { startFeed } from '../feeding.ts';
import { startHub } from '../hub.ts';
import { type Lab, queryOnce } from '../lab.ts';
import { residentMib } from '../memory.ts';
import { startReceiver } from '../receiving.ts';
import type { Findings, Measure, Row } from '../row.ts';
import { summarize } from '../statistics.ts';
import { createWorld, endpointsOf, type World } from '../world.ts';

const unit = 'MiB';
/** Times the backlog of other rows: 1 million. */
const backlogs = 5;
/** Shares of all at which the memory is looked at. */
const shares = [0.1, 0.5, 1] as const;
const mibMost = 300;
/** Flat: at the last look at most so many times as at the first one with a backlog. */
const growthMost = 1.2;
/** Below so many at the first look the caches and windows are still being filled. */
const judgedCountMin = 50_000;
const looks = 5;
const lookEveryMs = 200;

/** Looks a few times, because a collection may just have been or be just due. */
async function look(lab: Lab, pid: number, given: Pick<Measure, 'name' | 'title'>) {
  const rounds: { figure: number; details: Record<string, number> }[] = [];
  for (let left = looks; left > 0; left -= 1) {
    await pause(lookEveryMs, undefined, { signal: lab.signal });
    rounds.push({ figure: await residentMib(pid), details: {} });
  }
  const measure = summarize({ ...given, unit }, rounds);
  lab.progress(`${measure.title}: ${Math.round(measure.median)} ${unit}`);
  return measure;
}

async function waiting({ hub }: World): Promise<number> {
  const text = 'select count(*)::int as count from deliveries';
  const [row] = await queryOnce(hub.databaseUrl, text);
  return Number(row?.['count']);
}

async function run(lab: Lab): Promise<Findings> {
  const total = lab.settings.backlog * backlogs;
  const feed = startFeed(lab);
  const receiver = await startReceiver(lab, { endpoints: endpointsOf(lab) });
  await receiver.ask('behave', { behaviour: 'refuse' });
  const hub = await startHub(lab, { database: 'hub' });
  const world = await createWorld(lab, { hub, receiver, told: 'one' });
  const measures = [await look(lab, hub.pid, { name: 'none', title: 'none waiting' })];
  for (const share of shares) {
    const count = Math.ceil(total * share);
    await recordMany(feed, world, count - feed.nextNumber());
    const title = `${count.toLocaleString('en-US')} waiting`;
    measures.push(await look(lab, hub.pid, { name: nameOf(share), title }));
  }
  const { accepted } = await receiver.ask('tally', undefined);
  const left = await waiting(world);
  if (left !== total || accepted > 0) throw new Error(`${left} of ${total} deliveries wait`);
  return {
    measures,
    floors: ['none', nameOf(shares[0])],
    targets: [
      { measure: nameOf(1), most: mibMost },
      {
        ...{ measure: nameOf(1), floor: nameOf(shares[0]), most: growthMost },
        isJudged: total * shares[0] >= judgedCountMin,
      },
    ],
    notes: [],
    procedure: `${looks} looks each`,
  };
}

const nameOf = (share: number) => `at-${share * 100}`;

export const row: Row = {
  name: 'memory',
  title: 'resident set of the hub while more and more deliveries wait',
  order: 18,
  run,
};
