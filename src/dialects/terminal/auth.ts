/** The API key of every call: in the header `X-API-KEY` or in the query as `key`. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../events/problem.ts';
import type { Principal } from '../dialect.ts';
import type { IdentityPort } from '../hub-port.ts';
import { DIALECT, KEY_HEADER, KEY_PARAMETER } from './names.ts';

/** A hook for `onRequest`: it runs before the body is read, so a stranger's body costs nothing. */
export function authenticate(
  identity: Pick<IdentityPort, 'apiKey'>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    // A key may stand in the address: no cache on the way may keep it with the answer.
    reply.header('cache-control', 'no-store');
    const key = keyOf(request.headers[KEY_HEADER.toLowerCase()], request.query);
    request.principal = admit(await identity.apiKey(key));
  };
}

/**
 * The one key that is sent. Two that differ are refused (ours): neither place is published to win,
 * and a call must not depend on which one a proxy drops. Throws `unauthenticated`.
 */
export function keyOf(header: string | string[] | undefined, query: unknown): string {
  const keys = new Set([...textsOf(header), ...textsOf(parameterOf(query))]);
  const [key, ...others] = keys;
  if (key === undefined) {
    const message = `an API key is needed, in the header ${KEY_HEADER} or as ?${KEY_PARAMETER}=`;
    throw new Problem('unauthenticated', message, { proof: 'key', reason: 'missing' });
  }
  if (others.length > 0) {
    const message = 'more than one API key is sent, and they differ';
    throw new Problem('unauthenticated', message, { proof: 'key', reason: 'mismatch' });
  }
  return key;
}

/** Throws `forbidden` when the key's offer does not hold this API. */
export function admit(principal: Principal): Principal {
  if (principal.dialects !== undefined && !principal.dialects.has(DIALECT)) {
    const message = 'the offer of the API key does not hold this API';
    throw new Problem('forbidden', message, { proof: 'key' });
  }
  return principal;
}

function parameterOf(query: unknown): unknown {
  return typeof query === 'object' && query !== null && KEY_PARAMETER in query
    ? query[KEY_PARAMETER]
    : undefined;
}

/** An empty text is no key. */
function textsOf(value: unknown): string[] {
  return [value].flat().filter((text): text is string => typeof text === 'string' && text !== '');
}
