/** How the two operations are described: published as OpenAPI; the order itself is checked by decode. */
import { CREATE_SCOPE, HAL, READ_SCOPE } from './names.ts';
import { IdParams, Order, ProblemBody, ShippingOrder } from './schemas.ts';

const tags = ['Orders'];

export const createOperation = {
  tags,
  summary: 'Add shipping order',
  description:
    'The shipper is the organization of the token. Carrier and payer may read the order, where ' +
    'the hub knows which of its organizations they are.',
  consumes: ['application/json'],
  security: [{ token: [CREATE_SCOPE] }],
  body: ShippingOrder,
  response: {
    201: {
      description: 'Created; the order exactly as it is read.',
      headers: { Location: { type: 'string', description: 'Where the order is read.' } },
      content: { [HAL]: { schema: Order } },
    },
    ...problems({
      409: 'There is an order of that number in your company already.',
      413: 'The body is larger than 1 MiB.',
      422: 'A parameter is missing or not valid; `validation_messages` names all of them.',
    }),
  },
};

export const readOperation = {
  tags,
  summary: 'Get order',
  description: 'For the shipper, the carrier and the payer of the order.',
  security: [{ token: [READ_SCOPE] }],
  params: IdParams,
  response: {
    200: { description: 'The order.', content: { [HAL]: { schema: Order } } },
    ...problems({ 404: 'Not there, or not yours to see: the same answer.' }),
  },
};

/** What both operations may answer, with what this one adds. */
function problems(own: Readonly<Record<number, string>>) {
  const all: Readonly<Record<number, string>> = {
    400: 'The request cannot be read.',
    401: 'The access token is missing or not valid.',
    403: 'The token lacks the scope; `detail` names it.',
    415: `Accept does not take ${HAL}, or the body is not application/json.`,
    429: 'Too many requests; see Retry-After.',
    500: 'A fault on our side.',
    503: 'Too busy or starting; see Retry-After. Nothing was stored.',
    ...own,
  };
  return Object.fromEntries(
    Object.entries(all).map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: ProblemBody } } },
    ]),
  );
}
