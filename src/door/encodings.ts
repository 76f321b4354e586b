/** Bodies are read as they come, and as UTF-8: 415 for what is packed or encoded otherwise. */
import type { FastifyInstance } from 'fastify';
import { Problem } from '../events/problem.ts';

/** The parameter of a Content-Type (RFC 9110, section 8.3.2), quoted or not. */
const charsetIn = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/** To be registered before the routes; looks after authentication, before the body is read. */
export function refuseEncodings(app: FastifyInstance): void {
  app.addHook('preParsing', (request, reply, _payload, done) => {
    const { 'content-encoding': packing, 'content-type': type } = request.headers;
    if (packing === undefined && type === 'application/json') return done();
    const charset = type === undefined ? undefined : charsetIn.exec(type)?.[1];
    if (packing !== undefined && packing.trim().toLowerCase() !== 'identity') {
      // RFC 9110, section 15.5.16: the answer says what would have been accepted.
      reply.header('accept-encoding', 'identity');
      done(new Problem('unsupported-media-type', 'a packed body (Content-Encoding) is not read'));
    } else if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
      done(new Problem('unsupported-media-type', 'the charset of a body must be utf-8'));
    } else done();
  });
}
