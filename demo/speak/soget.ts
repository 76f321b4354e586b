/** SOGET: a token by form, then both proofs, token and API key, on every call. */
import { bearer, type Client, formRequest, type HttpRequest, jsonRequest } from '../http.ts';
import { parse, text } from '../json.ts';
import type { Credentials } from './hub.ts';

/** The token says which application calls, the key for which customer. */
export interface Proofs {
  readonly token: string;
  readonly apiKey: string;
}

/** As in SOGET's own example: no `grant_type`. */
export async function fetchSogetToken(client: Client, credentials: Credentials): Promise<string> {
  const request = formRequest('/soget-connect/v1/openid-connect/token', {
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
  return text(parse((await client.send(request, 200)).text), 'access_token');
}

/** Members of the published `TrackingSinglePost`. */
export interface Tracking {
  readonly reference: string;
  readonly url: string;
  readonly spi?: string | undefined;
  readonly way?: string;
  readonly place?: string;
  readonly agentCode?: string;
  readonly externalReference?: string;
}

/** Asks for webhooks about a handling unit; the answer is the tracking's id. */
export async function track(client: Client, proofs: Proofs, tracking: Tracking): Promise<string> {
  const answer = await client.send(
    jsonRequest({
      method: 'POST',
      path: '/api-tracking-code/v1/track-handling-unit',
      headers: headersOf(proofs),
      body: tracking,
    }),
    201,
  );
  const id = parse(answer.text);
  if (typeof id !== 'string') throw new Error(`the tracking id is no text: ${answer.text}`);
  return id;
}

export function tracingRequest(
  proofs: Proofs,
  query: Readonly<Record<string, string>>,
): HttpRequest {
  const path = `/api-tracing-code/v1/handling-units?${new URLSearchParams(query)}`;
  return { method: 'GET', path, headers: headersOf(proofs) };
}

function headersOf({ token, apiKey }: Proofs) {
  return { ...bearer(token), 'ocp-apim-subscription-key': apiKey };
}
