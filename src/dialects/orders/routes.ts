/** The two operations: authenticate, decode, call the hub, answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HubDocument } from '../../events/document.ts';
import { Problem } from '../../events/problem.ts';
import { accepts } from '../../lib/accept.ts';
import { isUuid } from '../../lib/id.ts';
import { mediaTypeOf } from '../../lib/media-type.ts';
import { type Hub, principalOf } from '../dialect.ts';
import { summaryOf } from './check.ts';
import { decodeOrder } from './decode.ts';
import { encodeOrder, orderUrl } from './encode.ts';
import { CREATE_SCOPE, DIALECT, HAL, PREFIX, READ_SCOPE } from './names.ts';
import { createOperation, readOperation } from './operations.ts';
import type { OrdersOptions } from './options.ts';
import type { IdParams } from './schemas.ts';

export function routes(app: FastifyInstance, hub: Hub, options: OrdersOptions): void {
  const answer = (reply: FastifyReply, document: HubDocument) =>
    // A ready text, because no serialiser would keep the digits.
    reply
      .type(HAL)
      // It tells of people: drivers, contacts.
      .header('cache-control', 'no-store')
      .serializer((text: string) => text)
      .send(encodeOrder({ document, publicUrl: hub.publicUrl, options }));

  app.post(
    `${PREFIX}/shipping-orders`,
    {
      schema: createOperation,
      onRequest: [authenticate(hub, CREATE_SCOPE), takeOnlyHal, takeOnlyJson],
      // Decoding checks it, with the faults that a schema cannot see.
      validatorCompiler: () => (value: unknown) => ({ value }),
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { organization } = principal;
      const { body, bodyText = '' } = request;
      const wanted = decodeOrder({ body, bodyText, organization, options });
      const document = await hub.documents.create(principal, wanted).catch((error: unknown) => {
        throw inTheirWords(error, wanted.parties);
      });
      reply.code(201).header('location', orderUrl(hub.publicUrl, document.id));
      return answer(reply, document);
    },
  );

  app.get<{ Params: IdParams }>(
    `${PREFIX}/orders/:id`,
    { schema: readOperation, onRequest: [authenticate(hub, READ_SCOPE), takeOnlyHal] },
    async (request, reply) => {
      const { id } = request.params;
      const document = isUuid(id)
        ? await hub.documents.get(principalOf(request), id.toLowerCase())
        : undefined;
      // Unknown, another's and a document of another kind are the same.
      if (document?.dialect !== DIALECT) throw new Problem('not-found', 'no such order');
      return answer(reply, document);
    },
  );
}

/** A hook for `onRequest`: it runs before the body is read, so a stranger's body costs nothing. */
function authenticate(hub: Hub, scope: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const principal = await hub.identity.bearer(request.headers.authorization);
    if (!principal.scopes.has(scope)) {
      const message = `this call needs the scope ${scope}`;
      throw new Problem('forbidden', message, { reason: 'scope', proof: 'token', scope });
    }
    request.principal = principal;
  };
}

/** Published: who does not say what it takes is refused like who takes something else. */
async function takeOnlyHal({ headers }: FastifyRequest): Promise<void> {
  if (!accepts(headers.accept ?? '', HAL)) {
    throw new Problem('not-acceptable', `the header Accept must name ${HAL}`);
  }
}

/** The door parses forms as well; here a body is JSON. */
async function takeOnlyJson({ headers }: FastifyRequest): Promise<void> {
  if (mediaTypeOf(headers['content-type']) !== 'application/json') {
    throw new Problem('unsupported-media-type', 'the body must be application/json');
  }
}

/** The hub counts the parties; the caller knows them by their roles. */
function inTheirWords(error: unknown, parties: readonly { readonly role: string }[]): unknown {
  if (!(error instanceof Problem) || error.details.issues === undefined) return error;
  const issues = error.details.issues.map((issue) => {
    const at = /^parties\.(\d+)\.organization$/.exec(issue.path)?.[1];
    const role = at === undefined ? undefined : parties[Number(at)]?.role;
    if (role === undefined) return issue;
    return { path: `${role}.organization_id`, rule: 'noRecordFound', message: unknownText };
  });
  const message = error.code === 'conflict' ? conflictText : summaryOf(issues);
  return new Problem(error.code, message, { ...error.details, issues });
}

const unknownText = 'is no organization of this hub';
const conflictText = 'there is an order of this number in your company already';
