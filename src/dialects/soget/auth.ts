/**
 * The double authentication of both APIs: a token says which application calls, an API key says
 * for which customer. SOGET requires both; that they must belong together is ours.
 */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../events/problem.ts';
import type { Principal } from '../dialect.ts';
import type { IdentityPort } from '../hub-port.ts';
import { KEY_HEADER } from './errors.ts';

/** A hook for `onRequest`: it runs before the body is read, so a stranger's body costs nothing. */
export function authenticate(
  identity: IdentityPort,
  scope: string,
): (request: FastifyRequest) => Promise<void> {
  const keyName = KEY_HEADER.toLowerCase();
  return async (request) => {
    const { headers } = request;
    const application = await identity.bearer(required(headers.authorization, 'token'));
    const customer = await identity.apiKey(required(headers[keyName], 'key'));
    request.principal = bothProofs({ application, customer, scope });
  };
}

/** The customer, with the scopes of the application. Throws `unauthenticated`, `forbidden`. */
export function bothProofs(given: {
  application: Principal;
  customer: Principal;
  scope: string;
}): Principal {
  const { application, customer, scope } = given;
  if (application.kind !== 'application') throw refused('token', 'invalid');
  if (customer.kind !== 'key') throw refused('key', 'invalid');
  if (customer.organization === undefined || customer.organization !== application.organization) {
    throw refused('token', 'mismatch');
  }
  if (!application.scopes.has(scope)) {
    throw new Problem('forbidden', `the token lacks the scope ${scope}`, {
      reason: 'scope',
      proof: 'token',
      scope,
    });
  }
  if (customer.dialects !== undefined && !customer.dialects.has('soget')) {
    throw new Problem('forbidden', 'the offer of the API key does not hold this API', {
      proof: 'key',
    });
  }
  return { ...customer, scopes: application.scopes };
}

function required(header: string | string[] | undefined, proof: 'token' | 'key'): string {
  if (header === undefined || header === '') throw refused(proof, 'missing');
  return typeof header === 'string' ? header : header.join(', ');
}

function refused(proof: 'token' | 'key', reason: 'missing' | 'invalid' | 'mismatch'): Problem {
  const name = proof === 'token' ? 'the bearer token' : `the API key in ${KEY_HEADER}`;
  const message =
    reason === 'mismatch'
      ? 'the token and the API key belong to different organizations'
      : `${name} is ${reason === 'missing' ? 'missing' : 'not valid here'}`;
  return new Problem('unauthenticated', message, { proof, reason });
}
