/** The container terminal: event subscriptions, by an API key alone. */
import { type Client, type HttpRequest, jsonRequest } from '../http.ts';
import { list, member, parse, text } from '../json.ts';

const path = '/event-subscriptions';
const keyOf = (apiKey: string) => ({ 'x-api-key': apiKey });

/** Members of the published object that a subscriber gives. */
export interface WantedSubscription {
  readonly callbackUrl: string;
  readonly bookingReference: string | null;
  readonly transportDocumentID: string | null;
  readonly transportDocumentType: string | null;
  readonly equipmentReference: string;
}

/** Subscribes to one container; the subscription's id. */
export async function subscribeAtTerminal(
  client: Client,
  apiKey: string,
  body: WantedSubscription,
): Promise<string> {
  const request = jsonRequest({ method: 'POST', path, headers: keyOf(apiKey), body });
  return text(parse((await client.send(request, 201)).text), 'subscriptionID');
}

/** One subscription as it is shown. */
export async function retrieve(client: Client, apiKey: string, id: string): Promise<unknown> {
  const request = { method: 'GET', path: `${path}/${id}`, headers: keyOf(apiKey) } as const;
  return parse((await client.send(request, 200)).text);
}

/** Ids of all active subscriptions. */
export async function listSubscriptions(client: Client, apiKey: string): Promise<string[]> {
  const request = { method: 'GET', path, headers: keyOf(apiKey) } as const;
  const shown = parse(`{"all":${(await client.send(request, 200)).text}}`);
  return list(shown, 'all').map((subscription) => text(subscription, 'subscriptionID'));
}

/** Ends one; from then on its id answers like any that never was. */
export async function endSubscription(client: Client, apiKey: string, id: string): Promise<void> {
  const one = { path: `${path}/${id}`, headers: keyOf(apiKey) };
  await client.send({ method: 'DELETE', ...one }, 204);
  await client.send({ method: 'GET', ...one }, 404);
}

export function pastEventsRequest(apiKey: string, id: string): HttpRequest {
  return { method: 'GET', path: `${path}/${id}/events`, headers: keyOf(apiKey) };
}

export interface PastEvent {
  readonly eventType: string;
  readonly equipmentNumber: unknown;
}

export function readPastEvents(answerText: string): PastEvent[] {
  return list(parse(`{"all":${answerText}}`), 'all').map((wrapper) => ({
    eventType: text(wrapper, 'eventType'),
    equipmentNumber: member(member(wrapper, 'eventData'), 'equipmentNumber'),
  }));
}
