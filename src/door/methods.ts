/** Answers 405 with `Allow` for every path that exists under another method. */
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Problem } from '../events/problem.ts';

const METHODS: readonly HTTPMethods[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
];

export interface MethodWatch {
  /** Call once all routes of the scope are there. */
  readonly close: () => void;
}

/** Notes the routes that are added to `app` from now on. */
export function watchMethods(app: FastifyInstance): MethodWatch {
  const methodsByPath = new Map<string, Set<string>>();
  let open = true;
  app.addHook('onRoute', (route) => {
    if (!open) return;
    const known = methodsByPath.get(route.url) ?? new Set<string>();
    for (const method of [route.method].flat()) known.add(method);
    if (known.has('GET')) known.add('HEAD');
    methodsByPath.set(route.url, known);
  });
  return {
    close: () => {
      open = false;
      for (const [url, known] of methodsByPath) refuseOthers(app, url, [...known]);
    },
  };
}

function refuseOthers(app: FastifyInstance, url: string, allow: readonly string[]): void {
  const refuse = async () => {
    throw new Problem('method-not-allowed', `this path answers ${allow.join(', ')}`, { allow });
  };
  app.route({
    method: METHODS.filter((method) => !allow.includes(method)),
    url,
    schema: { hide: true },
    // Before the body is read and before anyone is authenticated.
    onRequest: refuse,
    handler: refuse,
  });
}
