// Bearer tokens, API keys and the operator's key: who is let in, for how long, and at what cost.
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADMIN_KEY,
  createIdentityStand,
  type IdentityStand,
  ISSUER,
} from '../../test/support/identity.ts';
import { Problem } from '../events/problem.ts';

let stand: IdentityStand;
let organization: string;
beforeAll(async () => {
  stand = await createIdentityStand();
  organization = (await stand.provisioning.createOrganization({ name: 'Port of Le Havre' })).id;
});
afterAll(() => stand.close());

function newApplication(scopes = ['units.read', 'events.write']) {
  return stand.provisioning.createApplication(organization, { name: 'tracker', scopes });
}

async function tokenOf(application: { clientId: string; clientSecret: string }) {
  const { accessToken } = await stand.identity.clientCredentials(application);
  return accessToken;
}

function refused(reason: string, proof = 'token') {
  return { name: 'Problem', code: 'unauthenticated', details: { reason, proof } };
}

describe('bearer', () => {
  it('gives the principal, whatever the case of the scheme', async () => {
    const application = await newApplication(['units.read']);
    const token = await tokenOf(application);
    const principal = {
      kind: 'application',
      id: application.clientId,
      organization,
      scopes: new Set(['units.read']),
    };
    for (const header of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`]) {
      expect(await stand.identity.bearer(header)).toEqual(principal);
    }
  });

  it('asks the database once for many requests at once, and then not for a while', async () => {
    const header = `Bearer ${await tokenOf(await newApplication())}`;
    const before = stand.statementCount();
    await Promise.all(Array.from({ length: 50 }, () => stand.identity.bearer(header)));
    await stand.identity.bearer(header);
    expect(stand.statementCount() - before).toBe(1);
    stand.clock.ms += 30_000;
    await stand.identity.bearer(header);
    expect(stand.statementCount() - before).toBe(2);
  });

  it('expires with a leeway of five seconds, remembered or not', async () => {
    const header = `Bearer ${await tokenOf(await newApplication())}`;
    stand.clock.ms += 3_604_000;
    await stand.identity.bearer(header);
    stand.clock.ms += 1000;
    await expect(stand.identity.bearer(header)).rejects.toMatchObject(refused('expired'));
  });

  it('refuses an application that is gone, or a scope that was taken away, within 30 s', async () => {
    const [gone, poorer] = [await newApplication(), await newApplication()];
    const [goneToken, poorerToken] = [await tokenOf(gone), await tokenOf(poorer)];
    await stand.identity.bearer(`Bearer ${goneToken}`);
    await stand.identity.bearer(`Bearer ${poorerToken}`);
    const { database } = stand.test;
    await database.query('delete from applications where client_id = $1', [gone.clientId]);
    await database.query('update applications set scopes = $2 where client_id = $1', [
      poorer.clientId,
      ['units.read'],
    ]);
    stand.clock.ms += 30_000;
    const answer = stand.identity.bearer(`Bearer ${goneToken}`);
    await expect(answer).rejects.toMatchObject(refused('invalid'));
    const { scopes } = await stand.identity.bearer(`Bearer ${poorerToken}`);
    expect(scopes).toEqual(new Set(['units.read']));
  });

  it('tells missing from invalid', async () => {
    for (const header of [undefined, '']) {
      await expect(stand.identity.bearer(header)).rejects.toMatchObject(refused('missing'));
    }
    const token = await tokenOf(await newApplication());
    const bad = [
      'Bearer',
      'Bearer ',
      token,
      `Basic ${token}`,
      `Bearer${token}`,
      ` Bearer ${token}`,
      `Bearer ${token} `,
      `Bearer ${token},${token}`,
      `Bearer\t${token}`,
      `Bearer ${ADMIN_KEY}`,
      `Bearer ${'a'.repeat(100_000)}`,
      'Bearer a.b.c',
    ];
    for (const header of bad) {
      await expect(stand.identity.bearer(header)).rejects.toMatchObject(refused('invalid'));
    }
  });

  it('refuses tokens of another issuer, audience, algorithm or key', async () => {
    const { clientId } = await newApplication();
    const [key] = (await stand.identity.jwks()).keys;
    const sign = (alg: string, secret: Uint8Array) =>
      new SignJWT({ org: organization, kind: 'application', scope: 'units.read' })
        .setProtectedHeader({ alg, kid: key?.kid ?? '' })
        .setIssuer(ISSUER)
        .setSubject(clientId)
        .setAudience('portolan')
        .setIssuedAt(stand.clock.ms / 1000)
        .setExpirationTime(stand.clock.ms / 1000 + 60)
        .sign(secret);
    // The published modulus as a shared secret: the classic confusion of algorithms.
    const confused = await sign('HS256', Buffer.from(String(key?.n)));
    const [, payload = ''] = confused.split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: key?.kid })).toString('base64url');
    const foreign = await createIdentityStand();
    const { id } = await foreign.provisioning.createOrganization({ name: 'elsewhere' });
    const application = await foreign.provisioning.createApplication(id, {
      name: 'foreign',
      scopes: [],
    });
    const { accessToken } = await foreign.identity.clientCredentials(application);
    await foreign.close();
    for (const token of [confused, `${none}.${payload}.`, accessToken]) {
      const answer = stand.identity.bearer(`Bearer ${token}`);
      await expect(answer).rejects.toMatchObject(refused('invalid'));
    }
  });

  it('throws nothing but its problem, for any header', async () => {
    const token = await tokenOf(await newApplication());
    const damaged = fc
      .tuple(fc.nat(token.length), fc.string({ maxLength: 3 }))
      .map(([at, text]) => `Bearer ${token.slice(0, at)}${text}${token.slice(at + 1)}`);
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    );
    const lookalike = fc
      .array(part, { minLength: 2, maxLength: 4 })
      .map((parts) => `bearer ${parts.join('.')}`);
    const header = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), lookalike, damaged);
    await fc.assert(
      fc.asyncProperty(header, async (text) => {
        const problem = await stand.identity.bearer(text).then(
          () => (text === `Bearer ${token}` ? undefined : 'accepted'),
          (error: unknown) => error,
        );
        if (problem === undefined) return;
        expect(problem).toBeInstanceOf(Problem);
        expect(problem).toMatchObject({ code: 'unauthenticated' });
        stand.identity.operator(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('API keys', () => {
  it('carry their offer', async () => {
    const offer = await stand.provisioning.createOffer({
      name: 'small',
      dialects: ['north'],
      requestsPerMinute: 60,
    });
    const plain = await stand.provisioning.createApiKey(organization, { name: 'plain' });
    const small = await stand.provisioning.createApiKey(organization, {
      name: 'small',
      offer: offer.id,
    });
    const principal = { kind: 'key', organization, scopes: new Set() };
    expect(await stand.identity.apiKey(plain.apiKey)).toEqual({ ...principal, id: plain.id });
    expect(await stand.identity.apiKey(small.apiKey)).toEqual({
      ...{ ...principal, id: small.id },
      ...{ dialects: new Set(['north']), requestsPerMinute: 60 },
    });
  });

  it('are remembered for ten seconds', async () => {
    const { id, apiKey } = await stand.provisioning.createApiKey(organization, { name: 'short' });
    const before = stand.statementCount();
    await Promise.all([stand.identity.apiKey(apiKey), stand.identity.apiKey(apiKey)]);
    stand.clock.ms += 9999;
    await stand.identity.apiKey(apiKey);
    expect(stand.statementCount() - before).toBe(1);
    await stand.test.database.query('delete from api_keys where id = $1', [id]);
    stand.clock.ms += 1;
    await expect(stand.identity.apiKey(apiKey)).rejects.toMatchObject(refused('invalid', 'key'));
  });

  it('are refused when missing, made up or broken', async () => {
    await expect(stand.identity.apiKey(undefined)).rejects.toMatchObject(refused('missing', 'key'));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (key) => {
        await expect(stand.identity.apiKey(key)).rejects.toMatchObject(refused('invalid', 'key'));
      }),
    );
    const unknown = `pk_${'A'.repeat(43)}`;
    await expect(stand.identity.apiKey(unknown)).rejects.toMatchObject(refused('invalid', 'key'));
  });
});

describe('operator', () => {
  it('is known by the admin key alone', () => {
    expect(stand.identity.operator(`Bearer ${ADMIN_KEY}`)).toEqual({
      kind: 'operator',
      id: 'operator',
      scopes: new Set(),
    });
    expect(stand.identity.operator(`bearer ${ADMIN_KEY}`)?.kind).toBe('operator');
    for (const header of [undefined, '', ADMIN_KEY, `Basic ${ADMIN_KEY}`, `Bearer ${ADMIN_KEY}x`]) {
      expect(stand.identity.operator(header)).toBeUndefined();
    }
  });
});
