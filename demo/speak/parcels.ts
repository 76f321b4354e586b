/** The parcel network: log in by name and password, then register events of known parcels. */
import { bearer, type Client, type HttpRequest, jsonRequest } from '../http.ts';
import { member, parse, text } from '../json.ts';

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
