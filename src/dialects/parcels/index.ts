/** The parcel network: logins and the registration of parcel events. What is missing: README. */
import { Problem, type ProblemCode, type ProblemDetails } from '../../events/problem.ts';
import type { Dialect, ProblemContext } from '../dialect.ts';
import type { RecordResult } from '../hub-port.ts';
import { decodeRegistration, type ReceivedRegistration } from './decode.ts';
import { encodeRegistered } from './encode.ts';
import { renderProblem } from './errors.ts';
import { registerService, routes } from './routes.ts';
import { vocabulary } from './vocabulary.ts';

export const dialect: Dialect = {
  name: 'parcels',
  openapi: {
    title: 'Parcel events',
    version: '1.0.0',
    description:
      'Logins and Parcel Register Event of the parcel network of Distribution Innovation, ' +
      'as published; what its page leaves open is ours and is listed in the documentation ' +
      'of this dialect.',
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'The token of a login. Treat it as opaque and use it until it expires.',
      },
    },
  },
  prefixes: ['/ws'],
  routes,
  renderProblem,
  vocabulary,
  services: [registerService],
  replay: {
    decode: ({ bodyText }: { readonly bodyText: string }) => {
      const body: ReceivedRegistration['body'] = JSON.parse(bodyText);
      return decodeRegistration({ body, bodyText });
    },
    encode: ({ body, result }: GivenAnswer) => encodeRegistered(body, result),
    renderProblem: ({ problem: { code, message, details }, context }: GivenProblem) =>
      renderProblem(new Problem(code, message, details), context),
  },
};

interface GivenAnswer {
  readonly body: ReceivedRegistration['body'];
  readonly result: Exclude<RecordResult, { status: 'rejected' }>;
}

interface GivenProblem {
  readonly problem: {
    readonly code: ProblemCode;
    readonly message: string;
    readonly details: ProblemDetails;
  };
  readonly context: ProblemContext;
}
