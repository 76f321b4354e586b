/**
 * A container subscribed to at the terminal by the published sample request, in the middle of its
 * stay: what was before is read, what comes is posted, and what the terminal has no word for is not.
 */
import type { Happening } from '../books/matching.ts';
import { containers, publishedSubscription, vessel } from '../cast.ts';
import { member } from '../json.ts';
import {
  endSubscription,
  listSubscriptions,
  pastEventsRequest,
  readPastEvents,
  retrieve,
  subscribeAtTerminal,
} from '../speak/terminal.ts';
import { registerInHub, type Stage, step } from '../stage.ts';
import { followAtTerminal, type Parts } from '../subscriptions.ts';
import { at } from './clock.ts';

const { subscribed } = containers;
const place = { unlocode: 'FRLEH', location: 'MTDF', name: 'Terminal de France' };

export async function playTerminalDay(stage: Stage, parts: Parts): Promise<void> {
  await tell(stage, '14:30', 'gated in, with nobody subscribed', {
    ...{ type: 'gated-in', mode: 3, way: 'in', full: true, vehicle: { id: 'FK-220-TT' } },
  });
  const id = await followAtTerminal(parts, subscribed, publishedSubscription);
  stage.say({
    ...{ time: '14:40', dialect: 'terminal', text: "the terminal's sample request, sent twice" },
    outcome: `one subscription, ${id}`,
  });
  await tell(stage, '14:50', 'shifted in the yard', { type: 'shifted' });
  await tell(stage, '15:05', 'sealed: the terminal has no word for it', { type: 'sealed' });
  await tell(stage, '15:10', 'released by customs', { type: 'customs-released' });
  const aboard = { mode: 1, way: 'out', vehicle: vessel, full: true } as const;
  await tell(stage, '15:30', `loaded on ${vessel.name}`, { type: 'loaded', ...aboard });
  await checkPast(stage, id);
  await endAnother(stage, parts);
  await tell(stage, '16:05', 'sailed, which starts its end', { type: 'departed', ...aboard });
  await tellState(stage, id);
}

function tell(
  stage: Stage,
  time: string,
  text: string,
  facts: Omit<Happening, 'unit' | 'occurredAt'>,
): Promise<void> {
  const happening = { unit: subscribed, occurredAt: at(time), place, ...facts };
  const line = { time, dialect: 'hub', text: `${subscribed.reference} ${text}` } as const;
  return step(stage, line, () => registerInHub(stage, { by: 'terminal', happenings: [happening] }));
}

/** Also those from before the subscription, in their order, and only those with a name. */
const pastNames = ['actualGateIn', 'shiftCell', 'customsRelease', 'actualLoadedOnVessel'];

async function checkPast({ client, world, say }: Stage, id: string): Promise<void> {
  const { apiKey } = world.members.shipper;
  const answer = await client.send(pastEventsRequest(apiKey, id), 200);
  const past = readPastEvents(answer.text);
  const names = past.map(({ eventType }) => eventType).join(', ');
  const isOfUnit = past.every((event) => event.equipmentNumber === subscribed.reference);
  if (names !== pastNames.join(', ') || !isOfUnit) throw new Error(`past events are ${names}`);
  const text = `past events of ${subscribed.reference}: ${past.length}, one from before`;
  say({ time: '15:40', dialect: 'terminal', text, outcome: names });
}

/** A second one for the same container is shown in the list, until it is deleted. */
async function endAnother(stage: Stage, { receiver }: Parts): Promise<void> {
  const { client, world, say } = stage;
  const { apiKey } = world.members.shipper;
  const callbackUrl = receiver.urlFor('terminal-for-a-moment');
  const wanted = { ...publishedSubscription, callbackUrl };
  const id = await subscribeAtTerminal(client, apiKey, wanted);
  const before = await listSubscriptions(client, apiKey);
  await endSubscription(client, apiKey, id);
  const after = await listSubscriptions(client, apiKey);
  if (!before.includes(id) || after.includes(id)) throw new Error('the list does not show it');
  const outcome = `${before.length} in the list, then ${after.length}`;
  say({
    time: '15:45',
    dialect: 'terminal',
    text: 'another callback, listed and deleted',
    outcome,
  });
}

/** A subscription ends some days after its container has left; its id still tells its state. */
async function tellState({ client, world, say }: Stage, id: string): Promise<void> {
  const shown = await retrieve(client, world.members.shipper.apiKey, id);
  if (member(shown, 'bookingReference') !== null) throw new Error('the text null was not read');
  const outcome = String(member(shown, 'state') ?? 'active for some days more');
  say({ time: '16:10', dialect: 'terminal', text: 'the subscription, retrieved', outcome });
}
