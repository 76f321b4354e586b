/** The hub's own API: everything the hub can do, in its own words. */
import { Problem, type ProblemCode, type ProblemDetails } from '../../events/problem.ts';
import type { Dialect, ProblemContext } from '../dialect.ts';
import { decodeEvents } from './decode.ts';
import { decodeUnit } from './decode-unit.ts';
import { encodeEvent, encodePush } from './encode.ts';
import { renderProblem } from './errors.ts';
import { renderings } from './renderings.ts';
import { scopes } from './routes/call.ts';
import { routes } from './routes.ts';
import type { UnitBody } from './schemas/units.ts';
import { vocabulary } from './vocabulary.ts';

export const dialect: Dialect = {
  name: 'hub',
  openapi: {
    title: 'Portolan hub API',
    version: '1.0.0',
    description:
      'Handling units, events, subscriptions, deliveries and provisioning in the words of ' +
      'the hub. Errors are application/problem+json with a stable `code`. Lists are pages: ' +
      'pass `nextCursor` back as `cursor`.',
    securitySchemes: {
      adminKey: {
        type: 'http',
        scheme: 'bearer',
        description: "The operator's admin key. It opens every call.",
      },
      token: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'An access token of an application that has the scope named with the call.',
      },
    },
  },
  prefixes: ['/hub/v1'],
  routes,
  renderProblem,
  push: encodePush,
  vocabulary,
  renderings,
  scopes,
  replay: {
    decode: ({ bodyText, organization }: { bodyText: string; organization?: string }) =>
      decodeEvents({ body: JSON.parse(bodyText), bodyText, organization, vocabulary }),
    decodeUnit: ({ body, organization }: { body: UnitBody; organization?: string }) =>
      decodeUnit(body, organization),
    encode: encodeEvent,
    push: encodePush,
    renderProblem: ({ problem: { code, message, details }, context }: GivenProblem) =>
      renderProblem(new Problem(code, message, details), context),
  },
};

interface GivenProblem {
  readonly problem: {
    readonly code: ProblemCode;
    readonly message: string;
    readonly details: ProblemDetails;
  };
  readonly context: ProblemContext;
}
