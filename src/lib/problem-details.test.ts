import { describe, expect, it } from 'vitest';
import { bearerChallenge, problemDetails } from './problem-details.ts';

it('takes the title from the status, as RFC 9457 wants it for about:blank', () => {
  const detail = 'no such unit';
  const body = { type: 'about:blank', title: 'Not Found', status: 404, detail };
  expect(problemDetails(404, detail)).toEqual(body);
  expect(problemDetails(799, detail).title).toBe('Error');
});

describe('the challenge of a bearer token', () => {
  it.each([
    [401, { reason: 'missing' }, 'Bearer realm="portolan"'],
    [401, { reason: 'expired' }, 'Bearer realm="portolan", error="invalid_token"'],
    [401, {}, 'Bearer realm="portolan", error="invalid_token"'],
    [
      403,
      { scope: 'hub.read' },
      'Bearer realm="portolan", error="insufficient_scope", scope="hub.read"',
    ],
    [403, {}, undefined],
    [404, { scope: 'hub.read' }, undefined],
  ])('of %i and %j is %s', (status, refusal, expected) => {
    expect(bearerChallenge(status, refusal)).toBe(expected);
  });
});
