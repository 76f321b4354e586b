/** Every route that the hub under test documents, so that a new one is fuzzed without a word here. */
import { request } from '../support/client.ts';
import type { Schema } from './shaped.ts';

export interface Parameter {
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly name: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

export interface Route {
  /** Name of the dialect; `none` for routes that belong to none. */
  readonly dialect: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly contentType: string; readonly schema: Schema };
  /** Names of the headers that hold an API key, where the dialect documents such. */
  readonly keyHeaders: readonly string[];
  readonly scopes: readonly string[];
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: {
    readonly securitySchemes?: Readonly<
      Record<string, { type: string; in?: string; name?: string }>
    >;
  };
}

const form = {
  contentType: 'application/x-www-form-urlencoded',
  schema: {
    type: 'object',
    properties: {
      grant_type: { enum: ['client_credentials', 'password', 'refresh_token'] },
      client_id: { type: 'string' },
      client_secret: { type: 'string' },
      scope: { type: 'string' },
      username: { type: 'string' },
      password: { type: 'string' },
      refresh_token: { type: 'string' },
    },
    required: ['grant_type'],
  },
};

/** Routes that stand in no dialect's document. */
const undocumented: readonly Route[] = [
  { method: 'POST', path: '/oauth2/token', body: form },
  { method: 'GET', path: '/.well-known/openid-configuration' },
  { method: 'GET', path: '/.well-known/jwks.json' },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/readyz' },
].map((route) => ({ dialect: 'none', parameters: [], keyHeaders: [], scopes: [], ...route }));

export async function readSurface(hub: string): Promise<readonly Route[]> {
  // The start page links the documents of all dialects.
  const { text } = await request(`${hub}/`);
  const names = [...text.matchAll(/\/openapi\/([a-z0-9-]+)\.json/g)].map(([, name = '']) => name);
  const routes = await Promise.all(names.map((name) => readDialect(hub, name)));
  return [...routes.flat(), ...undocumented];
}

async function readDialect(hub: string, dialect: string): Promise<readonly Route[]> {
  const { body: document } = await request<Document>(`${hub}/openapi/${dialect}.json`);
  const schemes = Object.values(document.components?.securitySchemes ?? {});
  const keyHeaders = schemes.flatMap((one) =>
    one.type === 'apiKey' && one.in === 'header' && one.name !== undefined ? [one.name] : [],
  );
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...{ dialect, path, keyHeaders, method: method.toUpperCase() },
      parameters: operation.parameters ?? [],
      scopes: (operation.security ?? []).flatMap((scheme) => Object.values(scheme).flat()),
      ...bodyOf(operation),
    })),
  );
}

function bodyOf({ requestBody }: Operation): Pick<Route, 'body'> {
  const [first] = Object.entries(requestBody?.content ?? {});
  if (first === undefined) return {};
  const [contentType, { schema = {} }] = first;
  return { body: { contentType, schema } };
}
