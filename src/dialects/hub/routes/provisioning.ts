/** The operator's calls: organizations, what they own, offers, signing keys. */
import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { present } from '../../../lib/present.ts';
import type { Hub } from '../../hub-port.ts';
import { decodePage } from '../decode.ts';
import { encodeOffer, encodePage } from '../encode.ts';
import {
  ApiKey,
  ApiKeyBody,
  Application,
  ApplicationBody,
  Offer,
  OfferBody,
  OfferPage,
  Organization,
  OrganizationBody,
  OrganizationPage,
  SigningKey,
  User,
  UserBody,
} from '../schemas/provisioning.ts';
import { IdempotencyHeaders, type IdParams, PageQuery } from '../schemas.ts';
import { answerOnce, base, call, forbidStoring, idOf } from './call.ts';

const tags = ['provisioning'];
const organizations = `${base}/organizations`;
const what = 'organization';

export function registerProvisioning(app: FastifyInstance, hub: Hub): void {
  registerOrganizations(app, hub);
  registerCredentials(app, hub);
  registerUsers(app, hub);
  registerOffers(app, hub);
  app.post(
    `${base}/signing-keys/rotate`,
    call(hub, 'operator', {
      summary: 'Sign tokens with a new key',
      description: 'Tokens of the old one stay good until they expire.',
      tags,
      response: { 200: SigningKey },
    }),
    () => hub.provisioning.rotateSigningKey(),
  );
}

/** Options of a call that creates something of an organization or of the hub. */
function creating(hub: Hub, summary: string, shapes: { body: TSchema; answer: TSchema }) {
  const { body, answer } = shapes;
  const response = { 201: { ...answer, description: 'Created.' } };
  return call(hub, 'operator', { summary, tags, headers: IdempotencyHeaders, body, response });
}

function registerOrganizations(app: FastifyInstance, hub: Hub): void {
  app.post<{ Body: OrganizationBody }>(
    organizations,
    creating(hub, 'Create an organization', { body: OrganizationBody, answer: Organization }),
    async (request, reply) =>
      answerOnce({ request, reply }, hub, async () => ({
        status: 201,
        body: await hub.provisioning.createOrganization(request.body),
      })),
  );
  app.get<{ Querystring: PageQuery }>(
    organizations,
    call(hub, 'operator', {
      summary: 'All organizations',
      tags,
      querystring: PageQuery,
      response: { 200: OrganizationPage },
    }),
    (request) => hub.provisioning.listOrganizations(decodePage(request.query)),
  );
}

function registerCredentials(app: FastifyInstance, hub: Hub): void {
  app.post<{ Params: IdParams; Body: ApplicationBody }>(
    `${organizations}/:id/applications`,
    creating(hub, 'Create an application, a client of OAuth 2', {
      body: ApplicationBody,
      answer: Application,
    }),
    async (request, reply) => {
      forbidStoring(reply);
      const organization = idOf(request, what);
      return answerOnce({ request, reply }, hub, async () => ({
        status: 201,
        body: await hub.provisioning.createApplication(organization, request.body),
      }));
    },
  );
  app.post<{ Params: IdParams; Body: ApiKeyBody }>(
    `${organizations}/:id/api-keys`,
    creating(hub, 'Create an API key', { body: ApiKeyBody, answer: ApiKey }),
    async (request, reply) => {
      forbidStoring(reply);
      const organization = idOf(request, what);
      const given = present(request.body);
      return answerOnce({ request, reply }, hub, async () => ({
        status: 201,
        body: await hub.provisioning.createApiKey(organization, given),
      }));
    },
  );
}

function registerUsers(app: FastifyInstance, hub: Hub): void {
  app.post<{ Params: IdParams; Body: UserBody }>(
    `${organizations}/:id/users`,
    creating(hub, 'Create a user who logs in with a password', { body: UserBody, answer: User }),
    async (request, reply) => {
      const organization = idOf(request, what);
      const given = present(request.body);
      return answerOnce({ request, reply }, hub, async () => ({
        status: 201,
        body: await hub.provisioning.createUser(organization, given),
      }));
    },
  );
}

function registerOffers(app: FastifyInstance, hub: Hub): void {
  app.post<{ Body: OfferBody }>(
    `${base}/offers`,
    creating(hub, 'Create an offer', { body: OfferBody, answer: Offer }),
    async (request, reply) =>
      answerOnce({ request, reply }, hub, async () => {
        const offer = await hub.provisioning.createOffer(present(request.body));
        return { status: 201, body: encodeOffer(offer) };
      }),
  );
  app.get(
    `${base}/offers`,
    call(hub, 'operator', { summary: 'All offers', tags, response: { 200: OfferPage } }),
    async () =>
      encodePage({ items: await hub.provisioning.listOffers(), nextCursor: null }, encodeOffer),
  );
}
