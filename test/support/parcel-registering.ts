/** A shop, a parcel network that registers events of its parcels, and what the calls answer. */
import { beforeAll, expect } from 'vitest';
import {
  type Answer,
  bodyOf,
  book,
  type Client,
  type Member,
  type Page,
  request,
} from './client.ts';
import { loginOf } from './parcel-calls.ts';
import type { Stand } from './stand.ts';

export const registerPath = '/ws/json/parcel/tracking/v-2/register';

export interface ErrorBody {
  readonly statusCode: number;
  readonly errorKey: string;
  readonly errorMessage: string;
  readonly errorMap: Readonly<Record<string, string>>;
  readonly errorTrackingNr: string | null;
}

/** An error in this dialect's shape; the number to quote differs from request to request. */
export const errorOf = (statusCode: number, errorKey: string) => ({
  statusCode,
  errorKey,
  errorMessage: expect.any(String),
  errorMap: expect.any(Object),
  errorTrackingNr: expect.any(String),
});

interface Registered {
  readonly eventId: string;
  readonly trackingReference: string;
  readonly duplicate: boolean;
}

interface HubEvent {
  readonly id: string;
  readonly unit: { readonly id: string; readonly reference: string };
  readonly [member: string]: unknown;
}

type Parties = readonly { readonly organization: string; readonly role: string }[];

export interface Registering {
  /** Owner of the parcels. */
  readonly shop: Client;
  readonly network: Member;
  /** Token of the network's user. */
  readonly token: string;
  /** Books a parcel of the shop; without parties the network may register its events. */
  readonly parcel: (reference: string, parties?: Parties) => Promise<string>;
  readonly register: <Body = Registered>(token: string, body: unknown) => Promise<Answer<Body>>;
}

/** To be called at the top of a test file, after the stand. */
export function useRegistering(stand: Stand): Registering {
  const made: { shop?: Client; network?: Member; token?: string } = {};
  beforeAll(async () => {
    const [shop, network] = await Promise.all([stand.joinAsClient('Shop'), stand.join('Network')]);
    Object.assign(made, { shop, network, token: await loginOf(stand.url, network) });
  });
  const known = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('not there yet: ask inside a test or hook');
    return part;
  };
  return {
    get shop() {
      return known(made.shop);
    },
    get network() {
      return known(made.network);
    },
    get token() {
      return known(made.token);
    },
    parcel: (reference, parties) => {
      const carrier = { organization: known(made.network).id, role: 'carrier' };
      const unit = { reference, freightFamily: 'parcel', parties: parties ?? [carrier] };
      return book(known(made.shop).api, unit);
    },
    register: (token, body) => request(`${stand.url}${registerPath}`, { token, body }),
  };
}

export async function eventsOf(client: Client, unit: string): Promise<readonly HubEvent[]> {
  const path = `/events?unit=${encodeURIComponent(unit)}`;
  return bodyOf(await client.api.get<Page<HubEvent>>(path)).items;
}
