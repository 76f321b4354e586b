// Errors of a token endpoint: RFC 6749's words, allowed characters, headers.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderOAuthError } from './oauth-error.ts';

it.each([
  ['invalid-request', 400, 'invalid_request'],
  ['malformed-body', 400, 'invalid_request'],
  ['unsupported-media-type', 400, 'invalid_request'],
  ['invalid-client', 401, 'invalid_client'],
  ['unauthenticated', 400, 'invalid_grant'],
  ['unsupported-grant-type', 400, 'unsupported_grant_type'],
  ['invalid-scope', 400, 'invalid_scope'],
  ['body-too-large', 413, 'invalid_request'],
  ['rate-limited', 429, 'temporarily_unavailable'],
  ['overloaded', 503, 'temporarily_unavailable'],
  ['internal', 500, 'server_error'],
  ['never heard of', 500, 'server_error'],
])('renders %s as %d %s', (code, status, error) => {
  const answer = renderOAuthError({ code, message: 'why' });
  expect(answer).toMatchObject({ status, body: { error, error_description: 'why' } });
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  expect('www-authenticate' in answer.headers).toBe(status === 401);
});

it('passes on when to come back and what is allowed', () => {
  const details = { retryAfterSec: 3, allow: ['POST'] };
  const { headers } = renderOAuthError({ code: 'overloaded', message: 'busy', details });
  expect(headers).toMatchObject({ 'retry-after': '3', allow: 'POST' });
});

it('describes in the characters that the RFC allows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (message) => {
      const { body } = renderOAuthError({ code: 'invalid-request', message });
      expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
    }),
  );
});
