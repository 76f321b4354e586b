/** Health, readiness, metrics and the page that leads a browser to the documents. */
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Dialect } from '../dialects/dialect.ts';

export interface HealthOptions {
  readonly isReady: () => Promise<boolean>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function startPage(dialects: Iterable<Dialect>): string {
  const rows = [...dialects].map(
    ({ name, openapi }) =>
      `<li><a href="/openapi/${escapeHtml(name)}.json">${escapeHtml(openapi.title)}</a> ${escapeHtml(openapi.version)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Portolan</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>
</head>
<body>
<h1>Portolan</h1>
<p>One freight event, every partner's dialect.</p>
<p><a href="/docs">Try it</a> in the browser, or read the OpenAPI documents:</p>
<ul>
${rows.join('\n')}
</ul>
<p><a href="/readyz">Ready?</a> · <a href="/metrics">Metrics</a> ·
<a href="/.well-known/openid-configuration">OpenID configuration</a></p>
</body>
</html>
`;
}

const schema = { hide: true };

/** What whoever runs the process looks at, whatever part it plays. */
export function serveHealth(app: FastifyInstance, options: HealthOptions): void {
  app.get('/healthz', { schema }, async () => ({ status: 'alive' }));
  app.get('/readyz', { schema }, async (_request, reply) => {
    const ready = await options.isReady();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });
  app.get('/metrics', { schema }, async (_request, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.type(contentType).send(text);
  });
}

export async function serveStartPage(
  app: FastifyInstance,
  dialects: Iterable<Dialect>,
): Promise<void> {
  const page = startPage(dialects);
  await app.register(async (scope) => {
    await scope.register(helmet, {
      contentSecurityPolicy: {
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: ["'unsafe-inline'"],
          // Plain HTTP on a private network is a common way to run a hub; do not break its links.
          upgradeInsecureRequests: null,
        },
      },
      strictTransportSecurity: false,
    });
    scope.get('/', { schema }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(page),
    );
  });
}
