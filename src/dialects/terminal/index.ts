/** A container terminal's event subscriptions, as The Port of Virginia publishes them. See README.md. */

import type { RecordedEvent } from '../../events/event.ts';
import { Problem, type ProblemCode, type ProblemDetails } from '../../events/problem.ts';
import type { Subscription } from '../../events/subscription.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import type { Dialect, ProblemContext, PushGiven } from '../dialect.ts';
import { chooseUnit, decodeSubscription, newSubscription } from './decode.ts';
import { canPush, encodePastEvents, encodeSubscription, push } from './encode.ts';
import { renderProblem } from './errors.ts';
import { DIALECT, KEY_HEADER, KEY_PARAMETER } from './names.ts';
import { readOptions, type TerminalOptions } from './options.ts';
import { renderings } from './renderings.ts';
import { PREFIX, routes } from './routes.ts';
import type { CreationQuery, NewEventSubscription } from './schemas.ts';
import { factsOf, nameOf, readName, vocabulary } from './vocabulary.ts';

export const dialect: Dialect = withOptions({});

function withOptions(given: unknown): Dialect {
  const options = readOptions(given);
  return {
    name: DIALECT,
    openapi: {
      title: 'Terminal event subscriptions',
      version: '1.0.0',
      description:
        'The Event Subscription API of The Port of Virginia, served by Portolan. Subscribe to the ' +
        'events of a container; each is posted to your callback URL in the form of the TradeLens ' +
        'Event Publish API.',
      securitySchemes: {
        api_key_header: { type: 'apiKey', name: KEY_HEADER, in: 'header' },
        api_key_query: { type: 'apiKey', name: KEY_PARAMETER, in: 'query' },
      },
    },
    prefixes: [PREFIX],
    routes: (app, hub) => routes(app, hub, options),
    renderProblem,
    push,
    canPush,
    configure: withOptions,
    vocabulary,
    renderings,
    replay: replayOf(options),
  };
}

function replayOf(options: TerminalOptions): Dialect['replay'] {
  return {
    decodeSubscription: ({ body, query, units }: GivenRequest) => {
      const wanted = decodeSubscription(body, query);
      return newSubscription(wanted, chooseUnit(units, wanted), options);
    },
    encodeSubscription,
    encodePastEvents: ({ events, settings }: GivenEvents) =>
      encodePastEvents(events, settings, vocabulary),
    push: (given: Omit<PushGiven, 'vocabulary'>) => push({ ...given, vocabulary }),
    name: (event: RecordedEvent) => nameOf(event, vocabulary),
    facts: ({ name }: { name: string }) => {
      const known = readName(name);
      return known === undefined ? null : factsOf(known);
    },
    renderProblem: ({ problem: { code, message, details }, context }: GivenProblem) =>
      renderProblem(new Problem(code, message, details), context),
  };
}

interface GivenRequest {
  readonly body: NewEventSubscription;
  readonly query?: CreationQuery;
  /** What the caller sees of the container. */
  readonly units: readonly HandlingUnit[];
}

interface GivenEvents {
  readonly events: readonly RecordedEvent[];
  readonly settings: Subscription['settings'];
}

interface GivenProblem {
  readonly problem: {
    readonly code: ProblemCode;
    readonly message: string;
    readonly details: ProblemDetails;
  };
  readonly context: ProblemContext;
}
