/** The whole evening: provisioning, the scenes in their order, the closing table, the curl lines. */
import { createLedger } from './books/ledger.ts';
import { createClient } from './http.ts';
import type { HubProcess } from './hub-process.ts';
import { bookFreight, provision } from './provision.ts';
import { type Push, startReceiver } from './receiver.ts';
import { createSettled, type Stage } from './stage.ts';
import { playOrder } from './story/order.ts';
import { playParcelWay } from './story/parcel-way.ts';
import { playRestOfTheDay } from './story/rest-of-the-day.ts';
import { playStranger } from './story/stranger.ts';
import { playTerminalDay } from './story/terminal-day.ts';
import { playVesselCall } from './story/vessel-call.ts';
import { followAllAtTerminal, type Parts, subscribeInHub, trackInSoget } from './subscriptions.ts';
import { closingTable } from './table.ts';
import { announce, heading, prepare, say } from './telling.ts';
import { type Suggestion, tryNext } from './try-next.ts';

export interface Show {
  /** Plays all of it; resolves when everything due has arrived, or the wait for it is over. */
  readonly play: () => Promise<Result>;
  /** Prints what to try next; pushes that come from then on are shown. */
  readonly stayUp: (suggestions: readonly Suggestion[]) => void;
  readonly close: () => Promise<void>;
}

export interface Result {
  /** All that was due arrived and verified, and nothing else came. */
  readonly isWell: boolean;
  readonly suggestions: readonly Suggestion[];
}

/** For all the pushes of the story together; longer than the first retry takes. */
const waitMsMax = 30_000;

export async function openShow(hub: HubProcess): Promise<Show> {
  const ledger = createLedger();
  let take: (push: Push) => void = ledger.arrived;
  const receiver = await startReceiver((push) => take(push));
  const client = createClient(hub.url);

  return {
    async play() {
      heading(`Portolan at ${hub.url}: a day of freight events in five dialects.`);
      const world = await provision(client, hub.adminKey);
      prepare(`${Object.keys(world.members).length} organizations with their credentials`);
      prepare(`${await bookFreight(client, world)} containers and parcels booked`);
      await subscribeAll({ client, world, receiver, ledger });
      const settled = createSettled(ledger, waitMsMax);
      const stage = { client, world, ledger, settled, say };
      return playScenes(stage, { client, world, receiver, ledger });
    },
    stayUp(suggestions) {
      take = announce;
      heading('Try next, in another terminal; the tokens are good for an hour at least:');
      for (const { says, curlLine } of suggestions) console.log(`# ${says}\n${curlLine}\n`);
      heading(`The hub stays up until Ctrl-C: ${hub.url}/  New pushes are shown here.`);
    },
    async close() {
      await client.close();
      await receiver.close();
    },
  };
}

async function subscribeAll(parts: Parts): Promise<void> {
  const inHub = await subscribeInHub(parts);
  const inSoget = await trackInSoget(parts);
  const atTerminal = await followAllAtTerminal(parts);
  const told = `${inSoget} SOGET trackings, and ${atTerminal} terminal subscriptions`;
  prepare(`${inHub} hub subscriptions, ${told}; what others ask for is asked for twice`);
}

async function playScenes(stage: Stage, parts: Parts): Promise<Result> {
  const { ledger } = stage;
  heading(
    "A vessel's call, registered in the hub's API, pushed as the hub, SOGET and the terminal do:",
  );
  await playVesselCall(stage);
  await playStranger(stage);
  heading('An order of the road exchange, its stops planned for the containers booked under it:');
  await playOrder(stage);
  heading('A container at the terminal, subscribed to in the middle of its stay:');
  await playTerminalDay(stage, parts);
  heading("A parcel's way, registered in the parcel network's dialect:");
  await playParcelWay(stage);
  heading('The rest of the day:');
  await playRestOfTheDay(stage);
  const suggestions = await tryNext(stage);

  heading('What came in, what went out, and how long after the acknowledgement it was there:');
  console.log(closingTable(ledger));
  const faults = ledger.faults();
  heading(verdict(faults));
  return { isWell: faults.length === 0, suggestions };
}

const faultsShown = 20;

function verdict(faults: readonly string[]): string {
  if (faults.length === 0)
    return 'Everything due arrived once, in full, and its signature verified.';
  const more = faults.length > faultsShown ? [`… and ${faults.length - faultsShown} more`] : [];
  return ['NOT ALL IS WELL:', ...faults.slice(0, faultsShown), ...more].join('\n  ');
}
