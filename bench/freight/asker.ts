/** Someone who asks about freight in three dialects, with the proofs that each of them wants. */
import { type RunningHub, textIn } from '../hub.ts';
import type { FreightUnit } from './units.ts';

export interface Asker {
  readonly organization: string;
  readonly tracing: Readonly<Record<string, string>>;
  readonly terminal: Readonly<Record<string, string>>;
  readonly log: Readonly<Record<string, string>>;
}

async function post(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', ...init });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

function postJson(url: string, headers: Readonly<Record<string, string>>, body: object) {
  const json = { ...headers, 'content-type': 'application/json' };
  return post(url, { headers: json, body: JSON.stringify(body) });
}

/** An organization with an application, an API key and a user. */
export async function createAsker({ url, call }: RunningHub): Promise<Asker> {
  const organization = textIn(
    await call('POST', '/hub/v1/organizations', { name: 'Forwarder' }),
    'id',
  );
  const create = (what: string, body: object) =>
    call('POST', `/hub/v1/organizations/${organization}/${what}`, body);
  const application = await create('applications', { name: 'bench', scopes: ['soget.tracing'] });
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: textIn(application, 'clientId'),
    client_secret: textIn(application, 'clientSecret'),
  });
  const token = textIn(await post(`${url}/oauth2/token`, { body: form }), 'access_token');
  const apiKey = textIn(await create('api-keys', { name: 'bench' }), 'apiKey');
  const login = { username: 'forwarder', password: 'a-password-for-a-benchmark' };
  await create('users', login);
  const session = await postJson(`${url}/ws/json/auth/v-3/login/1440`, {}, login);
  return {
    organization,
    tracing: { authorization: `Bearer ${token}`, 'ocp-apim-subscription-key': apiKey },
    terminal: { 'x-api-key': apiKey },
    log: { authorization: `Bearer ${textIn(session, 'token')}` },
  };
}

const requestsAtOnce = 16;

/** Subscribes to each of these containers; the ids of the subscriptions in the same order. */
export async function subscribeTo(
  { url }: RunningHub,
  { terminal }: Asker,
  units: readonly FreightUnit[],
): Promise<string[]> {
  const ids: string[] = [];
  const left = units.entries();
  const work = async () => {
    for (const [at, { reference, documents }] of left) {
      const made = await postJson(`${url}/event-subscriptions`, terminal, {
        // Nothing happens while the benchmark asks, so nothing is sent there.
        callbackUrl: `http://127.0.0.1:8080/${at}`,
        bookingReference: documents[0]?.reference,
        equipmentReference: reference,
      });
      ids[at] = textIn(made, 'subscriptionID');
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, work));
  return ids;
}
