/** Fills a hub with units, events and subscriptions, and says by which texts they are found. */
import { type Member, request } from '../support/client.ts';
import type { Known } from './shaped.ts';

const references = ['CSQU3054383', 'CGMU0000001', '370724760010119754'];
const spis = ['CNI0000063978', 'CNI0000000001'];
/** Nobody has booked these, so that fuzzing does. */
const unbooked = Array.from({ length: 9 }, (_none, at) => `NEWU000000${at}`);
/** Fuzzing deletes some, and others are still to be hit. */
const subscriptionsToDelete = 60;
const lists = ['handling-units', 'events', 'subscriptions', 'deliveries'];

interface Made {
  readonly id: string;
  readonly events?: readonly { readonly id: string }[];
  readonly items?: readonly { readonly id: string }[];
  readonly nextCursor?: string | null;
}

interface Given {
  readonly member: Member;
  /** Where pushes may go. */
  readonly callback: string;
}

export async function furnish(hub: string, { member, callback }: Given): Promise<Known> {
  const send = async (method: string, path: string, body?: unknown): Promise<Made> => {
    const { token } = member;
    const answer = await request<Made>(`${hub}/hub/v1${path}`, { method, token, body });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.text}`);
    return answer.body;
  };
  const idsOf = async (made: readonly Promise<Made>[]) =>
    (await Promise.all(made)).map(({ id }) => id);

  const units = await idsOf(
    references.map((reference, at) => {
      const freightFamily = at === 2 ? 'Parcel' : 'Container';
      return send('PUT', '/handling-units', { reference, freightFamily, spi: spis[at] });
    }),
  );
  const all = await send('POST', '/subscriptions', { url: callback });
  const none = { url: callback, filter: { reference: 'NEVER' } };
  const mayGo = await idsOf(
    Array.from({ length: subscriptionsToDelete }, () => send('POST', '/subscriptions', none)),
  );
  const arrived = { type: 'arrived', occurredAt: '2026-11-20T14:00:00+01:00' };
  const told = references.map((reference) => ({ unit: { reference }, ...arrived }));
  const { events = [] } = await send('POST', '/events', told);
  const { items: deliveries = [] } = await send('GET', '/deliveries');
  const order = await addOrder(hub, member);
  const firstPages = await Promise.all(lists.map((list) => send('GET', `/${list}?limit=1`)));
  return {
    ...wordsOf(member, callback),
    organizations: [member.id],
    'handling-units': units,
    events: events.map(({ id }) => id),
    subscriptions: mayGo,
    deliveries: deliveries.map(({ id }) => id),
    subscription: [all.id, ...mayGo],
    orders: [order],
    unit: [...units, ...references],
    replaces: events.map(({ id }) => id),
    retracts: events.map(({ id }) => id),
    cursor: firstPages.flatMap(({ nextCursor }) => forgeriesOf(nextCursor ?? '')),
  };
}

async function addOrder(hub: string, { token }: Member): Promise<string> {
  const address = { locality: 'Gdynia', postal_code: '81-001', country: 'PL' };
  const events = [{ type: 'loading', place: { address }, time_frame: {} }];
  const body = { number: 'EN/1', route: { events } };
  const answer = await request<Made>(`${hub}/api/rest/v1/shipping-orders`, { token, body });
  if (answer.status !== 201) throw new Error(`adding an order answered ${answer.text}`);
  return answer.body.id;
}

/** A cursor, and others that a clever caller would make of it. */
function forgeriesOf(cursor: string): readonly string[] {
  const inside = Buffer.from(cursor, 'base64url').toString();
  const others = [
    `${inside.slice(0, -1)}z`,
    `${inside}\0`,
    `${inside} ${inside}`,
    inside.slice(0, 9),
  ];
  const again = others.map((text) => Buffer.from(text).toString('base64url'));
  return [cursor, cursor, ...again, `${cursor}=`, cursor.slice(1)];
}

/** By the members of every dialect, as far as they are known; others get what their schema says. */
function wordsOf(member: Member, callback: string): Known {
  return {
    reference: [...references, ...references, ...unbooked],
    trackingReference: ['(00)370724760010119754', ...references],
    identifier: references,
    spi: [...spis, ...unbooked.map((_reference, at) => `NEW000000000${at}`)],
    organization: [member.id],
    organization_id: [member.id],
    number: Array.from({ length: 400 }, (_none, at) => `EN/20112026/${at}`),
    url: [`${callback}/fuzz`, callback, 'http://nowhere.invalid/hook', 'http://[::1]:1/'],
    client_id: [member.clientId],
    client_secret: [member.clientSecret],
    grant_type: ['client_credentials', 'password', 'refresh_token'],
    scope: ['hub.read', 'soget.tracing hub.read', ''],
    username: [member.username, 'new-1', 'new-2', 'new-3'],
    password: [member.password],
    scopes: ['hub.read', 'soget.tracing'],
    services: ['parcel-register-event'],
    freightFamily: ['Container', 'break bulk', 'Parcel'],
    customsFlag: ['Import', 'unknown'],
    locale: ['NO', 'en'],
    minutesValid: ['5'],
    offer: ['default'],
    dialect: ['hub', 'soget'],
    dialects: ['parcels'],
  };
}
