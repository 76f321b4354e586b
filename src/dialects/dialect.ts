/**
 * The contract of a dialect: what a folder under `dialects/` exports as `dialect` from its
 * `index.ts`, and what it is given. A folder imports this file, `events/` and `lib/`, nothing
 * else of ours: it holds no SQL, opens no connection and knows no other dialect.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { EventDraft, RecordedEvent } from '../events/event.ts';
import type { Problem } from '../events/problem.ts';
import type { Subscription } from '../events/subscription.ts';
import type { Classifier, EventType } from '../events/types.ts';
import type { Hub } from './hub-port.ts';
import type { Rendering } from './rendering.ts';

export type { Hub } from './hub-port.ts';
export * from './rendering.ts';

export interface Dialect {
  /** Equals the folder's name: lower-case letters, digits, hyphens. */
  readonly name: string;
  readonly openapi: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    /** OpenAPI 3.1 security schemes by name. */
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
  /** Path prefixes of this dialect. An unknown path below one is answered in its error shape. */
  readonly prefixes: readonly string[];
  /** Registers the routes. `app` is a scope of its own: hooks set here touch no other dialect. */
  readonly routes: (app: FastifyInstance, hub: Hub) => void;
  /** Our problem codes → this partner's status and body. Pure. */
  readonly renderProblem: (problem: Problem, context: ProblemContext) => ProblemAnswer;
  /** How one delivery of this dialect looks; absent where the partner documents no pushes. Pure. */
  readonly push?: (given: PushGiven) => PushRequest;
  /**
   * Whether `push` can say this event; absent: it can say every one. What it cannot say is not
   * delivered and takes no sequence number. Pure, asked once for each event that is recorded.
   */
  readonly canPush?: (event: RecordedEvent, vocabulary: Vocabulary) => boolean;
  /**
   * The same dialect with the operator's options, any JSON value; absent: it has none. Throws
   * `invalid-input` that names the wrong member.
   */
  readonly configure?: (options: unknown) => Dialect;
  /** The codes that we know of; what is said and read goes by `Hub.vocabulary`, which has more. */
  readonly vocabulary: Vocabulary;
  /** Each form in which this dialect says an event; none where it says no events. */
  readonly renderings: readonly Rendering[];
  /** OAuth 2 scopes that this dialect's routes ask for; applications may be given them. */
  readonly scopes?: readonly string[];
  /** Services that users of this dialect may be given; a user gets all where none are named. */
  readonly services?: readonly string[];
  /** The pure functions behind the routes, by the names that the files in `samples/` use. */
  readonly replay: Readonly<Record<string, (given: never) => unknown>>;
}

export interface ProblemContext {
  readonly nowMs: number;
  readonly requestId: string;
  /** Path of the request without its query. */
  readonly path: string;
}

export interface ProblemAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Serialised by the door with JSON.stringify. */
  readonly body: unknown;
}

export interface PushGiven {
  readonly event: RecordedEvent;
  /** Gapless number of this delivery within its subscription, from 1. */
  readonly sequence: number;
  readonly subscription: Pick<Subscription, 'id' | 'externalId' | 'url' | 'settings' | 'dialect'>;
  /** The dialect's own with what operators added to it. */
  readonly vocabulary: Vocabulary;
}

export interface PushRequest {
  /** Defaults to the subscription's URL. */
  readonly url?: string;
  /** Headers of the partner's own, beside the signature. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The exact text that is sent and signed. */
  readonly body: string;
}

/** A partner's codes and our words, both ways. */
export interface Vocabulary {
  /** Every code known to be the partner's, in its own spelling. */
  readonly codes: Readonly<Record<string, VocabularyEntry>>;
  /** For every canonical type: the partner's code, or why there is none. */
  readonly types: Readonly<
    Record<EventType, { readonly code: string } | { readonly none: string }>
  >;
  /** What a code looks like, a regular expression, and the same in words; absent: any text. */
  readonly shape?: { readonly pattern: string; readonly words: string };
  /** Codes that an operator chose to be sent, by type or by type and classifier: `codeFor`. */
  readonly sent?: ReadonlyMap<string, string>;
}

export interface VocabularyEntry {
  readonly type: EventType;
  readonly classifier?: Classifier;
  /** Plain English label, or the operator's. */
  readonly label: string;
  /** The operator's, in whatever language: it goes before texts of the dialect's own. */
  readonly operatorLabel?: string;
}

/** Who is asking, whatever proof the partner documents. */
export interface Principal {
  readonly kind: 'operator' | 'application' | 'key' | 'user';
  /** Id of the application, key or user; `operator` for the operator. */
  readonly id: string;
  /** Organization that is acted for; absent for the operator, who may act for all. */
  readonly organization?: string;
  readonly scopes: ReadonlySet<string>;
  /** Dialects that this proof may be used in; absent means all. From the offer of an API key. */
  readonly dialects?: ReadonlySet<string>;
  /** Limit of the offer behind an API key; absent means none. */
  readonly requestsPerMinute?: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by a dialect's authentication hook before the body is read. */
    principal: Principal | undefined;
    /** The body's text as received, for the fragment kept with each event. */
    bodyText: string | undefined;
  }
  interface FastifyContextConfig {
    /** The route refuses text that cannot be stored by itself, e.g. one event of a list alone. */
    badText?: 'kept';
  }
}

/** Names of the dialects that push but cannot say this event; without `vocabularyOf` by their own words. */
export function unsaidIn(
  dialects: ReadonlyMap<string, Dialect>,
  vocabularyOf: (dialect: string) => Vocabulary | undefined = () => undefined,
): (event: RecordedEvent) => readonly string[] {
  const choosy = [...dialects.values()].filter((dialect) => dialect.canPush !== undefined);
  return (event) =>
    choosy
      .filter(({ name, canPush, vocabulary }) => {
        const words = vocabularyOf(name) ?? vocabulary;
        return canPush?.(event, words) === false;
      })
      .map(({ name }) => name);
}

/** The principal of an authenticated route; a route without authentication is a programming error. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new Error(`no authentication on ${request.url}`);
  return request.principal;
}

export type { EventDraft };
