/** Talks to a hub over HTTP, as a partner's engineer would. For acceptance tests. */
import { adminKey } from './hub-process.ts';

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly body: Body;
}

export interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function payloadOf(call: Call): { body: string; type: string } | undefined {
  if (call.form !== undefined) {
    const body = new URLSearchParams(call.form).toString();
    return { body, type: 'application/x-www-form-urlencoded' };
  }
  if (call.body === undefined) return undefined;
  const body = typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
  return { body, type: 'application/json' };
}

export async function request<Body = Record<string, unknown>>(
  url: string,
  call: Call = {},
): Promise<Answer<Body>> {
  const payload = payloadOf(call);
  const response = await fetch(url, {
    method: call.method ?? (payload === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      ...(payload === undefined ? {} : { 'content-type': payload.type }),
      ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
      ...call.headers,
    },
    ...(payload === undefined ? {} : { body: payload.body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) as Body };
}

/** An organization with an application and an API key. */
export interface Client {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiKey: string;
  /** Access token of the application, with all scopes. */
  readonly token: string;
  /** The hub's own API with that token. */
  readonly api: Api;
}

/** With a user too. */
export interface Member extends Client {
  readonly username: string;
  readonly password: string;
}

export const allScopes = [
  'hub.read',
  'hub.units.write',
  'hub.events.write',
  'hub.subscriptions',
  'soget.tracking',
  'soget.tracing',
  'orders.orders.basic.read',
  'orders.shipping-orders.basic.create',
];

/** Body of an answer that must have this status; else the test ends with what came instead. */
export function bodyOf<Body>(answer: Answer<Body>, status = 200): Body {
  if (answer.status !== status) throw new Error(`${answer.status}, not ${status}: ${answer.text}`);
  return answer.body;
}

/** Calls of the hub's own API with one proof; paths begin below `/hub/v1`. */
export interface Api {
  readonly get: <Body = Record<string, unknown>>(path: string) => Promise<Answer<Body>>;
  readonly send: <Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<Answer<Body>>;
}

export function apiOf(hub: string, token: string): Api {
  return {
    get: (path) => request(`${hub}/hub/v1${path}`, { token }),
    send: (method, path, body) => request(`${hub}/hub/v1${path}`, { method, token, body }),
  };
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface EventResult {
  readonly id: string;
  readonly status: 'recorded' | 'duplicate' | 'rejected';
  readonly error?: { readonly code: string; readonly path: string };
}

/** Registers one event through the hub's own API; its id. */
export async function record(api: Api, event: unknown): Promise<string> {
  const answer = await api.send<{ events: EventResult[] }>('POST', '/events', event);
  const [result] = bodyOf(answer, 201).events;
  if (result?.status !== 'recorded') throw new Error(`not recorded: ${answer.text}`);
  return result.id;
}

/** Books a unit through the hub's own API; its id. */
export async function book(api: Api, unit: unknown): Promise<string> {
  return bodyOf(await api.send<{ id: string }>('PUT', '/handling-units', unit), 201).id;
}

export interface Subscribed {
  readonly id: string;
  readonly secret: string;
}

export async function subscribe(api: Api, url: string, filter: object = {}): Promise<Subscribed> {
  return bodyOf(await api.send<Subscribed>('POST', '/subscriptions', { url, filter }), 201);
}

async function created<Body>(url: string, body: unknown): Promise<Body> {
  const answer = await request<Body>(url, { token: adminKey, body });
  if (answer.status !== 201) throw new Error(`${url} answered ${answer.status}: ${answer.text}`);
  return answer.body;
}

/** Provisions an organization with an application and an API key. */
export async function joinAsClient(hub: string, name: string): Promise<Client> {
  const base = `${hub}/hub/v1/organizations`;
  const { id } = await created<{ id: string }>(base, { name });
  const { clientId, clientSecret } = await created<{ clientId: string; clientSecret: string }>(
    `${base}/${id}/applications`,
    { name: `${name} app`, scopes: allScopes },
  );
  const { apiKey } = await created<{ apiKey: string }>(`${base}/${id}/api-keys`, { name });
  const token = await tokenOf(hub, { clientId, clientSecret });
  return { id, clientId, clientSecret, apiKey, token, api: apiOf(hub, token) };
}

let users = 0;

/** The same with a user; this is slow, as making and checking passwords is meant to be. */
export async function join(hub: string, name: string): Promise<Member> {
  const client = await joinAsClient(hub, name);
  users += 1;
  const username = `user-${process.pid}-${users}`;
  const password = 'a-very-very-long-password';
  await created(`${hub}/hub/v1/organizations/${client.id}/users`, { username, password });
  return { ...client, username, password };
}

export async function tokenOf(
  hub: string,
  client: { readonly clientId: string; readonly clientSecret: string },
): Promise<string> {
  const answer = await request<{ access_token: string }>(
    `${hub}/soget-connect/v1/openid-connect/token`,
    { form: { client_id: client.clientId, client_secret: client.clientSecret } },
  );
  if (answer.status !== 200) throw new Error(`no token: ${answer.text}`);
  return answer.body.access_token;
}

export { adminKey };
