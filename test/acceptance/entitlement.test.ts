/**
 * Who learns what, as a matrix: every route that could tell of a unit, an event, a subscription or
 * a delivery, asked by everyone who could ask. Each question is put twice: about what is there, and
 * about what is not. Only where the two answers differ has the asker learnt anything.
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  adminKey,
  apiOf,
  bodyOf,
  book,
  join,
  joinAsClient,
  type Member,
  type Page,
  record,
  request,
  subscribe,
  tokenOf,
} from '../support/client.ts';
import { type HubProcess, removeFolder, scratchFolder, startHub } from '../support/hub-process.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { errorLines } from '../support/stand.ts';
import {
  type Asker,
  event,
  type Names,
  type Question,
  questions,
  type Role,
  shippingOrder,
} from './entitlement-questions.ts';

const members = new Map<Role, Asker & { readonly member: Member }>();
const proofs = new Map<string, Asker>();
let hub: HubProcess;
let receiver: Receiver;
let real: Names;
let unreal: Names;
const dataDir = scratchFolder();

/** Two hours ago, as the hub sees it: what it gives out then has expired now. */
async function startEarlier(folder: string): Promise<HubProcess> {
  const file = joinPath(folder, 'earlier.mjs');
  await writeFile(file, 'const now = Date.now; Date.now = () => now() - 7_200_000;\n');
  const environment = { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` };
  return startHub({ dataDir: folder, environment });
}

async function userTokenOf(url: string, { username, password }: Member): Promise<string> {
  const body = { username, password };
  return bodyOf(await request<{ token: string }>(`${url}/ws/json/auth/v-2/login`, { body })).token;
}

/** The same claims and the same key id, signed by another hub. */
async function forged(token: string): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  const { alg = 'RS256', ...header } = decodeProtectedHeader(token);
  return new SignJWT(decodeJwt(token)).setProtectedHeader({ alg, ...header }).sign(privateKey);
}

/** Alike in form and place, but of nothing. */
function madeUp(id: string): string {
  const digit = id.at(-1) === '0' ? '1' : '0';
  return `${id.slice(0, -1)}${digit}`;
}

async function trackingOf(member: Member, reference: string): Promise<string> {
  const answer = await request<string>(`${hub.url}/api-tracking-code/v1/track-handling-unit`, {
    token: member.token,
    headers: { 'Ocp-Apim-Subscription-Key': member.apiKey },
    body: { reference, url: `${receiver.url}/tracking` },
  });
  return bodyOf(answer, 201);
}

async function orderOf(member: Member, number: string, more: object): Promise<string> {
  const answer = await request<{ id: string }>(`${hub.url}/api/rest/v1/shipping-orders`, {
    token: member.token,
    body: shippingOrder(number, more),
  });
  return bodyOf(answer, 201).id;
}

/** One unit of the owner with an event, a subscription, a tracking and deliveries. */
async function furnish(): Promise<void> {
  const [mine, party, observer] = (['owner', 'party', 'observer'] as const).map((role) => {
    const found = members.get(role)?.member;
    if (found === undefined) throw new Error(`nobody is ${role}`);
    return found;
  });
  if (mine === undefined || party === undefined || observer === undefined) return;
  const named = { reference: 'MSCU0000011', spi: 'ENT0000000001', document: 'BKG-ENT-1' };
  const unit = await book(mine.api, {
    ...{ reference: named.reference, spi: named.spi, freightFamily: 'Container' },
    documents: [{ type: 'booking', reference: named.document }],
    parties: [
      { organization: party.id, role: 'carrier' },
      { organization: observer.id, role: 'observer' },
    ],
  });
  const { id: subscription } = await subscribe(mine.api, `${receiver.url}/entitled`);
  const tracking = await trackingOf(mine, named.reference);
  const told = await record(mine.api, event({ id: unit }));
  const push = await receiver.waitFor(({ path }) => path === '/entitled');
  await receiver.waitFor(({ path }) => path === '/tracking');
  const delivery = String(push.headers['webhook-id']);
  const orderNumber = 'ORD-ENT-1';
  const order = await orderOf(mine, orderNumber, {
    carrier: { name: 'Carrier', organization_id: party.id },
    payer: { name: 'Payer', organization_id: observer.id },
  });
  real = { ...named, unit, event: told, subscription, tracking, delivery, order, orderNumber };
  unreal = {
    // Like the real one its check digit fails.
    ...{ reference: 'MSCU0000014', spi: 'ENT0000000002', document: 'BKG-ENT-2' },
    ...{ unit: madeUp(unit), event: madeUp(told), subscription: madeUp(subscription) },
    ...{ tracking: 'TRK9999999999', delivery: madeUp(delivery) },
    ...{ order: madeUp(order), orderNumber: 'ORD-ENT-2' },
  };
}

beforeAll(async () => {
  const folder = await dataDir;
  receiver = await startReceiver();
  const earlier = await startEarlier(folder);
  const roles = ['owner', 'party', 'observer', 'stranger'] as const;
  const joined = await Promise.all(roles.map((role) => join(earlier.url, role)));
  const [first] = joined;
  if (first === undefined) throw new Error('nobody joined');
  const expired = {
    ...{ token: first.token, apiKey: first.apiKey },
    userToken: await userTokenOf(earlier.url, first),
  };
  await earlier.end('SIGTERM');
  hub = await startHub({ dataDir: folder });
  for (const [at, role] of roles.entries()) {
    const known = joined[at];
    if (known === undefined) continue;
    const token = await tokenOf(hub.url, known);
    const member = { ...known, token, api: apiOf(hub.url, token) };
    const userToken = await userTokenOf(hub.url, member);
    members.set(role, { member, token, apiKey: known.apiKey, userToken });
    await book(member.api, { reference: 'OWN-OF-ALL', freightFamily: 'Container' });
  }
  const mine = members.get('owner');
  if (mine?.token === undefined || mine.userToken === undefined) return;
  proofs.set('no proof', { token: undefined, apiKey: undefined, userToken: undefined });
  proofs.set('expired tokens', expired);
  proofs.set('tokens of another hub', {
    ...{ token: await forged(mine.token), apiKey: mine.apiKey },
    userToken: await forged(mine.userToken),
  });
  await furnish();
});

afterAll(async () => {
  const code = await hub.end('SIGTERM');
  await receiver.close();
  await removeFolder(await dataDir);
  expect({ code, errors: errorLines(hub.output()) }).toEqual({ code: 0, errors: [] });
});

/** Headers that tell when or how long, and nothing of what was asked. */
const untelling = new Set([
  'date',
  'keep-alive',
  'connection',
  'content-length',
  'transfer-encoding',
]);

/** An answer without what differs from request to request: what was named, times, request ids. */
function essence({ status, headers, text }: Answer<unknown>, names: Names) {
  const plain = (told: string) =>
    Object.entries(names)
      .reduce((echoed, [word, name]) => echoed.replaceAll(name, `{${word}}`), told)
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, '{time}')
      .replace(/"(requestId|errorTrackingNr)":"[^"]+"/g, '"$1":"{request}"')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '{id}')
      .replace(/TRK\d{10}/g, '{TRK}')
      .replace(/whsec_[\w+/=]+/g, '{secret}');
  return {
    status,
    headers: [...headers]
      .filter(([name]) => !untelling.has(name))
      .map(([name, value]) => [name, plain(value)]),
    body: plain(text),
  };
}

async function answersTo(question: Question, asker: Asker) {
  const about = async (names: Names) => {
    const [path, call] = question.ask(names, asker);
    return essence(await request<unknown>(`${hub.url}${path}`, call), names);
  };
  return { real: await about(real), unreal: await about(unreal) };
}

describe('without a proof that holds', () => {
  it.each(Object.entries(questions))('%s tells nothing', async (_name, question) => {
    for (const [proof, asker] of proofs) {
      const answers = await answersTo(question, asker);
      expect({ proof, status: answers.real.status }).toEqual({ proof, status: 401 });
      expect({ proof, answer: answers.real }).toEqual({ proof, answer: answers.unreal });
    }
  });
});

describe('with a proof', () => {
  it.each(Object.entries(questions))('%s tells those entitled only', async (_name, question) => {
    for (const role of ['stranger', 'observer', 'party', 'owner'] as const) {
      const asker = members.get(role);
      if (asker === undefined) throw new Error(`nobody is ${role}`);
      const answers = await answersTo(question, asker);
      expect(answers.real.status).toBeLessThan(500);
      expect(answers.real.status).not.toBe(401);
      if (question.told.includes(role)) {
        expect({ role, answer: answers.real }).not.toEqual({ role, answer: answers.unreal });
      } else {
        expect({ role, answer: answers.real }).toEqual({ role, answer: answers.unreal });
      }
    }
  });
});

describe('lists that name nothing', () => {
  it.each(['/handling-units', '/events', '/subscriptions', '/deliveries'])(
    'of %s hold nothing of others',
    async (path) => {
      const stranger = await joinAsClient(hub.url, 'Another stranger');
      const empty = await stranger.api.get<Page<unknown>>(path);
      expect(bodyOf(empty)).toEqual({ items: [], nextCursor: null });
      const all = await apiOf(hub.url, adminKey).get<Page<unknown>>(path);
      expect(bodyOf(all).items).not.toEqual([]);
    },
  );

  it('do not take another’s cursor for a key to what that one sees', async () => {
    const mine = members.get('owner')?.member;
    const stranger = members.get('stranger')?.member;
    for (const list of ['/handling-units', '/events']) {
      const first = await mine?.api.get<Page<{ id: string }>>(`${list}?limit=1`);
      const cursor = first?.body.nextCursor;
      expect({ list, cursor }).toEqual({ list, cursor: expect.any(String) });
      const next = await stranger?.api.get(`${list}?limit=200&cursor=${cursor}`);
      expect(next?.status).toBe(200);
      expect(next?.text).not.toContain(real.unit);
      expect(next?.text).not.toContain(real.event);
    }
  });
});

describe('naming others', () => {
  it('does not tell whether an organization exists', async () => {
    const mine = members.get('owner')?.member;
    const stranger = members.get('stranger')?.member;
    const ask = async (organization: string | undefined) => {
      const answer = await stranger?.api.send('PUT', '/handling-units', {
        ...{ reference: 'WHOSE-1', freightFamily: 'Container', organization },
      });
      return { status: answer?.status, detail: answer?.body['detail'] };
    };
    const known = await ask(mine?.id);
    expect(known).toEqual(await ask(randomUUID()));
    expect(known.status).toBe(403);
  });

  it('does not tell by a booking whether an SPI is taken', async () => {
    const { api } = await joinAsClient(hub.url, 'Guesser');
    const ask = async (spi: string, reference: string) => {
      const unit = { reference, spi, freightFamily: 'Container' };
      return essence(await api.send('PUT', '/handling-units', unit), { ...unreal, spi, reference });
    };
    const known = await ask(real.spi, 'MINE-1');
    expect(known).toEqual(await ask(unreal.spi, 'MINE-2'));
    expect(known.status).toBe(201);
  });
});
