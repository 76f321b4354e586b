/** Calls of the terminal's event subscriptions, as its subscribers make them. */
import { type Answer, bodyOf, type Client, request } from './client.ts';

export interface EventSubscription {
  readonly subscriptionID: string;
  readonly callbackUrl: string;
  readonly bookingReference: string | null;
  readonly transportDocumentID: string | null;
  readonly transportDocumentType: string | null;
  readonly equipmentReference: string;
  readonly state?: string;
}

export interface PastEvent {
  readonly eventType: string;
  readonly eventData: Readonly<Record<string, unknown>>;
}

export interface TerminalError {
  readonly code: string;
  readonly message: string;
  readonly timestamp: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

export interface Terminal {
  readonly create: (body: object) => Promise<Answer<EventSubscription & TerminalError>>;
  readonly list: () => Promise<Answer<EventSubscription[]>>;
  readonly get: (id: string) => Promise<Answer<EventSubscription>>;
  readonly events: (id: string) => Promise<Answer<PastEvent[]>>;
  readonly remove: (id: string) => Promise<Answer>;
}

export function terminalOf(hub: string, { apiKey }: Pick<Client, 'apiKey'>): Terminal {
  const base = `${hub}/event-subscriptions`;
  const headers = { 'x-api-key': apiKey };
  return {
    create: (body) => request(base, { headers, body }),
    list: () => request(base, { headers }),
    get: (id) => request(`${base}/${id}`, { headers }),
    events: (id) => request(`${base}/${id}/events`, { headers }),
    remove: (id) => request(`${base}/${id}`, { method: 'DELETE', headers }),
  };
}

/** Creates a subscription; its id. */
export async function subscribed(terminal: Terminal, body: object): Promise<string> {
  return bodyOf(await terminal.create(body), 201).subscriptionID;
}
