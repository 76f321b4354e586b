/** A hub with something in it to be hit: two organizations, units, events, subscriptions, proofs. */

import { adminKey, allScopes, join, type Member, request, tokenOf } from '../support/client.ts';
import { type HubProcess, removeFolder, scratchFolder, startHub } from '../support/hub-process.ts';
import { startReceiver } from '../support/receiver.ts';
import { furnish } from './furnish.ts';
import type { Purse } from './requests.ts';
import type { Known } from './shaped.ts';
import { type Route, readSurface } from './surface.ts';

export interface World {
  readonly hub: HubProcess;
  readonly surface: readonly Route[];
  readonly known: Known;
  /** Good and bad proofs of a route. */
  readonly purseOf: (route: Route) => Promise<Purse>;
  readonly close: () => Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

export async function createWorld(): Promise<World> {
  const dataDir = await scratchFolder();
  const receiver = await startReceiver();
  const hub = await startHub({ dataDir });
  const close = async () => {
    await hub.end('SIGTERM');
    await receiver.close();
    await removeFolder(dataDir);
  };
  try {
    const surface = await readSurface(hub.url);
    const member = await joinWith(hub.url, surface);
    const stranger = await join(hub.url, 'Stranger');
    const known = await furnish(hub.url, { member, callback: receiver.url });
    const user = await userToken(hub.url, member);
    const proofs = {
      hub: hub.url,
      known,
      member,
      stranger,
      bearers: [adminKey, member.token, user],
    };
    return { hub, surface, known, close, purseOf: (route) => fillPurse(route, proofs) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A member whose application has every scope that any route asks for. */
async function joinWith(hub: string, surface: readonly Route[]): Promise<Member> {
  const member = await join(hub, 'Member');
  const scopes = [...new Set([...allScopes, ...surface.flatMap((route) => route.scopes)])];
  const url = `${hub}/hub/v1/organizations/${member.id}/applications`;
  const { status, body, text } = await request<Pick<Member, 'clientId' | 'clientSecret'>>(url, {
    token: adminKey,
    body: { name: 'every scope', scopes },
  });
  if (status !== 201) throw new Error(`${url} answered ${status}: ${text}`);
  return { ...member, ...body, token: await tokenOf(hub, body) };
}

async function userToken(hub: string, { username, password }: Member): Promise<string> {
  const { text } = await request(`${hub}/ws/json/auth/v-1/login`, { body: { username, password } });
  return text;
}

interface Proofs {
  readonly hub: string;
  readonly known: Known;
  readonly member: Member;
  readonly stranger: Member;
  readonly bearers: readonly string[];
}

/** Which of our proofs open a route is found out by asking: no document says it in full. */
async function fillPurse(route: Route, given: Proofs): Promise<Purse> {
  const { hub, known, member, stranger, bearers } = given;
  const keysOf = ({ apiKey }: Member) => withKeys(route, apiKey);
  const right: Headers[] = bearers.map((token) => ({
    authorization: `Bearer ${token}`,
    ...keysOf(member),
  }));
  if (route.keyHeaders.length > 0) right.push(keysOf(member));
  const opened = await Promise.all(right.map((headers) => opens(hub, route, headers)));
  const isOpen = await opens(hub, route, {});
  const good = isOpen ? [{}] : right.filter((_headers, at) => opened[at]);
  if (good.length === 0) throw new Error(`no proof of ours opens ${route.path}`);
  const bearer = (headers: Headers) => ({ authorization: headers['authorization'] ?? '' });
  const garbled = garbledProofs(member.token).map((authorization) => ({
    authorization,
    ...keysOf(member),
  }));
  const strange = { authorization: `Bearer ${stranger.token}` };
  const keys = ['', 'pk_', 'x'.repeat(4_000), '\u00e9', `${member.apiKey} `, `${member.apiKey}x`];
  const bad: Headers[] = [
    ...[{}, keysOf(member), ...right.map(bearer), ...garbled],
    ...[
      { ...strange, ...keysOf(stranger) },
      { ...strange, ...keysOf(member) },
    ],
    ...keys.map((key) => ({ ...good[0], ...withKeys(route, key) })),
  ];
  return { known, good, bad };
}

function withKeys({ keyHeaders }: Route, key: string): Headers {
  return Object.fromEntries(keyHeaders.map((name) => [name, key]));
}

/** A request with an empty body tells it: proofs are checked before bodies are read. */
async function opens(hub: string, route: Route, headers: Headers): Promise<boolean> {
  const path = route.path.replace(/\{[^}]+\}/g, '-');
  const { status } = await request(`${hub}${path}`, { method: route.method, headers });
  return status !== 401 && status !== 403;
}

function garbledProofs(token: string): readonly string[] {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  return [
    ...[
      '',
      'Bearer',
      'Bearer ',
      'bearer x',
      'Bearer a.b.c',
      'Bearer ..',
      'Digest x',
      'Bearer \u00e9',
    ],
    `Bearer ${none}.${claims}.`,
    `Bearer ${head}.${claims}.${signature.slice(1)}A`,
    `Bearer ${head}.${claims.slice(0, -2)}.${signature}`,
    `Bearer  ${token}`,
    `Bearer ${token} ${token}`,
    `Bearer ${'a'.repeat(6_000)}`,
    `Bearer ${adminKey.toUpperCase()}`,
    basic('a:b'),
    basic('app_x:\u0000'),
    basic(':'),
    basic('no colon'),
    basic('%00%zz:%'),
    'Basic !!!',
    'Basic ',
    'Basic gICA',
  ];
}
