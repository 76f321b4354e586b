/** The hub's own API: provisioning, handling units, events, subscriptions. */
import { bearer, type Client, formRequest, type HttpRequest, jsonRequest } from '../http.ts';
import { list, member, parse, text } from '../json.ts';

/* ---- provisioning: the operator's calls, with the admin key --------------------------------- */

export async function createOrganization(client: Client, adminKey: string, name: string) {
  const answer = await client.send(
    jsonRequest({
      method: 'POST',
      path: '/hub/v1/organizations',
      headers: bearer(adminKey),
      body: { name },
    }),
    201,
  );
  return text(parse(answer.text), 'id');
}

/** Creates something that an organization owns; the answer holds its secrets, shown once. */
export async function createFor(
  client: Client,
  adminKey: string,
  given: {
    readonly organization: string;
    readonly what: 'applications' | 'api-keys' | 'users';
    readonly body: object;
  },
): Promise<unknown> {
  const path = `/hub/v1/organizations/${given.organization}/${given.what}`;
  const { body } = given;
  const answer = await client.send(
    jsonRequest({ method: 'POST', path, headers: bearer(adminKey), body }),
    201,
  );
  return parse(answer.text);
}

/** Books a handling unit: 201 for a new one. */
export async function bookUnit(client: Client, token: string, unit: object): Promise<void> {
  await client.send(
    jsonRequest({
      method: 'PUT',
      path: '/hub/v1/handling-units',
      headers: bearer(token),
      body: unit,
    }),
    201,
  );
}

/* ---- applications ----------------------------------------------------------------------------- */

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** OAuth 2 client credentials: a token with all scopes of the application. */
export async function fetchToken(client: Client, credentials: Credentials): Promise<string> {
  const request = formRequest('/oauth2/token', {
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
  return text(parse((await client.send(request, 200)).text), 'access_token');
}

/* ---- events ------------------------------------------------------------------------------------- */

/** One event, or an array of up to 1,000. */
export function eventsRequest(token: string, events: object | readonly object[]): HttpRequest {
  return jsonRequest({
    method: 'POST',
    path: '/hub/v1/events',
    headers: bearer(token),
    body: events,
  });
}

export interface EventResult {
  readonly id: string;
  readonly status: string;
}

/** Results in the order sent. Throws on a rejected event, which has no id. */
export function readEventResults(answerText: string): EventResult[] {
  return list(parse(answerText), 'events').map((result) => ({
    id: text(result, 'id'),
    status: text(result, 'status'),
  }));
}

/* ---- subscriptions ------------------------------------------------------------------------------ */

/** Subscribes; the answer's secret verifies the pushes and is shown only here. */
export async function subscribe(
  client: Client,
  token: string,
  body: { readonly url: string; readonly filter: object },
): Promise<string> {
  const path = '/hub/v1/subscriptions';
  const request = jsonRequest({ method: 'POST', path, headers: bearer(token), body });
  return text(parse((await client.send(request, 201)).text), 'secret');
}

/**
 * A signing secret for a subscription of another dialect, whose partner documents no way to hand it
 * out: the subscription appears here too, and its owner asks for a new secret.
 */
export async function secretOf(
  client: Client,
  token: string,
  given: { readonly dialect: string; readonly externalId: string },
): Promise<string> {
  return newSecret(client, token, await findSubscription(client, token, given));
}

/** A new signing secret for a subscription by its id at the hub. */
export async function newSecret(client: Client, token: string, id: string): Promise<string> {
  const path = `/hub/v1/subscriptions/${id}/rotate-secret`;
  const answer = await client.send({ method: 'POST', path, headers: bearer(token) }, 200);
  return text(parse(answer.text), 'secret');
}

async function findSubscription(
  client: Client,
  token: string,
  given: { readonly dialect: string; readonly externalId: string },
): Promise<string> {
  const path = `/hub/v1/subscriptions?limit=200&dialect=${given.dialect}`;
  for (let cursor = ''; ; ) {
    const request = { method: 'GET', path: `${path}${cursor}`, headers: bearer(token) } as const;
    const page = parse((await client.send(request, 200)).text);
    const found = list(page, 'items').find(
      (item) => member(item, 'externalId') === given.externalId,
    );
    if (found !== undefined) return text(found, 'id');
    const next = member(page, 'nextCursor');
    if (typeof next !== 'string') throw new Error(`no subscription ${given.externalId}`);
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}
