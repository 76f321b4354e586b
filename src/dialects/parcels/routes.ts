/** The parcel network's calls: three logins and the registration of an event. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { Problem } from '../../events/problem.ts';
import { type Hub, principalOf } from '../dialect.ts';
import type { RecordResult } from '../hub-port.ts';
import { decodeRegistration } from './decode.ts';
import { encodeRegistered } from './encode.ts';
import {
  Credentials,
  ErrorBody,
  MinutesValid,
  Registered,
  Registration,
  Token,
} from './schemas.ts';

const loginPath = '/ws/json/auth';
const registerPath = '/ws/json/parcel/tracking/v-2/register';
export const registerService = 'parcel-register-event';
// A user's services are scopes of the tokens that it logs in for.
const registerScope = `service:${registerService}`;
const tokenLifetimeSec = 30 * 60;

/** Statuses that any call can end with, beside its own. */
function faults(own: Readonly<Record<number, string>>) {
  const all: Readonly<Record<number, string>> = {
    400: 'The request is not in the right form; errorMap names the field.',
    413: 'The body is larger than 1 MiB.',
    415: 'The body is not application/json.',
    429: 'Too many requests; see Retry-After.',
    500: 'A fault on our side; try again.',
    503: 'Too busy or starting; see Retry-After. Nothing was registered.',
    ...own,
  };
  return Object.fromEntries(
    Object.entries(all).map(([status, description]) => [status, { ...ErrorBody, description }]),
  );
}

const loginFaults = faults({ 401: 'Username or password is wrong.' });

function loginSchema(summary: string) {
  return { summary, tags: ['login'], security: [], body: Credentials };
}

const loginV1Schema = {
  ...loginSchema('Log in, answered with the bare token'),
  description: 'The token lives 30 minutes. Send it as Authorization: Bearer.',
  response: {
    200: { description: 'The token.', content: { 'text/plain': { schema: Type.String() } } },
    ...loginFaults,
  },
};

const loginV2Schema = {
  ...loginSchema('Log in'),
  description: 'The token lives 30 minutes. Send it as Authorization: Bearer.',
  response: { 200: Token, ...loginFaults },
};

const loginV3Schema = {
  ...loginSchema('Log in for a number of minutes'),
  description: 'Send the token as Authorization: Bearer.',
  params: MinutesValid,
  response: { 200: Token, ...loginFaults },
};

const registerSchema = {
  summary: 'Register an event of a parcel',
  description:
    'The parcel must be known. The same event sent twice is answered twice and stored once.',
  tags: ['parcel events'],
  security: [{ bearer: [] }],
  body: Registration,
  response: {
    200: Registered,
    ...faults({
      401: 'The Authorization header is missing or wrong.',
      403: 'The user lacks the service, or may only read this parcel.',
      404: 'No such parcel, or none that you may see. Nothing was registered.',
    }),
  },
};

export function routes(app: FastifyInstance, hub: Hub): void {
  registerLogins(app, hub);
  app.post<{ Body: Registration }>(
    registerPath,
    { schema: registerSchema, onRequest: (request) => authenticate(request, hub) },
    async (request) => {
      const { body } = request;
      const bodyText = request.bodyText ?? JSON.stringify(body);
      const draft = decodeRegistration({ body, bodyText });
      const [result] = await hub.record(principalOf(request), [draft]);
      if (result === undefined) throw new Error('the hub gave no result for the event');
      if (result.status === 'rejected') throw rejection(result, body.trackingReference);
      return encodeRegistered(body, result);
    },
  );
}

function registerLogins(app: FastifyInstance, hub: Hub): void {
  app.post<{ Body: Credentials }>(
    `${loginPath}/v-1/login`,
    { schema: loginV1Schema },
    async (request, reply) => {
      const token = await login(reply, hub, { ...request.body, lifetimeSec: tokenLifetimeSec });
      return reply.type('text/plain; charset=utf-8').send(token);
    },
  );
  app.post<{ Body: Credentials }>(
    `${loginPath}/v-2/login`,
    { schema: loginV2Schema },
    async (request, reply) => ({
      token: await login(reply, hub, { ...request.body, lifetimeSec: tokenLifetimeSec }),
    }),
  );
  app.post<{ Body: Credentials; Params: MinutesValid }>(
    `${loginPath}/v-3/login/:minutesValid`,
    { schema: loginV3Schema },
    async (request, reply) => {
      const lifetimeSec = request.params.minutesValid * 60;
      return { token: await login(reply, hub, { ...request.body, lifetimeSec }) };
    },
  );
}

async function login(
  reply: FastifyReply,
  hub: Hub,
  given: Credentials & { lifetimeSec: number },
): Promise<string> {
  reply.header('cache-control', 'no-store');
  const { username, password, lifetimeSec } = given;
  return (await hub.identity.login({ username, password, lifetimeSec })).accessToken;
}

async function authenticate(request: FastifyRequest, hub: Hub): Promise<void> {
  const principal = await hub.identity.bearer(request.headers.authorization);
  if (principal.kind !== 'user' || !principal.scopes.has(registerScope)) {
    throw new Problem('forbidden', 'no access to the service Parcel Register Event', {
      reason: 'scope',
      scope: registerScope,
    });
  }
  request.principal = principal;
}

/** Unknown and not entitled are one answer, so that nobody learns which parcels exist. */
function rejection(
  { code, issue }: Extract<RecordResult, { status: 'rejected' }>,
  trackingReference: string,
): Problem {
  if (code === 'unit-not-found') {
    const message = `no parcel ${trackingReference} that you have access to`;
    return new Problem(code, message, { issues: [{ path: 'trackingReference', message }] });
  }
  if (code === 'forbidden') {
    return new Problem(code, `you may not register events of parcel ${trackingReference}`);
  }
  return new Problem(code, `${issue.path}: ${issue.message}`, { issues: [issue] });
}
