/** What all calls of the hub's own API have: who may make them, their documents, their repeats. */
import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { invalid, Problem } from '../../../events/problem.ts';
import { isUuid } from '../../../lib/id.ts';
import { type Principal, principalOf } from '../../dialect.ts';
import type { Hub, StoredAnswer } from '../../hub-port.ts';
import { ProblemBody } from '../schemas.ts';

export const base = '/hub/v1';

export const scopes = [
  'hub.read',
  'hub.units.write',
  'hub.events.write',
  'hub.subscriptions',
] as const;

/** The operator may make every call; an application needs one of the scopes named. */
export type Access = 'operator' | readonly (typeof scopes)[number][];

export interface CallSchema extends FastifySchema {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly response: Readonly<Record<number, object>>;
}

const problemTexts: Readonly<Record<number, string>> = {
  400: 'Bad input; `errors` names the fields.',
  401: 'No valid proof of who is asking.',
  403: 'Not allowed; `detail` names the missing scope.',
  404: 'Not there, or not yours to see: the same answer.',
  409: 'The name is taken.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is not application/json.',
  422: 'The Idempotency-Key was used for another request.',
  429: 'Too many requests; see Retry-After.',
  500: 'A fault on our side.',
  503: 'Too busy or starting; see Retry-After. Sending it again is safe.',
};

/** Options of a route: its full schema, and the check of the proof before the body is read. */
export function call(hub: Hub, access: Access, schema: CallSchema) {
  return {
    schema: {
      ...schema,
      security: securityOf(access),
      response: { ...problems, ...schema.response },
    },
    onRequest: (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) => {
      // Most callers are known from their last request: they wait for no promise.
      const known = hub.identity.known(request.headers.authorization);
      if (known === undefined) authenticate(request, hub, access).then(() => done(), done);
      else done(admit(request, known, access));
    },
  };
}

const problems = Object.fromEntries(
  Object.entries(problemTexts).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: ProblemBody } } },
  ]),
);

function securityOf(access: Access): Record<string, string[]>[] {
  const anyOf = access === 'operator' ? [] : access;
  return [{ adminKey: [] }, ...anyOf.map((scope) => ({ token: [scope] }))];
}

async function authenticate(request: FastifyRequest, hub: Hub, access: Access): Promise<void> {
  const header = request.headers.authorization;
  const principal = hub.identity.operator(header) ?? (await hub.identity.bearer(header));
  const problem = admit(request, principal, access);
  if (problem !== undefined) throw problem;
}

/** Notes who asks; what is wrong where they may not. */
function admit(request: FastifyRequest, principal: Principal, access: Access): Problem | undefined {
  request.principal = principal;
  if (principal.kind === 'operator') return undefined;
  if (access === 'operator') {
    return new Problem('forbidden', "this call takes the operator's admin key");
  }
  if (isAllowed(principal, access)) return undefined;
  return new Problem('forbidden', `this call needs the scope ${access.join(' or ')}`, {
    reason: 'scope',
    scope: access.join(' '),
  });
}

/** Scopes of an application, also for a user who came through it; services are no scopes of ours. */
function isAllowed({ scopes }: Principal, access: readonly string[]): boolean {
  return access.some((scope) => scopes.has(scope));
}

/** The id in the path; one that cannot be an id is answered like one that does not exist. */
export function idOf(request: FastifyRequest<{ Params: { id: string } }>, what: string): string {
  const { id } = request.params;
  if (!isUuid(id)) throw notFound(what);
  return id.toLowerCase();
}

export function notFound(what: string): Problem {
  return new Problem('not-found', `no such ${what}`);
}

/** What was found; unknown and foreign are the same answer. */
export function found<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw notFound(what);
  return thing;
}

/** Does the work, once only for an `Idempotency-Key`. Without one no notes are touched. */
export function answerOnce(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  hub: Hub,
  work: () => Promise<StoredAnswer>,
): Promise<unknown> {
  const key = keyOf(request);
  const answered =
    key === undefined ? work() : hub.once(principalOf(request), note(request, key), work);
  return answered.then(({ status, body }) => {
    reply.code(status);
    return body;
  });
}

function note({ method, url: path, bodyText = '' }: FastifyRequest, key: string) {
  return { key, method, path, bodyText };
}

/** Checked here because the call that records events does not leave the checking to the door. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string') return undefined;
  const lengthMax = 255;
  if (key.length === 0 || key.length > lengthMax) {
    throw invalid('idempotency-key', `must have 1 to ${lengthMax} characters`, 'maxLength');
  }
  return key;
}

/** For answers that hold a secret. */
export function forbidStoring(reply: FastifyReply): void {
  reply.header('cache-control', 'no-store');
}
