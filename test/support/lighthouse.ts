/**
 * A small but complete dialect, as text: what somebody who adds a partner would write. It is copied
 * into a copy of the project as `src/dialects/lighthouse/`, compiled there and served.
 */

export const lighthouse: Readonly<Record<string, string>> = {
  'README.md':
    '# Lighthouse\n\nSightings of containers from a lighthouse. A throw-away dialect of a test.\n',

  'index.ts': `/** Lighthouses report which containers they saw. */
import { Problem, type ProblemCode } from '../../events/problem.ts';
import type { Dialect } from '../dialect.ts';
import { decodeSighting } from './decode.ts';
import { push } from './encode.ts';
import { renderProblem } from './errors.ts';
import { renderings } from './renderings.ts';
import { routes } from './routes.ts';
import { vocabulary } from './vocabulary.ts';

export const dialect: Dialect = {
  name: 'lighthouse',
  openapi: {
    title: 'Lighthouse sightings',
    version: '1.0.0',
    description: 'What lighthouses saw.',
    securitySchemes: { lamp: { type: 'http', scheme: 'bearer' } },
  },
  prefixes: ['/lighthouse'],
  routes,
  renderProblem,
  push,
  vocabulary,
  renderings,
  scopes: ['lighthouse.sightings'],
  replay: {
    decode: decodeSighting,
    push,
    renderProblem: ({ code, path }: { code: ProblemCode; path: string }) =>
      renderProblem(new Problem(code, 'dark'), { nowMs: 0, requestId: 'r', path }),
  },
};
`,

  'vocabulary.ts': `/** Two codes of their own; everything else they never say. */
import { EVENT_TYPES, type EventType } from '../../events/types.ts';
import type { Vocabulary } from '../dialect.ts';

const codes: Vocabulary['codes'] = {
  SEEN: { type: 'arrived', label: 'Seen coming in' },
  GONE: { type: 'departed', label: 'Gone below the horizon' },
};

const said: Partial<Record<EventType, string>> = { arrived: 'SEEN', departed: 'GONE' };

const types = Object.fromEntries(
  EVENT_TYPES.map((type) => {
    const code = said[type];
    return [type, code === undefined ? { none: 'not seen from a lighthouse' } : { code }];
  }),
) as Vocabulary['types'];

export const vocabulary: Vocabulary = { codes, types };
`,

  'renderings.ts': `/** A sighting is all that lighthouses say of an event. */
import { CANONICAL_FIELDS } from '../../events/fields.ts';
import { approximated, dropped, kept, type Rendering } from '../dialect.ts';
import { encodeSighting } from './encode.ts';

const sighting: Rendering = {
  form: 'sighting',
  say: (event) => ({ body: encodeSighting(event) }),
  fields: {
    ...dropped('not seen from a lighthouse', ...CANONICAL_FIELDS),
    type: approximated('FOG for what a lighthouse cannot see', 'saw'),
    occurredAt: kept('at'),
    'occurredAt.offset': kept('at'),
    'occurredAt.precision': kept('at'),
  },
};

export const renderings: readonly Rendering[] = [sighting];
`,

  'schemas.ts': `/** Shapes of the three calls. */
import Type, { type Static } from 'typebox';
import { closed, oneOf } from '../../lib/schema.ts';

export const Sighting = closed({
  box: Type.String({ minLength: 1, maxLength: 35, examples: ['CSQU3054383'] }),
  saw: oneOf(['SEEN', 'GONE']),
  at: Type.String({ maxLength: 40, examples: ['2026-11-20T14:00:00+01:00'] }),
});
export type Sighting = Static<typeof Sighting>;

export const Logged = Type.Object({ entry: Type.String(), again: Type.Boolean() });
export const Log = Type.Object({
  sightings: Type.Array(Type.Object({ saw: Type.String(), at: Type.String() })),
});
export const Watch = closed({ call: Type.String({ minLength: 1, maxLength: 2048 }) });
export type Watch = Static<typeof Watch>;
export const Watching = Type.Object({ watch: Type.String() });
export const Fault = Type.Object({ fault: Type.String(), why: Type.String() });
`,

  'decode.ts': `/** A sighting → a canonical event. Pure. */
import type { EventDraft } from '../../events/event.ts';
import { invalid } from '../../events/problem.ts';
import { parseInstant } from '../../events/time.ts';
import type { Sighting } from './schemas.ts';
import { vocabulary } from './vocabulary.ts';

export function decodeSighting({ sighting, text }: { sighting: Sighting; text: string }): EventDraft {
  const at = parseInstant(sighting.at);
  if (!at.ok) throw invalid('at', at.message, at.code);
  return {
    unit: { reference: sighting.box },
    type: vocabulary.codes[sighting.saw]?.type ?? 'other',
    classifier: 'actual',
    occurredAt: at.value,
    source: { dialect: 'lighthouse', code: sighting.saw },
    received: text,
  };
}
`,

  'encode.ts': `/** Canonical events → what lighthouses read. Pure. */
import type { RecordedEvent } from '../../events/event.ts';
import type { PushGiven, PushRequest } from '../dialect.ts';
import { vocabulary } from './vocabulary.ts';

export function encodeSighting(event: RecordedEvent) {
  const word = vocabulary.types[event.type];
  return { saw: 'code' in word ? word.code : 'FOG', at: event.occurredAt.text };
}

export function push({ event, sequence }: PushGiven): PushRequest {
  const flash = { nr: sequence, box: event.unit.reference, ...encodeSighting(event) };
  return { headers: { 'Lighthouse-Flash': String(sequence) }, body: JSON.stringify({ flash }) };
}
`,

  'errors.ts': `/** Our problem codes → a lighthouse's faults. Pure. */
import type { Problem, ProblemCode } from '../../events/problem.ts';
import type { ProblemAnswer } from '../dialect.ts';
import type { ProblemContext } from '../dialect.ts';

const statuses: Partial<Record<ProblemCode, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'unit-not-found': 404,
  'method-not-allowed': 405,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'rate-limited': 429,
  internal: 500,
  overloaded: 503,
};

export function renderProblem(problem: Problem, _context: ProblemContext): ProblemAnswer {
  const body = { fault: problem.code.toUpperCase(), why: problem.message };
  return { status: statuses[problem.code] ?? 400, contentType: 'application/json', body };
}
`,

  'routes.ts': `/** Reporting a sighting, reading the log of a box, asking to be called. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../../events/problem.ts';
import { type Hub, principalOf } from '../dialect.ts';
import { decodeSighting } from './decode.ts';
import { encodeSighting } from './encode.ts';
import { Fault, Log, Logged, Sighting, Watch, Watching } from './schemas.ts';

const scope = 'lighthouse.sightings';
const security = [{ lamp: [scope] }];
const faults = { 400: Fault, 401: Fault, 403: Fault, 404: Fault };

export function routes(app: FastifyInstance, hub: Hub): void {
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    const principal = await hub.identity.bearer(request.headers.authorization);
    if (!principal.scopes.has(scope)) throw new Problem('forbidden', 'the lamp is off', { scope });
    request.principal = principal;
  };

  app.post<{ Body: Sighting }>(
    '/lighthouse/v1/sightings',
    { onRequest, schema: { security, body: Sighting, response: { 201: Logged, ...faults } } },
    async (request, reply) => {
      const text = request.bodyText ?? '';
      const draft = decodeSighting({ sighting: request.body, text });
      const [result] = await hub.record(principalOf(request), [draft]);
      if (result === undefined) throw new Error('no result');
      if (result.status === 'rejected') throw new Problem(result.code, result.issue.message);
      reply.code(201);
      return { entry: result.id, again: result.status === 'duplicate' };
    },
  );

  app.get<{ Params: { box: string } }>(
    '/lighthouse/v1/boxes/:box/sightings',
    { onRequest, schema: { security, response: { 200: Log, ...faults } } },
    async (request) => {
      const { box: unit } = request.params;
      const page = await hub.events.list(principalOf(request), { unit }, { limit: 100 });
      return { sightings: page.items.map(encodeSighting) };
    },
  );

  app.post<{ Body: Watch }>(
    '/lighthouse/v1/watches',
    { onRequest, schema: { security, body: Watch, response: { 201: Watching, ...faults } } },
    async (request, reply) => {
      const { subscription } = await hub.subscriptions.create(principalOf(request), {
        dialect: 'lighthouse',
        url: request.body.call,
        filter: {},
        externalId: { prefix: 'LAMP', digits: 6 },
      });
      reply.code(201);
      return { watch: subscription.externalId ?? subscription.id };
    },
  );
}
`,

  'samples/problem.json': JSON.stringify({
    about: 'Nothing there.',
    function: 'renderProblem',
    given: { code: 'not-found', path: '/lighthouse' },
    expect: {
      status: 404,
      contentType: 'application/json',
      body: { fault: 'NOT-FOUND', why: 'dark' },
    },
  }),
};

/** The same, by somebody who stopped before the vocabulary. */
export const withoutVocabulary: Readonly<Record<string, string>> = {
  ...lighthouse,
  'index.ts': (lighthouse['index.ts'] ?? '')
    .replace(/^import \{ vocabulary.*\n/m, '')
    .replace(/^ {2}vocabulary,\n/m, '')
    .replace('dialect: Dialect', 'dialect: Omit<Dialect, "vocabulary">'),
};
