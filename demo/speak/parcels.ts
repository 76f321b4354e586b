/** The parcel network: log in by name and password, then register events of known parcels. */
import { bearer, type Client, type HttpRequest, jsonRequest } from '../http.ts';
import { list, member, parse, text } from '../json.ts';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Version 1 answers the bare token; it lives 30 minutes. */
export async function loginV1(client: Client, login: Login): Promise<string> {
  return (await client.send(loginRequest('v-1/login', login), 200)).text;
}

/** Version 2 answers an object; the token lives 30 minutes. */
export async function loginV2(client: Client, login: Login): Promise<string> {
  return text(parse((await client.send(loginRequest('v-2/login', login), 200)).text), 'token');
}

/** Version 3 lets the caller choose: 1 to 1440 minutes. */
export async function loginV3(client: Client, login: Login, minutesValid: number): Promise<string> {
  const request = loginRequest(`v-3/login/${minutesValid}`, login);
  return text(parse((await client.send(request, 200)).text), 'token');
}

function loginRequest(version: string, login: Login): HttpRequest {
  return jsonRequest({ method: 'POST', path: `/ws/json/auth/${version}`, body: login });
}

/** `body` is sent byte for byte. */
export function registerRequest(token: string, body: string): HttpRequest {
  return {
    method: 'POST',
    path: '/ws/json/parcel/tracking/v-2/register',
    headers: { ...bearer(token), 'content-type': 'application/json' },
    body,
  };
}

export interface Registered {
  readonly eventId: string;
  readonly duplicate: boolean;
}

export function readRegistered(answerText: string): Registered {
  const answer = parse(answerText);
  return { eventId: text(answer, 'eventId'), duplicate: member(answer, 'duplicate') === true };
}

/* ---- event logs ------------------------------------------------------------------------------- */

export interface LogQuery {
  readonly version: 'v-1' | 'v-2';
  /** Tracking reference in any spelling, shipment number or return code. */
  readonly identifier: string;
  readonly locale: 'NO' | 'EN' | 'SE';
  readonly onlyLast: boolean;
}

export function logRequest(token: string, query: LogQuery): HttpRequest {
  const { version, identifier, locale, onlyLast } = query;
  const named = `${encodeURIComponent(identifier)}/${locale}/${onlyLast}`;
  const path = `/ws/json/parcel/tracking/${version}/fetch/${named}`;
  return { method: 'GET', path, headers: bearer(token) };
}

export interface LogEvent {
  /** Three digits. */
  readonly id: string;
  readonly description: unknown;
}

function readEvent(event: unknown): LogEvent {
  const type = member(event, 'eventType');
  return { id: text(type, 'apiKey'), description: member(type, 'description') };
}

/** Version 1 answers a list of events. */
export function readLog(answerText: string): LogEvent[] {
  return list(parse(`{"events":${answerText}}`), 'events').map(readEvent);
}

/** Version 2 answers a shipment: its parcels, with their status and the ids of their events. */
export function readShipment(answerText: string) {
  return list(parse(answerText), 'items').map((item) => ({
    trackingNumber: text(item, 'trackingNumber'),
    status: member(item, 'parcelStatus'),
    events: list(item, 'events').map((event) => readEvent(event).id),
  }));
}
