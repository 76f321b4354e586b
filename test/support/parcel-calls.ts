/** The parcel network's calls over HTTP, and what their answers look like. For acceptance tests. */
import { type Answer, bodyOf, type Member, request } from './client.ts';

interface Key {
  readonly apiKey: string;
  readonly description: string | null;
  readonly i18nKey: string | null;
}

export interface ParcelEvent {
  readonly eventTime: string;
  readonly eventTimeUtc: string;
  readonly eventType: Key;
  readonly additionalInfo: Key | null;
  readonly regSystem: { readonly id: number; readonly name: string };
  readonly [member: string]: unknown;
}

export interface LogEvent extends ParcelEvent {
  readonly shipmentNumber: string | null;
  readonly trackingReference: string;
}

export interface Item {
  readonly trackingNumber: string;
  readonly parcelStatus: string | null;
  readonly events: readonly ParcelEvent[];
  readonly [member: string]: unknown;
}

export interface Shipment {
  readonly shipmentNumber: string | null;
  readonly items: readonly Item[];
  readonly [member: string]: unknown;
}

export interface Fault {
  readonly statusCode: number;
  readonly errorKey: string;
  readonly errorMap: Readonly<Record<string, string>>;
  readonly errorTrackingNr: string;
}

/** Calls below `/ws/json/parcel/tracking/` with the tokens of these members' users. */
export interface ParcelCalls {
  readonly register: (member: Member, body: Record<string, unknown>) => Promise<void>;
  readonly log: <Body>(member: Member, path: string) => Promise<Answer<Body>>;
}

export async function parcelCalls(hub: string, members: readonly Member[]): Promise<ParcelCalls> {
  const tokens = new Map<Member, string>();
  for (const member of members) tokens.set(member, await loginOf(hub, member));
  const base = `${hub}/ws/json/parcel/tracking`;
  const tokenOf = (member: Member) => tokens.get(member) ?? '';
  return {
    register: async (member, body) => {
      bodyOf(await request(`${base}/v-2/register`, { token: tokenOf(member), body }));
    },
    log: (member, path) => request(`${base}/${path}`, { token: tokenOf(member) }),
  };
}

export async function loginOf(
  hub: string,
  { username, password }: Pick<Member, 'username' | 'password'>,
): Promise<string> {
  const body = { username, password };
  const answer = await request<{ token: string }>(`${hub}/ws/json/auth/v-2/login`, { body });
  return bodyOf(answer).token;
}
