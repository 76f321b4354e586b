/** Who wishes to be told what, and how they ask: each in their own dialect. */
import type { Ledger } from './books/ledger.ts';
import type { Wish } from './books/matching.ts';
import { containers, ordinaryContainers, publishedTracking, type Unit } from './cast.ts';
import type { Client } from './http.ts';
import type { World } from './provision.ts';
import type { Receiver } from './receiver.ts';
import { newSecret, secretOf, subscribe } from './speak/hub.ts';
import { type Tracking, track } from './speak/soget.ts';
import { subscribeAtTerminal, type WantedSubscription } from './speak/terminal.ts';

const hubWishes: readonly Omit<Wish, 'dialect'>[] = [
  { name: 'shipper-everything', subscriber: 'shipper', filter: {} },
  {
    name: 'port-customs',
    subscriber: 'port',
    filter: { types: ['customs-held', 'customs-released'] },
  },
  {
    name: 'terminal-gates',
    subscriber: 'terminal',
    filter: { types: ['gated-in', 'gated-out'], place: 'MTDF' },
  },
  {
    name: 'network-delivered',
    subscriber: 'parcelNetwork',
    filter: { types: ['delivered'], freightFamily: 'Parcel' },
  },
  { name: 'stranger-everything', subscriber: 'stranger', filter: {} },
];

type Wanted = Omit<Tracking, 'url'>;
const { traced, sample, third, transhipped } = containers;
const trackedOrdinaryCount = 15;

/** The shipper's trackings, by a name of its own. */
const trackings: Readonly<Record<string, Wanted>> = {
  'track-published-sample': publishedTracking,
  'track-by-spi': {
    reference: traced.reference,
    spi: traced.spi,
    way: 'Import',
    externalReference: 'FILE-2026-0417',
  },
  'track-at-the-terminal': { reference: third.reference, place: 'MTDF' },
  // The container is in transhipment, so a tracking of imports is never due anything.
  'track-other-direction': { reference: transhipped.reference, way: 'Import' },
  ...Object.fromEntries(
    ordinaryContainers.slice(0, trackedOrdinaryCount).map(({ reference }) => {
      const wanted: Wanted = { reference, externalReference: `ORD-${reference}` };
      return [`track-${reference}`, wanted];
    }),
  ),
};

export interface Parts {
  readonly client: Client;
  readonly world: World;
  readonly receiver: Receiver;
  readonly ledger: Ledger;
}

/** Makes all subscriptions of the hub's own dialect; how many. */
export async function subscribeInHub(parts: Parts): Promise<number> {
  const { client, world, receiver, ledger } = parts;
  for (const { name, subscriber, filter } of hubWishes) {
    const { token } = world.members[subscriber];
    const secret = await subscribe(client, token, { url: receiver.urlFor(name), filter });
    receiver.trust(name, secret);
    ledger.follow({ name, dialect: 'hub', subscriber, filter });
  }
  return hubWishes.length;
}

/** Makes all SOGET trackings; how many. Each is asked for twice, and is the same one then. */
export async function trackInSoget(parts: Parts): Promise<number> {
  const { client, world, receiver, ledger } = parts;
  const { shipper } = world.members;
  for (const [name, wanted] of Object.entries(trackings)) {
    const tracking = { ...wanted, url: receiver.urlFor(name) };
    const externalId = await track(client, shipper, tracking);
    const again = await track(client, shipper, tracking);
    if (again !== externalId) throw new Error(`${name}: ${again} instead of ${externalId}`);
    const secret = await secretOf(client, shipper.token, { dialect: 'soget', externalId });
    receiver.trust(name, secret);
    ledger.follow(wishOf(name, wanted));
  }
  return Object.keys(trackings).length;
}

function wishOf(name: string, wanted: Wanted): Wish {
  const { reference, spi, place, way, externalReference } = wanted;
  return {
    name,
    dialect: 'soget',
    subscriber: 'shipper',
    filter: { reference, spi, place, direction: way },
    externalReference,
  };
}

/**
 * Containers that the shipper follows at the terminal, by their bookings. Nothing more is told of
 * them once they have left: the story's day may be so long ago that this ends the subscription.
 */
const atTerminal: readonly Unit[] = [
  sample,
  third,
  ...ordinaryContainers.slice(-trackedOrdinaryCount),
];

/** Makes all subscriptions at the terminal; how many. */
export async function followAllAtTerminal(parts: Parts): Promise<number> {
  for (const unit of atTerminal) {
    const booking = unit.documents.find(({ type }) => type === 'booking');
    await followAtTerminal(parts, unit, {
      bookingReference: booking?.reference ?? null,
      transportDocumentID: null,
      transportDocumentType: null,
      equipmentReference: unit.reference,
    });
  }
  return atTerminal.length;
}

/** Subscribes twice, which has to give the same subscription; its id. */
export async function followAtTerminal(
  { client, world, receiver, ledger }: Parts,
  unit: Unit,
  wanted: Omit<WantedSubscription, 'callbackUrl'>,
): Promise<string> {
  const { apiKey, token } = world.members.shipper;
  const name = `terminal-${unit.reference}`;
  const body = { callbackUrl: receiver.urlFor(name), ...wanted };
  const id = await subscribeAtTerminal(client, apiKey, body);
  const again = await subscribeAtTerminal(client, apiKey, body);
  if (again !== id) throw new Error(`${name}: ${again} instead of ${id}`);
  receiver.trust(name, await newSecret(client, token, id));
  const filter = { reference: unit.reference };
  ledger.follow({ name, dialect: 'terminal', subscriber: 'shipper', filter });
  return id;
}
