/** What the parcel network's calls have in common: who may make them and how they can fail. */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../../events/problem.ts';
import type { Hub } from '../../dialect.ts';
import { ErrorBody } from '../schemas.ts';

export const registerService = 'parcel-register-event';
export const logService = 'parcel-event-log';

/** What a service is called to people. */
const serviceNames = {
  [registerService]: 'Parcel Register Event',
  [logService]: 'Parcel Event Log',
} as const;

/** Statuses that any call can end with, beside its own. */
export function faults(own: Readonly<Record<number, string>>) {
  const all: Readonly<Record<number, string>> = {
    400: 'The request is not in the right form; errorMap names the field.',
    413: 'The body is larger than 1 MiB.',
    415: 'The body is not application/json.',
    429: 'Too many requests; see Retry-After.',
    500: 'A fault on our side; try again.',
    503: 'Too busy or starting; see Retry-After. Nothing was registered.',
    ...own,
  };
  return Object.fromEntries(
    Object.entries(all).map(([status, description]) => [status, { ...ErrorBody, description }]),
  );
}

/** Lets in users who have the service. A user's services are scopes of the tokens that it logs in for. */
export async function authenticate(
  request: FastifyRequest,
  hub: Hub,
  service: keyof typeof serviceNames,
): Promise<void> {
  const principal = await hub.identity.bearer(request.headers.authorization);
  const scope = `service:${service}`;
  if (principal.kind !== 'user' || !principal.scopes.has(scope)) {
    const message = `no access to the service ${serviceNames[service]}`;
    throw new Problem('forbidden', message, { reason: 'scope', scope });
  }
  request.principal = principal;
}

/** Unknown and not entitled are one answer, so that nobody learns which parcels exist. */
export function noSuchParcel(path: string, name: string): Problem {
  const message = `no parcel ${name} that you have access to`;
  return new Problem('unit-not-found', message, { issues: [{ path, message }] });
}
