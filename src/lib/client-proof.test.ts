// Client proofs: Basic and form, never both, percent-decoded, and no throw for any header.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readClientProof } from './client-proof.ts';

function basic(pair: string, scheme = 'Basic') {
  return { authorization: `${scheme} ${Buffer.from(pair).toString('base64')}` };
}

it('reads the form', () => {
  const form = { client_id: 'app_1', client_secret: 's:3' };
  expect(readClientProof({}, form)).toEqual({ ok: true, clientId: 'app_1', clientSecret: 's:3' });
});

it('reads Basic, whatever the case of the scheme, a colon in the secret included', () => {
  const proof = { ok: true, clientId: 'app_1', clientSecret: 's:3' };
  expect(readClientProof(basic('app_1:s:3'), {})).toEqual(proof);
  expect(readClientProof(basic('app_1:s:3', 'bAsIc'), { client_id: 'app_1' })).toEqual(proof);
});

it('gives back any id and secret that a client encoded by the RFC', () => {
  const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(texts, texts, (clientId, clientSecret) => {
      const headers = basic(`${encode(clientId)}:${encode(clientSecret)}`);
      expect(readClientProof(headers, {})).toEqual({ ok: true, clientId, clientSecret });
    }),
  );
});

it.each([
  ['nothing', {}, {}, 'invalid-client'],
  ['no secret', {}, { client_id: 'a' }, 'invalid-client'],
  ['an empty secret', {}, { client_id: 'a', client_secret: '' }, 'invalid-client'],
  ['another scheme', { authorization: 'Bearer abc' }, {}, 'invalid-client'],
  ['Basic without a colon', basic('abc'), {}, 'invalid-client'],
  ['Basic without an id', basic(':abc'), {}, 'invalid-client'],
  ['Basic with a bad escape', basic('a%zz:abc'), {}, 'invalid-client'],
  ['Basic that is not base64', { authorization: 'Basic a:b' }, {}, 'invalid-client'],
  ['both ways', basic('a:b'), { client_id: 'a', client_secret: 'b' }, 'invalid-request'],
  ['two clients', basic('a:b'), { client_id: 'c' }, 'invalid-request'],
])('refuses %s', (_what, headers, form: Record<string, string>, code) => {
  expect(readClientProof(headers, form)).toMatchObject({ ok: false, code });
});

it('throws for no header and no form', () => {
  const form = fc.dictionary(fc.string(), fc.string());
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), form, (text, fields) => {
      const proof = readClientProof({ authorization: `Basic ${text}` }, fields);
      expect(typeof proof.ok).toBe('boolean');
    }),
  );
});
