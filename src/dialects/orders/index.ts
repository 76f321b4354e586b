/** Orders of a road-freight exchange, as Trans.eu publishes them. See README.md. */
import { Problem, type ProblemCode, type ProblemDetails } from '../../events/problem.ts';
import type { Dialect } from '../dialect.ts';
import { decodeOrder, type ReceivedOrder } from './decode.ts';
import { encodeOrder, type OrderGiven } from './encode.ts';
import { renderProblem } from './errors.ts';
import { CREATE_SCOPE, DIALECT, PREFIX, READ_SCOPE } from './names.ts';
import { readOptions } from './options.ts';
import { routes } from './routes.ts';
import { vocabulary } from './vocabulary.ts';

const scopes = {
  [READ_SCOPE]: 'Read orders that your organization is a party of.',
  [CREATE_SCOPE]: 'Add shipping orders of your organization.',
};

export const dialect: Dialect = withOptions({});

function withOptions(given: unknown): Dialect {
  const options = readOptions(given);
  return {
    name: DIALECT,
    openapi: {
      title: 'Orders',
      version: '1',
      description:
        'The orders API of Trans.eu, documentation version 1, served by Portolan: a shipping ' +
        'order is added and read. Errors are application/problem+json.',
      securitySchemes: {
        token: {
          type: 'oauth2',
          flows: {
            clientCredentials: { tokenUrl: '/oauth2/token', scopes },
            password: { tokenUrl: '/oauth2/token', refreshUrl: '/oauth2/token', scopes },
          },
        },
      },
    },
    prefixes: [PREFIX],
    scopes: [READ_SCOPE, CREATE_SCOPE],
    routes: (app, hub) => routes(app, hub, options),
    renderProblem,
    configure: withOptions,
    vocabulary,
    // An order plans; what has happened to a unit is said in none of its members.
    renderings: [],
    replay: {
      decodeOrder: (received: Pick<ReceivedOrder, 'bodyText' | 'organization'>) =>
        decodeOrder({ ...received, body: JSON.parse(received.bodyText), options }),
      encodeOrder: ({ document, publicUrl }: Omit<OrderGiven, 'options'>): unknown =>
        JSON.parse(encodeOrder({ document, publicUrl, options })),
      renderProblem: ({ problem: { code, message, details } }: GivenProblem) =>
        renderProblem(new Problem(code, message, details)),
    },
  };
}

interface GivenProblem {
  readonly problem: {
    readonly code: ProblemCode;
    readonly message: string;
    readonly details: ProblemDetails;
  };
}
