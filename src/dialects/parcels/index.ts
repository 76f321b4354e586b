/** The parcel network: logins, registering parcel events, the event logs. What is missing: README. */
import { Problem, type ProblemCode, type ProblemDetails } from '../../events/problem.ts';
import type { Dialect, ProblemContext } from '../dialect.ts';
import type { RecordResult } from '../hub-port.ts';
import { decodeLogParams, decodeRegistration, type ReceivedRegistration } from './decode.ts';
import { encodeRegistered } from './encode.ts';
import { encodeLogV1, encodeLogV2, type LogGiven } from './encode-log.ts';
import { renderProblem } from './errors.ts';
import { renderings } from './renderings.ts';
import { logService, registerService } from './routes/call.ts';
import { routes } from './routes.ts';
import { vocabulary } from './vocabulary.ts';

export const dialect: Dialect = {
  name: 'parcels',
  openapi: {
    title: 'Parcel events',
    version: '1.0.0',
    description:
      'Logins, Parcel Register Event and Parcel Event Log (v1 and v2) of the parcel network of ' +
      'Distribution Innovation, as published; what its pages leave open is ours and is listed in ' +
      'the documentation of this dialect.',
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
  renderings,
  services: [registerService, logService],
  replay: {
    decode: ({ bodyText }: { readonly bodyText: string }) => {
      const body: ReceivedRegistration['body'] = JSON.parse(bodyText);
      return decodeRegistration({ body, bodyText, vocabulary });
    },
    encode: ({ body, result }: GivenAnswer) => encodeRegistered(body, result),
    decodeLogParams,
    encodeLogV1: (given: GivenLog) => encodeLogV1(logOf(given)),
    encodeLogV2: (given: GivenLog) => encodeLogV2(logOf(given)),
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

/** As JSON holds it: the names of organizations are an object. */
type GivenLog = Omit<LogGiven, 'organizations' | 'vocabulary'> & {
  readonly organizations: Readonly<Record<string, string>>;
};

function logOf({ organizations, ...given }: GivenLog): LogGiven {
  return { ...given, organizations: new Map(Object.entries(organizations)), vocabulary };
}
