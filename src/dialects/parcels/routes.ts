/** The parcel network's calls: three logins, the registration of an event, the event logs. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { Problem } from '../../events/problem.ts';
import { type Hub, principalOf } from '../dialect.ts';
import type { RecordResult } from '../hub-port.ts';
import { decodeRegistration } from './decode.ts';
import { encodeRegistered } from './encode.ts';
import { authenticate, faults, noSuchParcel, registerService } from './routes/call.ts';
import { registerLogs } from './routes/logs.ts';
import { Credentials, MinutesValid, Registered, Registration, Token } from './schemas.ts';

const loginPath = '/ws/json/auth';
const registerPath = '/ws/json/parcel/tracking/v-2/register';
const tokenLifetimeSec = 30 * 60;

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
  registerLogs(app, hub);
  app.post<{ Body: Registration }>(
    registerPath,
    { schema: registerSchema, onRequest: (request) => authenticate(request, hub, registerService) },
    async (request) => {
      const { body } = request;
      const bodyText = request.bodyText ?? JSON.stringify(body);
      const draft = decodeRegistration({
        body,
        bodyText,
        vocabulary: hub.vocabulary.of('parcels'),
      });
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

function rejection(
  { code, issue }: Extract<RecordResult, { status: 'rejected' }>,
  trackingReference: string,
): Problem {
  if (code === 'unit-not-found') return noSuchParcel('trackingReference', trackingReference);
  if (code === 'forbidden') {
    const message = `you may not register events of parcel ${trackingReference}`;
    return new Problem(code, message, { issues: [{ path: 'trackingReference', message }] });
  }
  return new Problem(code, `${issue.path}: ${issue.message}`, { issues: [issue] });
}
