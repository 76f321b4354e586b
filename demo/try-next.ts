/**
 * Requests to try next, in each of the dialects, with live credentials. Each is made here first, by
 * the same text that is then printed as a curl line, so none is printed that does not work.
 */
import { containers, parcels, publishedTracingQuery } from './cast.ts';
import type { HttpRequest } from './http.ts';
import { eventsRequest, readEventResults } from './speak/hub.ts';
import { loginV3, logRequest, readRegistered, registerRequest } from './speak/parcels.ts';
import { tracingRequest } from './speak/soget.ts';
import { listSubscriptions, pastEventsRequest } from './speak/terminal.ts';
import type { Stage } from './stage.ts';

/** A whole day, so that the line still works after lunch. */
const tokenMinutes = 1_440;
/** Stands for the time of the call, so that every call tells something new. */
const nowMark = '{now}';
const nowInShell = `'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'`;

export interface Suggestion {
  readonly says: string;
  readonly curlLine: string;
}

/** Makes the requests, with the pushes that they cause, and gives their curl lines. */
export async function tryNext(stage: Stage): Promise<Suggestion[]> {
  const { client, world } = stage;
  const token = await loginV3(client, world.login, tokenMinutes);

  const tracing = tracingRequest(world.members.shipper, publishedTracingQuery);
  const registration = registerRequest(token, registrationBody());
  const event = eventsRequest(world.members.terminal.token, inspection(nowMark));

  const [subscription = ''] = await listSubscriptions(client, world.members.shipper.apiKey);
  const past = pastEventsRequest(world.members.shipper.apiKey, subscription);
  const { reference: identifier } = parcels.followed;
  const log = logRequest(token, { version: 'v-2', identifier, locale: 'EN', onlyLast: false });

  for (const question of [tracing, past, log]) await client.send(question, 200);
  await tryRegistration(stage, registration);
  await tryEvent(stage, event);
  await stage.settled();
  return [
    { says: 'trace a container, as SOGET', curlLine: curl(client.url, tracing) },
    { says: 'past events of a container, at the terminal', curlLine: curl(client.url, past) },
    { says: 'the event log of a parcel', curlLine: curl(client.url, log) },
    { says: 'register a parcel event', curlLine: curl(client.url, registration) },
    { says: "register a container event, by the hub's own API", curlLine: curl(client.url, event) },
  ];
}

/** To the second, as the shell tells it and as SOGET's webhooks repeat it. */
const currentTime = () => new Date().toISOString().replace(/\.\d+/, '');

function registrationBody(): string {
  const trackingReference = parcels.followed.reference;
  const locationContext = 'Oslo';
  return JSON.stringify({
    ...{ trackingReference, eventTime: nowMark, locationContext, eventType: '155' },
  });
}

async function tryRegistration({ client, ledger }: Stage, request: HttpRequest): Promise<void> {
  const occurredAt = currentTime();
  const answer = await client.send(atTime(request, occurredAt), 200);
  const happening = { unit: parcels.followed, type: 'collection-deadline-extended', occurredAt };
  const { eventId } = readRegistered(answer.text);
  ledger.recorded({ happening, registeredIn: 'parcels', eventId, atMs: answer.readAtMs });
}

function inspection(occurredAt: string) {
  const { spi } = containers.traced;
  const place = { unlocode: 'FRLEH', location: 'MTDF' };
  return { unit: { spi }, type: 'inspected', occurredAt, place };
}

async function tryEvent({ client, ledger }: Stage, request: HttpRequest): Promise<void> {
  const occurredAt = currentTime();
  const answer = await client.send(atTime(request, occurredAt), 201);
  const { unit: _, ...facts } = inspection(occurredAt);
  const happening = { unit: containers.traced, ...facts };
  const [{ id } = { id: '' }] = readEventResults(answer.text);
  ledger.recorded({ happening, registeredIn: 'hub', eventId: id, atMs: answer.readAtMs });
}

function atTime(request: HttpRequest, time: string): HttpRequest {
  const { body } = request;
  return body === undefined ? request : { ...request, body: body.replace(nowMark, () => time) };
}

/** The request as one line for a POSIX shell. */
export function curl(url: string, { path, headers, body }: HttpRequest): string {
  const named = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const data = body === undefined ? [] : [`-d ${quote(body).replace(nowMark, () => nowInShell)}`];
  return ['curl -s', quote(`${url}${path}`), ...named, ...data].join(' ');
}

/** Single quotes keep everything but themselves. */
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
