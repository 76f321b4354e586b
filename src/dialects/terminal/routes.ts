/** The five operations: authenticate, decode, call the hub, answer. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RecordedEvent } from '../../events/event.ts';
import { Problem } from '../../events/problem.ts';
import type { Subscription } from '../../events/subscription.ts';
import { isUuid } from '../../lib/id.ts';
import { mediaTypeOf } from '../../lib/media-type.ts';
import { type Hub, type Principal, principalOf } from '../dialect.ts';
import type { Page, PageRequest } from '../hub-port.ts';
import { authenticate } from './auth.ts';
import { chooseUnit, decodeSubscription, newSubscription, unitQuery } from './decode.ts';
import { encodePastEvents, encodeSubscription } from './encode.ts';
import { DIALECT } from './names.ts';
import {
  createOperation,
  deleteOperation,
  listOperation,
  pastEventsOperation,
  retrieveOperation,
} from './operations.ts';
import type { TerminalOptions } from './options.ts';
import type { CreationQuery, IdParams, NewEventSubscription } from './schemas.ts';

export const PREFIX = '/event-subscriptions';

/** Passages of one container under one document; there is hardly ever more than one. */
const passagesMax = 50;
const listedMax = 1_000;
/** Records of one passage; there are some tens. */
const pastEventsMax = 2_000;
const pageItemsMax = 200;

export function routes(app: FastifyInstance, hub: Hub, options: TerminalOptions): void {
  const onRequest = authenticate(hub.identity);
  app.post<{ Body: NewEventSubscription; Querystring: CreationQuery }>(
    PREFIX,
    { schema: createOperation, onRequest: [onRequest, takeOnlyJson] },
    async (request, reply) => {
      const principal = principalOf(request);
      const wanted = decodeSubscription(request.body, request.query);
      const found = await hub.units.find(principal, unitQuery(wanted), { limit: passagesMax });
      const given = newSubscription(wanted, chooseUnit(found.items, wanted), options);
      const { subscription } = await hub.subscriptions.create(principal, given);
      return reply.code(201).send(encodeSubscription(subscription));
    },
  );

  app.get(PREFIX, { schema: listOperation, onRequest }, async (request) => {
    const principal = principalOf(request);
    const query = { dialect: DIALECT, state: 'active' } as const;
    const active = await collect(listedMax, (page) =>
      hub.subscriptions.list(principal, query, page),
    );
    return active.map(encodeSubscription);
  });

  registerOne(app, hub, onRequest);
}

function registerOne(
  app: FastifyInstance,
  hub: Hub,
  onRequest: ReturnType<typeof authenticate>,
): void {
  const path = `${PREFIX}/:id`;
  app.get<{ Params: IdParams }>(path, { schema: retrieveOperation, onRequest }, async (request) =>
    encodeSubscription(await find(hub, request)),
  );

  app.get<{ Params: IdParams }>(
    `${path}/events`,
    { schema: pastEventsOperation, onRequest },
    async (request) => {
      const { settings } = await find(hub, request);
      const events = await eventsOf(hub, principalOf(request), settings);
      return encodePastEvents(events, settings, hub.vocabulary.of(DIALECT));
    },
  );

  app.delete<{ Params: IdParams }>(
    path,
    { schema: deleteOperation, onRequest },
    async (request, reply) => {
      const { id } = await find(hub, request);
      if (!(await hub.subscriptions.remove(principalOf(request), id))) throw unknown();
      return reply.code(204).send();
    },
  );
}

/** Throws `not-found`: unknown, deleted, another's and another dialect's are the same. */
async function find(
  hub: Hub,
  request: FastifyRequest<{ Params: IdParams }>,
): Promise<Subscription> {
  const { id } = request.params;
  if (!isUuid(id)) throw unknown();
  const subscription = await hub.subscriptions.get(principalOf(request), id.toLowerCase());
  if (subscription?.dialect !== DIALECT) throw unknown();
  return subscription;
}

function unknown(): Problem {
  return new Problem('not-found', 'no such subscription');
}

async function eventsOf(
  hub: Hub,
  principal: Principal,
  settings: Subscription['settings'],
): Promise<RecordedEvent[]> {
  const unit = settings['unit'];
  if (typeof unit !== 'string') return [];
  return collect(pastEventsMax, (page) => hub.events.list(principal, { unit }, page));
}

/** The items of all pages, at most `itemsMax`. */
async function collect<T>(
  itemsMax: number,
  read: (page: PageRequest) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null && items.length < itemsMax) {
    const limit = Math.min(pageItemsMax, itemsMax - items.length);
    const page: Page<T> = await read(cursor === undefined ? { limit } : { limit, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** The door parses forms as well; here a body is JSON. */
async function takeOnlyJson({ headers }: FastifyRequest): Promise<void> {
  if (mediaTypeOf(headers['content-type']) !== 'application/json') {
    throw new Problem('unsupported-media-type', 'the body must be application/json');
  }
}
