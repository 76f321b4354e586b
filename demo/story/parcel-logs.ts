/** The event logs at the end of a parcel's way: by its own number, and by that of its shipment. */
import { parcels, spellingsOf } from '../cast.ts';
import { type LogQuery, logRequest, readLog, readShipment } from '../speak/parcels.ts';
import type { Stage } from '../stage.ts';
import { at } from './clock.ts';

const [shipment] = parcels.followed.documents;
/** The logs go back half a year, and whoever runs this may do so later: then they are told less. */
const logMs = 180 * 86_400_000;
const isInLog = () => Date.now() < Date.parse(at('18:25')) + logMs;

/** `ids`: the event types told of the followed parcel, in their order. */
export async function playParcelLogs(
  stage: Stage,
  token: string,
  ids: readonly string[],
): Promise<void> {
  await checkLog(stage, token, isInLog() ? ids : []);
  await checkShipment(stage, token, isInLog() ? ids.slice(-1) : []);
}

async function ask({ client }: Stage, token: string, query: LogQuery): Promise<string> {
  return (await client.send(logRequest(token, query), 200)).text;
}

async function checkLog(stage: Stage, token: string, ids: readonly string[]): Promise<void> {
  const [identifier] = spellingsOf(parcels.followed.reference);
  const query = { version: 'v-1', identifier, locale: 'NO', onlyLast: false } as const;
  const events = readLog(await ask(stage, token, query));
  const told = events.map(({ id }) => id);
  if (told.join() !== ids.join()) throw new Error(`the log tells ${told}, not ${ids}`);
  stage.say({
    time: '18:40',
    dialect: 'parcels',
    text: `event log v-1 of ${identifier} in Norwegian`,
    outcome: `${events.length} events, the last “${events.at(-1)?.description ?? ''}”`,
  });
}

/** Two parcels travel in it; what is known of the second is too old to be told in full. */
async function checkShipment(stage: Stage, token: string, ids: readonly string[]): Promise<void> {
  const identifier = shipment?.reference ?? '';
  const query = { version: 'v-2', identifier, locale: 'EN', onlyLast: true } as const;
  const items = readShipment(await ask(stage, token, query));
  const told = new Map(items.map(({ trackingNumber, events }) => [trackingNumber, events.join()]));
  const { followed, sample } = parcels;
  const isTold = told.get(followed.reference) === ids.join() && told.get(sample.reference) === '';
  if (told.size !== 2 || !isTold) throw new Error(`the shipment tells ${JSON.stringify(items)}`);
  stage.say({
    time: '18:41',
    dialect: 'parcels',
    text: `event log v-2 of shipment ${identifier}`,
    outcome: items.map(({ trackingNumber, status }) => `${trackingNumber} ${status}`).join(', '),
  });
}
