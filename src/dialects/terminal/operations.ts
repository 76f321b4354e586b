/** How the five operations are described: checked, serialised and published as OpenAPI. */
import type { TSchema } from 'typebox';
import {
  CreationQuery,
  ErrorBody,
  EventSubscription,
  EventSubscriptions,
  IdParams,
  NewEventSubscription,
  PastEvents,
} from './schemas.ts';

/** Either is enough. */
const security = [{ api_key_header: [] }, { api_key_query: [] }];
const tags = ['Event subscriptions'];

const notFound = { 404: 'Unknown, deleted, or of another organization.' };

export const createOperation = {
  tags,
  summary: 'Create a subscription',
  description:
    'For one container, by a booking or a bill of lading that is associated with it. The same ' +
    'request again gives the same subscription.',
  consumes: ['application/json'],
  security,
  querystring: CreationQuery,
  body: NewEventSubscription,
  response: {
    201: described(EventSubscription, 'The subscription object.'),
    ...errors({
      400: 'A field is missing or wrong, or the document is not associated with the container.',
      413: 'The body is larger than 1 MiB.',
      415: 'The body is not application/json.',
    }),
  },
};

export const listOperation = {
  tags,
  summary: 'List all active subscriptions',
  security,
  response: {
    200: described(EventSubscriptions, 'Newest first, at most 1,000.'),
    ...errors(),
  },
};

export const retrieveOperation = {
  tags,
  summary: 'Retrieve a subscription',
  description: 'One that has expired is still there, with its `state`.',
  security,
  params: IdParams,
  response: { 200: described(EventSubscription, 'The subscription object.'), ...errors(notFound) },
};

export const pastEventsOperation = {
  tags,
  summary: 'Retrieve past events',
  description:
    'All past events of the container on this passage, also those from before the subscription.',
  security,
  params: IdParams,
  response: {
    200: described(PastEvents, 'Event object wrappers, oldest first.'),
    ...errors(notFound),
  },
};

export const deleteOperation = {
  tags,
  summary: 'Delete a subscription',
  description: 'Nothing more is pushed.',
  security,
  params: IdParams,
  response: { 204: { description: 'Deleted.', type: 'null' }, ...errors(notFound) },
};

/** What every operation may answer, with what this one adds. */
function errors(own: Readonly<Record<number, string>> = {}): Record<number, TSchema> {
  const all = {
    401: 'The API key is missing or not valid, or two differ.',
    403: 'The offer of the API key does not hold this API.',
    429: 'Too many requests; see Retry-After.',
    500: 'A fault on our side.',
    503: 'Not ready; see Retry-After.',
    ...own,
  };
  return Object.fromEntries(
    Object.entries(all).map(([status, text]) => [status, described(ErrorBody, text)]),
  );
}

function described<T extends TSchema>(schema: T, description: string): T {
  return { ...schema, description };
}
