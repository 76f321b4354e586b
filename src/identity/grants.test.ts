// Tokens given for a client's secret or a user's password; verified by jose as a stranger would.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdentityStand, type IdentityStand, ISSUER } from '../../test/support/identity.ts';

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

function newUser(username: string, services?: string[]) {
  const given = { username, password: 'correct horse' };
  return stand.provisioning.createUser(
    organization,
    services === undefined ? given : { ...given, services },
  );
}

function refused(reason: string, proof = 'token') {
  return { name: 'Problem', code: 'unauthenticated', details: { reason, proof } };
}

describe('client credentials', () => {
  it('give a token that anyone can verify by the published keys', async () => {
    const application = await newApplication();
    const { accessToken, expiresInSec, scope } =
      await stand.identity.clientCredentials(application);
    expect([expiresInSec, scope]).toEqual([3600, 'units.read events.write']);
    const { keys } = await stand.identity.jwks();
    const { payload, protectedHeader } = await jwtVerify(
      accessToken,
      createLocalJWKSet({ keys: [...keys] }),
      { issuer: ISSUER, audience: 'portolan', currentDate: new Date(stand.clock.ms) },
    );
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: keys[0]?.kid });
    const iat = stand.clock.ms / 1000;
    expect(payload).toEqual({
      ...{ iss: ISSUER, sub: application.clientId, aud: 'portolan', iat, exp: iat + 3600 },
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...{ client_id: application.clientId, org: organization, kind: 'application' },
      scope: 'units.read events.write',
    });
  });

  it('publish no private part of a key', async () => {
    const { keys } = await stand.identity.jwks();
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    }
  });

  it('are told alike whether the id or the secret is wrong', async () => {
    const { clientId, clientSecret } = await newApplication();
    const wrong = [
      { clientId, clientSecret: `${clientSecret.slice(0, -1)}_` },
      { clientId: clientId.replace(/.$/, '-'), clientSecret },
      { clientId: 'nobody\u0000', clientSecret: '' },
    ];
    for (const given of wrong) {
      await expect(stand.identity.clientCredentials(given)).rejects.toMatchObject({
        code: 'invalid-client',
        message: 'client id or secret is wrong',
      });
    }
  });

  it('grant fewer scopes on request, and never others', async () => {
    const application = await newApplication();
    const ask = (scope: string) => stand.identity.clientCredentials({ ...application, scope });
    expect((await ask('events.write')).scope).toBe('events.write');
    expect((await ask('')).scope).toBe('units.read events.write');
    for (const scope of ['units.write', 'units.read units.write', 'nonsense']) {
      await expect(ask(scope)).rejects.toMatchObject({ code: 'invalid-scope' });
    }
  });
});

describe('login', () => {
  it('gives a token of the life asked for, with the services as scopes', async () => {
    const { id } = await newUser('carrier-1', ['register']);
    const { accessToken, expiresInSec, scope } = await stand.identity.login({
      ...{ username: 'carrier-1', password: 'correct horse', lifetimeSec: 1800 },
    });
    expect([expiresInSec, scope]).toEqual([1800, 'service:register']);
    expect(await stand.identity.bearer(`Bearer ${accessToken}`)).toEqual({
      ...{ kind: 'user', id, organization, scopes: new Set(['service:register']) },
    });
    stand.clock.ms += 1_805_000;
    const answer = stand.identity.bearer(`Bearer ${accessToken}`);
    await expect(answer).rejects.toMatchObject(refused('expired'));
  });

  it('tells alike whether the name or the password is wrong', async () => {
    await newUser('carrier-2');
    const wrong = [
      ['carrier-2', 'wrong horse'],
      ['carrier-3', 'correct horse'],
      ['carrier-2\u0000', 'correct horse'],
      ['\ud800', ''],
      ['carrier-2', 'x'.repeat(100_000)],
    ] as const;
    for (const [username, password] of wrong) {
      const answer = stand.identity.login({ username, password, lifetimeSec: 60 });
      await expect(answer).rejects.toMatchObject({
        ...refused('invalid', 'user'),
        message: 'username or password is wrong',
      });
    }
  });

  it('bounds the life of a token', async () => {
    await newUser('carrier-4');
    for (const lifetimeSec of [0, -1, 1.5, 86_401, Number.NaN]) {
      const given = { username: 'carrier-4', password: 'correct horse', lifetimeSec };
      await expect(stand.identity.login(given)).rejects.toMatchObject({ code: 'invalid-input' });
    }
  });
});

it('describes itself for discovery', () => {
  expect(stand.identity.openIdConfiguration()).toMatchObject({
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/.well-known/jwks.json`,
    token_endpoint: `${ISSUER}/oauth2/token`,
  });
});
