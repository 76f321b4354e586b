/** The scenarios of the fault suite: what is broken, how often, under a load that never stops. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded/index.ts';
import { type Chance, createChance } from '../support/chance.ts';
import { removeFolder, scratchFolder } from '../support/hub-process.ts';
import type { Summary } from './ledger.ts';
import { type Network, openNetwork } from './network.ts';
import { type Behave, createStand, hubProgram, type Stand, type StandOptions } from './stand.ts';
import { behaveBadly } from './tricks.ts';

/** How much of everything. */
export interface Amounts {
  readonly kills: number;
  readonly postmasterKills: number;
  readonly resets: number;
  readonly cutOffs: number;
  readonly cutOffMs: number;
  readonly awayMs: number;
  readonly clockMoves: number;
  /** Requests that are acknowledged while receivers behave badly. */
  readonly requests: number;
  /** Of which one push in so many is mistreated. */
  readonly trickOneIn: number;
}

export interface Result extends Summary {
  readonly name: string;
  readonly title: string;
  readonly seed: number;
  /** What is wrong, in words. */
  readonly complaints: readonly string[];
}

export interface Scenario {
  readonly name: string;
  readonly title: (amounts: Amounts) => string;
  readonly run: (given: Given) => Promise<Stand>;
}

interface Given {
  readonly amounts: Amounts;
  readonly chance: Chance;
  /** A stand that is closed in the end. */
  readonly open: (options?: Omit<StandOptions, 'chance'>) => Promise<Stand>;
  /** To be done in the end, after the stands are closed; the last comes first. */
  readonly afterwards: (work: () => Promise<void> | void) => void;
}

/** At most so many more acknowledged requests up to the next fault. */
export const acknowledgementsMax = 120;
/** Retries may have to wait: 5 s, then a minute, then five, each up to half as long again. */
const retriesMsMax = 600_000;

export const scenarios: readonly Scenario[] = [
  {
    name: 'hub-kills',
    title: ({ kills }) => `\`kill -9\` of the hub, ${kills} times at random moments`,
    run: async ({ open, amounts, chance }) => {
      const stand = await open();
      await often(amounts.kills, stand, chance, () => stand.killHub());
      return stand;
    },
  },
  {
    name: 'postmaster-kills',
    title: ({ postmasterKills }) =>
      `\`kill -9\` of PostgreSQL's postmaster, ${postmasterKills} times, every other one together with the hub`,
    run: async ({ open, amounts, chance }) => {
      const stand = await open();
      await often(amounts.postmasterKills, stand, chance, (done) =>
        done % 2 === 0 ? stand.killDatabase() : stand.killBoth(),
      );
      return stand;
    },
  },
  {
    name: 'database-network',
    title: ({ resets, cutOffs, cutOffMs }) =>
      `the network to the database: ${resets} resets, latency of 1 to 50 ms, cut off ${cutOffs} × ${cutOffMs / 1_000} s`,
    run: async (given) => {
      const { amounts, chance } = given;
      const { stand, network } = await openByNetwork(given);
      await often(amounts.resets, stand, chance, () => {
        network.delay(chance.oneOf([0, 0, 1, 10, 50]));
        return stand.disturb(network.reset);
      });
      network.delay(0);
      await often(amounts.cutOffs, stand, chance, (done) =>
        stand.disturb(() => cutOff(network, amounts.cutOffMs, done % 2 === 0)),
      );
      return stand;
    },
  },
  {
    name: 'database-away',
    title: ({ awayMs }) => `the database away for ${awayMs / 1_000} s`,
    run: async (given) => {
      const { stand, network } = await openByNetwork(given);
      await stand.load.acknowledgements(acknowledgementsMax);
      await stand.disturb(async () => {
        network.takeAway();
        await passing(given.amounts.awayMs);
        network.bringBack();
      });
      return stand;
    },
  },
  {
    name: 'clock',
    title: ({ clockMoves }) =>
      `the hub's clock moved by an hour and back, ${clockMoves} times, forward and backward`,
    run: moveClock,
  },
  {
    name: 'receivers',
    title: ({ trickOneIn }) =>
      `receivers that hang, reset, answer 1 MB, close kept-alive sockets, say 429 and 503 with Retry-After: one push in ${trickOneIn}`,
    run: async ({ open, amounts, chance }) => {
      const among = ['hang', 'reset', 'huge', 'close', 'busy'] as const;
      const behave = behaveBadly(chance, { among, oneIn: amounts.trickOneIn });
      const stand = await open({ behave, settleMsMax: retriesMsMax });
      await stand.load.acknowledgements(amounts.requests);
      return stand;
    },
  },
  {
    name: 'receiver-network',
    title: ({ resets, cutOffs }) =>
      `the network to the receiver: ${resets} resets, latency of 1 to 50 ms, cut off ${cutOffs} ×`,
    run: breakWayToReceiver,
  },
];

/** Every seed and what it gave; never rejects because of what was lost. */
export async function runScenario(
  scenario: Scenario,
  { amounts, seed }: { readonly amounts: Amounts; readonly seed: number },
): Promise<Result> {
  const chance = createChance(seed);
  const endings: (() => Promise<void> | void)[] = [];
  const afterwards = (work: () => Promise<void> | void) => void endings.unshift(work);
  const open: Given['open'] = async (options = {}) => {
    const stand = await createStand({ chance, ...options });
    afterwards(stand.close);
    return stand;
  };
  try {
    const stand = await scenario.run({ amounts, chance, open, afterwards });
    await stand.load.acknowledgements(acknowledgementsMax);
    const summary = await stand.settle();
    const complaints = [...stand.load.oddAnswers(), ...stand.ledger.complaints()];
    const { name } = scenario;
    return { name, title: scenario.title(amounts), seed, ...summary, complaints };
  } finally {
    for (const end of endings) await end();
  }
}

/** Nothing was lost, disordered or unexpected; repeats have been judged one by one. */
export function isClean({ lost, outOfOrder, unexpected, complaints }: Result): boolean {
  return lost + outOfOrder + unexpected === 0 && complaints.length === 0;
}

/** A fault at moments of chance: now and then right after the last one. */
async function often(
  times: number,
  stand: Stand,
  chance: Chance,
  fault: (done: number) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    const more = chance.between(0, 4) === 0 ? 0 : chance.between(1, acknowledgementsMax);
    await stand.load.acknowledgements(more);
    await fault(done);
  }
}

/** A hub on a database that it reaches by way of our proxy. */
async function openByNetwork({ open, afterwards }: Given) {
  const folder = await scratchFolder();
  afterwards(() => removeFolder(folder));
  const server = await startEmbeddedPostgres({ dataDir: folder });
  afterwards(() => server.stop());
  const url = new URL(server.url);
  const path = join(url.searchParams.get('host') ?? '', `.s.PGSQL.${url.port}`);
  const network = await openNetwork({ path });
  afterwards(network.close);
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${network.port}`;
  const stand = await open({ environment: { DATABASE_URL: url.href } });
  return { stand, network };
}

/** Half of the time the connections break in the end, else all goes on where it stood. */
async function cutOff(network: Network, ms: number, isBroken: boolean): Promise<void> {
  network.hold();
  await passing(ms);
  if (isBroken) network.reset();
  network.release();
}

async function moveClock({ open, amounts, chance, afterwards }: Given): Promise<Stand> {
  const folder = await scratchFolder();
  afterwards(() => removeFolder(folder));
  const file = join(folder, 'shift');
  writeFileSync(file, '0');
  const main = join(packageRoot(), 'dist/faults/test/faults/shifted-hub.js');
  const stand = await open({
    main,
    isClockOff: true,
    environment: { CLOCK_SHIFT_FILE: file, HUB_PROGRAM: hubProgram },
  });
  const hourMs = 3_600_000;
  await often(amounts.clockMoves * 2, stand, chance, async (done) => {
    // Forward, back to where it was, back, and forward to where it was.
    writeFileSync(file, String([hourMs, 0, -hourMs, 0][done % 4]));
    process.kill((await stand.hub()).pid, 'SIGUSR2');
    await stand.load.acknowledgements(acknowledgementsMax);
  });
  return stand;
}

async function breakWayToReceiver({ open, amounts, chance, afterwards }: Given): Promise<Stand> {
  let network: Network | undefined;
  const wayTo = async (port: number): Promise<number> => {
    network = await openNetwork({ host: '127.0.0.1', port });
    afterwards(network.close);
    return network.port;
  };
  // Whether an answer came through is not known, so whatever came may come again.
  const behave: Behave = (_request, response, take) => {
    response.writeHead(take(true) ? 204 : 400).end();
  };
  const stand = await open({ wayTo, behave, settleMsMax: retriesMsMax });
  await often(amounts.resets, stand, chance, async () => {
    network?.delay(chance.oneOf([0, 0, 1, 10, 50]));
    await stand.disturb(() => network?.reset());
  });
  network?.delay(0);
  await often(amounts.cutOffs, stand, chance, (done) =>
    stand.disturb(async () => {
      if (network !== undefined) await cutOff(network, amounts.cutOffMs, done % 2 === 0);
    }),
  );
  return stand;
}

/** For faults whose length is what they are about. */
function passing(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(), ms);
  });
}
