/**
 * Row `fan-out`: each event concerns ten subscribers. Single events are posted as fast as they are
 * acknowledged; what counts is how many deliveries a second are received, from the first POST to the last
 * receipt. The floor sends as many signed pushes by bare undici.
 */
import { type Feed, startFeed } from '../feeding.ts';
import { startHub } from '../hub.ts';
import type { Lab } from '../lab.ts';
import { startBarePosts } from '../posting.ts';
import { type Receiver, startReceiver } from '../receiving.ts';
import { alternate } from '../rounds.ts';
import type { Findings, Row } from '../row.ts';
import { createWorld, untilSettled, type World } from '../world.ts';

const unit = 'deliveries/s';
const subscribers = 10;

/** Deliveries per second of so many events. */
async function burst(
  lab: Lab,
  { hub, application }: World,
  given: { feed: Feed; receiver: Receiver; events: number },
): Promise<number> {
  const { feed, receiver, events } = given;
  const token = await application.token();
  const { connections } = lab.settings;
  await receiver.ask('begin', { firstNumber: 0, count: 0 });
  const { startMs } = await feed.flood({ url: hub.url, token, size: 1, connections, events });
  const { lastMs } = await receiver.expectAll(events * subscribers);
  await untilSettled(lab, hub);
  return (events * subscribers * 1_000) / (lastMs - startMs);
}

async function run(lab: Lab): Promise<Findings> {
  const { backlog, rounds } = lab.settings;
  const events = Math.ceil(backlog / subscribers);
  const feed = startFeed(lab);
  const bare = await startBarePosts(lab, { endpoints: subscribers, copies: subscribers });
  const receiver = await startReceiver(lab, { endpoints: subscribers });
  const hub = await startHub(lab, { database: 'hub' });
  const world = await createWorld(lab, { hub, receiver, told: 'all' });
  await burst(lab, world, { feed, receiver, events: Math.ceil(events / 10) });
  const measures = await alternate({
    ...lab,
    settings: { ...lab.settings, warmUpSec: 0 },
    subjects: [
      {
        ...{ name: 'bare', title: 'bare undici', unit },
        run: async () => ({ figure: await bare(events * subscribers), details: {} }),
      },
      {
        ...{ name: 'hub', title: 'Portolan', unit },
        run: async () => ({
          figure: await burst(lab, world, { feed, receiver, events }),
          details: {},
        }),
      },
    ],
  });
  const many = events.toLocaleString('en-US');
  return {
    measures,
    floors: ['bare'],
    targets: [{ measure: 'hub', least: 15_000 }],
    notes: [],
    procedure: `${rounds} alternating rounds of ${many} events for ${subscribers} subscribers each`,
  };
}

export const row: Row = {
  name: 'fan-out',
  title: 'single events posted that concern ten subscribers each',
  order: 14,
  run,
};
