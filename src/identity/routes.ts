/** The HTTP side of identity: discovery, public keys, and the token endpoint that discovery names. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessToken } from '../dialects/hub-port.ts';
import { Problem } from '../events/problem.ts';
import { type ClientProof, readClientProof } from '../lib/client-proof.ts';
import { NO_STORE, type OAuthProblem, renderOAuthError } from '../lib/oauth-error.ts';
import type { Identity } from './index.ts';

/** Parameters of a token request; the door refuses repeated ones. */
export type TokenForm = Readonly<Record<string, string>>;

/** One `grant_type`: checks what the form holds and gives a token, or throws a Problem. */
export type Grant = (given: {
  readonly form: TokenForm;
  /** As read from the header or the form; a grant decides whether it needs it. */
  readonly client: ClientProof;
}) => Promise<AccessToken & { readonly refreshToken?: string }>;

const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Verifiers keep our keys for this long; a rotated key signs no longer than a minute more. */
const KEYS_CACHED = 'public, max-age=300';

/** `grants` adds to the grant types of the token endpoint, or replaces them. */
export function registerIdentityRoutes(
  app: FastifyInstance,
  identity: Identity,
  grants: Readonly<Record<string, Grant>> = {},
): void {
  const table = new Map(Object.entries({ ...standardGrants(identity), ...grants }));
  // Made for each answer: the issuer is not known before the door listens.
  const configuration = () => ({
    ...identity.openIdConfiguration(),
    grant_types_supported: [...table.keys()],
  });

  app.get('/.well-known/openid-configuration', async (_request, reply) =>
    reply.header('cache-control', KEYS_CACHED).send(configuration()),
  );
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', KEYS_CACHED).send(await identity.jwks()),
  );
  const options = { schema: { consumes: [FORM_TYPE] }, errorHandler: answerFault };
  app.post('/oauth2/token', options, async (request, reply) =>
    reply.headers(NO_STORE).send(await giveToken(table, request)),
  );
}

function standardGrants(identity: Identity): Record<string, Grant> {
  const { userGrants } = identity;
  return {
    // No refresh token: section 4.4.3 wants none, since the secret gives a new token at any time.
    async client_credentials({ form, client }) {
      const { clientId, clientSecret } = proven(client);
      const { scope } = form;
      return identity.clientCredentials(
        scope === undefined ? { clientId, clientSecret } : { clientId, clientSecret, scope },
      );
    },
    async password({ form, client }) {
      const { clientId, clientSecret } = proven(client);
      const [username, password] = [needed(form, 'username'), needed(form, 'password')];
      const { scope } = form;
      return userGrants.password({ clientId, clientSecret, username, password, scope });
    },
    async refresh_token({ form, client }) {
      const { clientId, clientSecret } = proven(client);
      const refreshToken = needed(form, 'refresh_token');
      return userGrants.refresh({ clientId, clientSecret, refreshToken, scope: form['scope'] });
    },
  };
}

function proven(client: ClientProof): Extract<ClientProof, { ok: true }> {
  if (!client.ok) throw new Problem(client.code, client.message);
  return client;
}

/** A parameter without a value counts as absent (section 3.2). */
function needed(form: TokenForm, name: string): string {
  const { [name]: value = '' } = form;
  if (value === '') throw new Problem('invalid-request', `${name} is needed`);
  return value;
}

/** The answer of RFC 6749, section 5.1. */
async function giveToken(table: ReadonlyMap<string, Grant>, request: FastifyRequest) {
  const form = formOf(request);
  const { grant_type: grantType } = form;
  if (grantType === undefined || grantType === '') {
    throw new Problem('invalid-request', 'grant_type is needed');
  }
  const grant = table.get(grantType);
  if (grant === undefined) {
    throw new Problem('unsupported-grant-type', 'this grant_type is not offered');
  }
  const client = readClientProof(request.headers, form);
  const { accessToken, expiresInSec, scope, refreshToken } = await grant({ form, client });
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSec,
    scope,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
}

function formOf(request: FastifyRequest): TokenForm {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== FORM_TYPE || !isForm(request.body)) {
    throw new Problem('unsupported-media-type', `the body must be a form (${FORM_TYPE})`);
  }
  return request.body;
}

function isForm(body: unknown): body is TokenForm {
  if (typeof body !== 'object' || body === null) return false;
  return Object.values(body).every((value) => typeof value === 'string');
}

/** What is not the caller's fault goes on to the door, which logs it and hides its text. */
function answerFault(error: FastifyError, _request: FastifyRequest, reply: FastifyReply) {
  const problem = error instanceof Problem ? error : frameworkProblem(error);
  if (problem === undefined) throw error;
  const { status, headers, body } = renderOAuthError(problem);
  return reply.code(status).headers(headers).send(body);
}

function frameworkProblem({ statusCode = 500 }: FastifyError): OAuthProblem | undefined {
  if (statusCode === 413) return { code: 'body-too-large', message: 'the body is too large' };
  if (statusCode === 415) {
    return { code: 'unsupported-media-type', message: `the body must be a form (${FORM_TYPE})` };
  }
  const isTheirs = statusCode >= 400 && statusCode < 500;
  return isTheirs ? { code: 'malformed-body', message: 'the body is malformed' } : undefined;
}
