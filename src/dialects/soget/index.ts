/** SOGET: S)ONE port community, API Tracking Code v1 and API Tracing Code v1. See README.md. */
import { Problem } from '../../events/problem.ts';
import type { UnitWithEvents } from '../../events/unit.ts';
import type { Dialect, ProblemContext, PushGiven } from '../dialect.ts';
import type { TraceResult } from '../hub-port.ts';
import { decodeTokenRequest, decodeTraceQuery, decodeTracking } from './decode.ts';
import { encodeHandlingUnit, encodePage, encodeToken, encodeWebhook, push } from './encode.ts';
import {
  KEY_HEADER,
  renderProblem,
  TOKEN_PREFIX,
  TRACING_PREFIX,
  TRACKING_PREFIX,
} from './errors.ts';
import { renderings } from './renderings.ts';
import { routes } from './routes.ts';
import { vocabulary } from './vocabulary.ts';

export const dialect: Dialect = {
  name: 'soget',
  openapi: {
    title: 'SOGET tracking and tracing',
    version: 'v1',
    description:
      'The API specifications published by SOGET for the tracking and the tracing of a handling ' +
      'unit, served by Portolan. Every call carries the bearer token of an application **and** ' +
      'the API key of the customer.',
    securitySchemes: {
      bearer_token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      api_key: { type: 'apiKey', name: KEY_HEADER, in: 'header' },
    },
  },
  prefixes: [TOKEN_PREFIX, TRACKING_PREFIX, TRACING_PREFIX],
  scopes: ['soget.tracking', 'soget.tracing'],
  routes,
  renderProblem,
  push,
  vocabulary,
  renderings,
  replay: {
    decodeTokenRequest,
    encodeToken,
    decodeTracking,
    encodeWebhook: (given: GivenPush) => encodeWebhook({ ...given, vocabulary }),
    push: (given: GivenPush) => push({ ...given, vocabulary }),
    decodeTraceQuery,
    encodeHandlingUnit: (item: UnitWithEvents) => encodeHandlingUnit(item, vocabulary),
    encodePage: (given: { result: TraceResult; offset: number }) =>
      encodePage(given.result, given.offset, vocabulary),
    renderProblem: (given: {
      problem: Pick<Problem, 'code' | 'message' | 'details'>;
      context: ProblemContext;
    }) => {
      const { code, message, details } = given.problem;
      return renderProblem(new Problem(code, message, details), given.context);
    },
  },
};

/** As samples hold it: they speak the vocabulary of this folder. */
type GivenPush = Omit<PushGiven, 'vocabulary'>;
