/**
 * Reads bodies: JSON and forms, as text kept beside the parsed value (the fragment as received is
 * stored with each event). Everything that the database could not keep is refused here, unless the
 * route says that it looks for bad text by itself.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../events/problem.ts';
import { parseJson } from '../lib/json.ts';
import { findBadText } from '../lib/text.ts';

export const bodyBytesMax = 1_048_576;
const jsonDepthMax = 32;
const formFieldsMax = 50;
const formType = 'application/x-www-form-urlencoded';

function textOf(body: Buffer): string {
  if (!isUtf8(body)) {
    const message = 'the body is not UTF-8';
    throw new Problem('malformed-body', message, {
      issues: [{ path: '', message, rule: 'utf-8' }],
    });
  }
  return body.toString('utf8');
}

function readJson(request: FastifyRequest, body: Buffer): unknown {
  const text = textOf(body);
  // Fastify makes `routeOptions` anew each time it is asked.
  const isBadTextKept = () => request.routeOptions.config.badText === 'kept';
  const parsed = parseJson(text, { depthMax: jsonDepthMax, isBadTextKept });
  if (!parsed.ok) {
    const path = parsed.path === undefined ? '' : parsed.path.join('.');
    const issues = [{ path, message: parsed.message, rule: parsed.code }];
    throw new Problem('malformed-body', parsed.message, { issues });
  }
  request.bodyText = text;
  return parsed.value;
}

/**
 * A form as an object; a parameter sent twice is refused (RFC 6749, section 3.2). Taken where the
 * route says that it consumes forms: elsewhere a page in somebody's browser could send one for JSON.
 */
function readForm(request: FastifyRequest, body: Buffer): Record<string, string> {
  if (request.routeOptions.schema?.consumes?.includes(formType) !== true) {
    throw new Problem('unsupported-media-type', 'this content type is not accepted here');
  }
  const text = textOf(body);
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(name)) {
      throw new Problem('malformed-body', 'a parameter is sent more than once');
    }
    if (findBadText(name) !== undefined || findBadText(value) !== undefined) {
      throw new Problem('malformed-body', 'a parameter holds control characters');
    }
    fields.set(name, value);
    if (fields.size > formFieldsMax) throw new Problem('malformed-body', 'too many parameters');
  }
  request.bodyText = text;
  return Object.fromEntries(fields);
}

type Done = (error: Error | null, body?: unknown) => void;

/** Installs the parsers; every other content type is answered 415. */
export function acceptBodies(app: FastifyInstance): void {
  app.decorateRequest('bodyText', undefined);
  app.removeAllContentTypeParsers();
  const options = { parseAs: 'buffer' as const, bodyLimit: bodyBytesMax };
  const read = createTogether(readJson);
  app.addContentTypeParser<Buffer>('application/json', options, (request, body, done) =>
    read({ request, body, done }),
  );
  app.addContentTypeParser<Buffer>(formType, options, (request, body, done) => {
    const { error, value } = attempt(readForm, request, body);
    done(error, value);
  });
}

interface Arrived {
  readonly request: FastifyRequest;
  readonly body: Buffer;
  readonly done: Done;
}

type Read = (request: FastifyRequest, body: Buffer) => unknown;

/**
 * Reads the bodies that came in one turn of the event loop one after the other, once the last of them
 * is there; then their requests go on, one after the other. In between the reading of sockets and
 * headers the same work takes twice the time: no processor keeps that much code at hand.
 */
function createTogether(read: Read): (arrived: Arrived) => void {
  let waiting: Arrived[] = [];
  const run = () => {
    const arrived = waiting;
    waiting = [];
    const results = arrived.map(({ request, body }) => attempt(read, request, body));
    for (const [index, { done }] of arrived.entries()) {
      const { error = null, value } = results[index] ?? {};
      done(error, value);
    }
  };
  return (arrived) => {
    if (waiting.push(arrived) === 1) setImmediate(run);
  };
}

function attempt(
  read: Read,
  request: FastifyRequest,
  body: Buffer,
): { readonly error: Error | null; readonly value?: unknown } {
  try {
    return { error: null, value: read(request, body) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
