/** How the three operations are described: checked, serialised and published as OpenAPI. */
import type { TSchema } from 'typebox';
import { HandlingUnitItemsResponseModel, TracingQuery } from './handling-unit-schema.ts';
import {
  TokenError,
  TokenForm,
  TokenResponse,
  TracingError,
  TrackingError,
  TrackingId,
  TrackingQuery,
  TrackingSinglePost,
} from './schemas.ts';

/** One requirement that names both schemes: a call needs both proofs. */
const security = [{ bearer_token: [], api_key: [] }];

export const tokenOperation = {
  tags: ['Authentication'],
  summary: 'Get an access token for a client application.',
  description:
    'Client credentials in the form, or in a Basic header. `grant_type` may be left out.',
  consumes: ['application/x-www-form-urlencoded'],
  security: [],
  body: TokenForm,
  response: {
    200: described(TokenResponse, 'The token.'),
    ...errors(TokenError, { 401: 'Unknown client or wrong secret.' }),
  },
};

export const trackingOperation = {
  tags: ['Trackings'],
  summary: 'Create tracking for a specific handling unit.',
  description:
    'Events of the handling unit are pushed to the URL. The same request again gives the same ' +
    'tracking id.',
  consumes: ['application/json'],
  security,
  querystring: TrackingQuery,
  body: TrackingSinglePost,
  response: {
    201: described(TrackingId, 'Created.'),
    ...errors(TrackingError, {
      401: 'Unauthorized.',
      403: 'The scope soget.tracking or the offer is missing.',
      413: 'The body is too large.',
      415: 'The body is not JSON.',
    }),
  },
};

export const tracingOperation = {
  tags: ['HandlingUnits'],
  summary:
    'Filter handling units by reference or by S)ONE ID and get a list of handling units: general ' +
    'information, information on shipments, transports and events.',
  description: 'A reference may match several passages; an SPI names one.',
  security,
  querystring: TracingQuery,
  response: {
    200: described(HandlingUnitItemsResponseModel, 'Success'),
    ...errors(TracingError, {
      401: 'Unauthorized',
      403: 'The scope soget.tracing or the offer is missing',
      404: 'Not Found',
    }),
  },
};

/** What every operation may answer, with what this one adds. */
function errors(schema: TSchema, own: Readonly<Record<number, string>>): Record<number, TSchema> {
  const all = {
    400: 'Bad request.',
    ...own,
    429: 'Too many requests; see Retry-After.',
    500: 'Internal error.',
    503: 'Not ready; see Retry-After.',
  };
  return Object.fromEntries(
    Object.entries(all).map(([status, text]) => [status, described(schema, text)]),
  );
}

function described<T extends TSchema>(schema: T, description: string): T {
  return { ...schema, description };
}
