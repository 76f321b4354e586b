/** SOGET's calls over HTTP with both proofs, and its published schemas as judges of the answers. */
import { type Answer, type Client, request } from './client.ts';
import { readOpenApiSchemas } from './openapi-schemas.ts';

export const tokenPath = '/soget-connect/v1/openid-connect/token';
export const trackingPath = '/api-tracking-code/v1/track-handling-unit';
export const tracingPath = '/api-tracing-code/v1/handling-units';
export const keyHeader = 'ocp-apim-subscription-key';

/** The file of an API's schemas as SOGET publishes them. */
export const publishedFile = (api: 'tracking' | 'tracing') =>
  new URL(`../../src/dialects/soget/published/${api}.json`, import.meta.url);

export const published = {
  tracking: readOpenApiSchemas(publishedFile('tracking')),
  tracing: readOpenApiSchemas(publishedFile('tracing')),
};

export const proofsOf = (client: Pick<Client, 'token' | 'apiKey'>) => ({
  authorization: `Bearer ${client.token}`,
  [keyHeader]: client.apiKey,
});

export function track(hub: string, client: Client, body: unknown): Promise<Answer<unknown>> {
  return request<unknown>(`${hub}${trackingPath}`, { body, headers: proofsOf(client) });
}
