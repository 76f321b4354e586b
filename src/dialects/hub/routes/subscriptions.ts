/** Calls about subscriptions of every dialect: create, read, change, end, and try them out. */
import type { FastifyInstance } from 'fastify';
import { formatUtc } from '../../../events/time.ts';
import { present } from '../../../lib/present.ts';
import { principalOf } from '../../dialect.ts';
import type { Hub } from '../../hub-port.ts';
import { decodePage, decodePatch, decodeSubscription } from '../decode.ts';
import { encodeAttempt, encodePage, encodeSubscription } from '../encode.ts';
import {
  Attempt,
  SecretRotated,
  Subscription,
  SubscriptionBody,
  SubscriptionCreated,
  SubscriptionPage,
  SubscriptionPatch,
  SubscriptionQuery,
} from '../schemas/subscriptions.ts';
import { IdempotencyHeaders, IdParams } from '../schemas.ts';
import {
  type Access,
  answerOnce,
  base,
  call,
  forbidStoring,
  found,
  idOf,
  notFound,
} from './call.ts';

const tags = ['subscriptions'];
const path = `${base}/subscriptions`;
const access: Access = ['hub.subscriptions'];
const what = 'subscription';

export function registerSubscriptions(app: FastifyInstance, hub: Hub): void {
  registerCreate(app, hub);
  registerReads(app, hub);
  registerChanges(app, hub);
  registerActions(app, hub);
}

function registerCreate(app: FastifyInstance, hub: Hub): void {
  app.post<{ Body: SubscriptionBody }>(
    path,
    call(hub, access, {
      summary: 'Subscribe to events',
      description:
        'Pushes are signed by Standard Webhooks with the secret of the answer, which is ' +
        'shown once. With `since` the answer comes when the past events are queued; with an ' +
        'Idempotency-Key too, its state is told as `filling`.',
      tags,
      headers: IdempotencyHeaders,
      body: SubscriptionBody,
      response: { 201: { ...SubscriptionCreated, description: 'Subscribed.' } },
    }),
    async (request, reply) => {
      forbidStoring(reply);
      const principal = principalOf(request);
      const given = decodeSubscription(request.body, principal.organization);
      return answerOnce({ request, reply }, hub, async () => {
        const { subscription, secret } = await hub.subscriptions.create(principal, given);
        const body = { ...encodeSubscription(subscription), ...present({ secret }) };
        return { status: 201, body };
      });
    },
  );
}

function registerReads(app: FastifyInstance, hub: Hub): void {
  app.get<{ Querystring: SubscriptionQuery }>(
    path,
    call(hub, access, {
      summary: 'Your subscriptions, in all dialects',
      tags,
      querystring: SubscriptionQuery,
      response: { 200: SubscriptionPage },
    }),
    async (request) => {
      const { dialect, state } = request.query;
      const query = present({ dialect, state });
      const page = decodePage(request.query);
      const listed = await hub.subscriptions.list(principalOf(request), query, page);
      return encodePage(listed, encodeSubscription);
    },
  );
  app.get<{ Params: IdParams }>(
    `${path}/:id`,
    call(hub, access, {
      summary: 'One subscription',
      tags,
      params: IdParams,
      response: { 200: Subscription },
    }),
    async (request) => {
      const subscription = await hub.subscriptions.get(principalOf(request), idOf(request, what));
      return encodeSubscription(found(subscription, what));
    },
  );
}

function registerChanges(app: FastifyInstance, hub: Hub): void {
  app.patch<{ Params: IdParams; Body: SubscriptionPatch }>(
    `${path}/:id`,
    call(hub, access, {
      summary: 'Change a subscription, pause it, take it up again',
      tags,
      params: IdParams,
      body: SubscriptionPatch,
      response: { 200: Subscription },
    }),
    async (request) => {
      const id = idOf(request, what);
      const change = decodePatch(request.body);
      const subscription = await hub.subscriptions.update(principalOf(request), id, change);
      return encodeSubscription(found(subscription, what));
    },
  );
  app.delete<{ Params: IdParams }>(
    `${path}/:id`,
    call(hub, access, {
      summary: 'End a subscription',
      description: 'What it has not been sent yet is cancelled.',
      tags,
      params: IdParams,
      response: { 204: { description: 'Ended.', type: 'null' } },
    }),
    async (request, reply) => {
      if (!(await hub.subscriptions.remove(principalOf(request), idOf(request, what)))) {
        throw notFound(what);
      }
      return reply.code(204).send();
    },
  );
}

function registerActions(app: FastifyInstance, hub: Hub): void {
  app.post<{ Params: IdParams }>(
    `${path}/:id/rotate-secret`,
    call(hub, access, {
      summary: 'Get a new signing secret',
      description: 'The old one signs too for 24 hours, so that a receiver can change over.',
      tags,
      params: IdParams,
      response: { 200: SecretRotated },
    }),
    async (request, reply) => {
      forbidStoring(reply);
      const id = idOf(request, what);
      const rotated = found(await hub.subscriptions.rotateSecret(principalOf(request), id), what);
      const { secret, previousSecretUntilMs } = rotated;
      return { secret, previousSecretUntil: formatUtc(previousSecretUntilMs, 3) };
    },
  );
  app.post<{ Params: IdParams }>(
    `${path}/:id/ping`,
    call(hub, access, {
      summary: 'Send a signed test push at once',
      description: 'Outside the sequence. The answer tells how it went; 200 also when it failed.',
      tags,
      params: IdParams,
      response: { 200: { ...Attempt, description: 'How the attempt went.' } },
    }),
    async (request) => {
      const report = await hub.subscriptions.ping(principalOf(request), idOf(request, what));
      return encodeAttempt(found(report, what));
    },
  );
}
