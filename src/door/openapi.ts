/** The OpenAPI document of each dialect, generated from its route schemas, and the try-it page. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { Dialect } from '../dialects/dialect.ts';

/** Collects the routes that are added to this scope from now on. */
export async function describeDialect(
  app: FastifyInstance,
  dialect: Dialect,
  publicUrl: string | undefined,
): Promise<void> {
  const { title, version, description, securitySchemes } = dialect.openapi;
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, description },
      components: { securitySchemes: securitySchemes as never },
    },
    hideUntagged: false,
  });
  // Wherever the document was read from comes first, so that it can be tried from there.
  const servers = ['/', publicUrl].flatMap((url) => (url === undefined ? [] : [{ url }]));
  const url = `/openapi/${dialect.name}.json`;
  app.get(url, { schema: { hide: true } }, async () => ({
    ...app.swagger(),
    servers,
  }));
}

/** `/docs`: one page with a choice of the documents. */
export async function serveTryIt(app: FastifyInstance, dialects: Iterable<Dialect>): Promise<void> {
  const urls = [...dialects].map(({ name, openapi }) => ({
    name: openapi.title,
    url: `/openapi/${name}.json`,
  }));
  await app.register(async (scope) => {
    await scope.register(swagger, { openapi: { info: { title: 'Portolan', version: '1' } } });
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      // Plain HTTP on a private network is a common way to run a hub.
      transformStaticCSP: (policy) => policy.replace(/\s*upgrade-insecure-requests;?/, ''),
      uiConfig: {
        ...{ urls, deepLinking: true, persistAuthorization: false },
        // Otherwise the page tells a public service where the document lies.
        validatorUrl: null,
      } as never,
      theme: { title: 'Portolan: try it' },
    });
  });
}
