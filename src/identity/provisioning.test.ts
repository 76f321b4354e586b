// Provisioning: what is made, what is refused and how, and that secrets are stored as hashes only.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdentityStand, type IdentityStand } from '../../test/support/identity.ts';
import { createProvisioning } from './provisioning.ts';

const NOBODY = '01890000-0000-7000-8000-000000000000';

let stand: IdentityStand;
let organization: string;
beforeAll(async () => {
  stand = await createIdentityStand();
  organization = (await stand.provisioning.createOrganization({ name: 'Terminal' })).id;
});
afterAll(() => stand.close());

function broken(path: string) {
  return { code: 'invalid-input', details: { issues: [{ path }] } };
}

async function textOfAllRows(): Promise<string> {
  const rows = await stand.test.database.query(
    `select encode(secret_sha256, 'hex') as text from applications
     union all select encode(key_sha256, 'hex') from api_keys
     union all select password_hash from users`,
  );
  return JSON.stringify(rows);
}

describe('secrets', () => {
  it('have their documented forms and are not stored', async () => {
    const { provisioning } = stand;
    const application = { name: 'app', scopes: ['units.read', 'units.read'] };
    const made = await provisioning.createApplication(organization, application);
    expect(made.clientId).toMatch(/^app_[\w-]{22}$/);
    expect(made.clientSecret).toMatch(/^secret_[\w-]{43}$/);
    expect(made.scopes).toEqual(['units.read']);
    const { apiKey, offer } = await provisioning.createApiKey(organization, { name: 'key' });
    expect(apiKey).toMatch(/^pk_[\w-]{43}$/);
    expect(offer).toBe('standard');
    const user = { username: 'someone', password: 'correct horse' };
    const { services } = await provisioning.createUser(organization, user);
    expect(services).toEqual(['register', 'log']);
    const stored = await textOfAllRows();
    for (const secret of [made.clientSecret, apiKey, user.password]) {
      expect(stored).not.toContain(secret);
    }
  });
});

describe('refusals', () => {
  it.each([
    ['', 'empty'],
    ['   ', 'blank'],
    ['x'.repeat(201), 'too long'],
    ['two\nlines', 'line end'],
    ['nul\u0000', 'NUL'],
    ['c1\u0085', 'C1 control'],
    ['half \ud83d', 'lone surrogate'],
  ])('of the name %j: %s', async (name) => {
    const { provisioning } = stand;
    const calls = [
      provisioning.createOrganization({ name }),
      provisioning.createApplication(organization, { name, scopes: [] }),
      provisioning.createApiKey(organization, { name }),
      provisioning.createOffer({ name }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(broken('name'));
    const user = provisioning.createUser(organization, { username: name, password: 'long enough' });
    await expect(user).rejects.toMatchObject(broken('username'));
  });

  it('of unknown words, each by its place', async () => {
    const scopes = ['units.read', 'units.fly', 'x'.repeat(300)];
    const call = stand.provisioning.createApplication(organization, { name: 'app', scopes });
    await expect(call).rejects.toMatchObject({
      code: 'invalid-input',
      details: {
        issues: [
          { path: 'scopes.1', rule: 'enum', value: 'units.fly' },
          { path: 'scopes.2', rule: 'enum', value: 'x'.repeat(100) },
        ],
      },
    });
    const user = { username: 'w', password: 'long enough', services: ['sing'] };
    await expect(stand.provisioning.createUser(organization, user)).rejects.toMatchObject(
      broken('services.0'),
    );
    await expect(
      stand.provisioning.createOffer({ name: 'o', dialects: ['north', 'west'] }),
    ).rejects.toMatchObject(broken('dialects.1'));
  });

  it('of passwords too short, too long or broken, and of names with outer spaces', async () => {
    const { provisioning } = stand;
    for (const password of ['short', 'x'.repeat(257), 'nul is here\u0000']) {
      const call = provisioning.createUser(organization, { username: 'p', password });
      await expect(call).rejects.toMatchObject(broken('password'));
    }
    const spaced = { username: ' p', password: 'long enough' };
    const call = provisioning.createUser(organization, spaced);
    await expect(call).rejects.toMatchObject(broken('username'));
  });

  it('of offers that open nothing or allow no requests', async () => {
    const { provisioning } = stand;
    const none = provisioning.createOffer({ name: 'none', dialects: [] });
    await expect(none).rejects.toMatchObject(broken('dialects'));
    for (const requestsPerMinute of [0, -1, 0.5, 2 ** 31, Number.NaN]) {
      const call = provisioning.createOffer({ name: 'rate', requestsPerMinute });
      await expect(call).rejects.toMatchObject(broken('requestsPerMinute'));
    }
    const call = provisioning.createApiKey(organization, { name: 'k', offer: 'no such' });
    await expect(call).rejects.toMatchObject(broken('offer'));
  });

  it.each([NOBODY, 'nothing like an id'])('of the organization %s', async (nobody) => {
    const { provisioning } = stand;
    const calls = [
      provisioning.createApplication(nobody, { name: 'app', scopes: [] }),
      provisioning.createApiKey(nobody, { name: 'key' }),
      provisioning.createUser(nobody, { username: `u-${nobody}`, password: 'long enough' }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'not-found' });
  });

  it('of taken names, without harm to a surrounding transaction', async () => {
    const { provisioning } = stand;
    const user = { username: 'twice', password: 'long enough' };
    await provisioning.createUser(organization, user);
    await provisioning.createOffer({ name: 'twice' });
    await stand.test.database.transaction(async () => {
      const again = provisioning.createUser(organization, user);
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
      const offer = provisioning.createOffer({ name: 'twice' });
      await expect(offer).rejects.toMatchObject({ code: 'conflict' });
      await provisioning.createOrganization({ name: 'still possible' });
    });
  });
});

describe('lists', () => {
  it('pages organizations in the order in which they were made', async () => {
    const { provisioning } = stand;
    const made: string[] = [];
    for (const name of ['A', 'B', 'C', 'D']) {
      made.push((await provisioning.createOrganization({ name })).id);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await provisioning.listOrganizations({
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.slice(-4)).toEqual(made);
    expect(new Set(seen).size).toBe(seen.length);
    const bad = provisioning.listOrganizations({ limit: 3, cursor: NOBODY });
    await expect(bad).rejects.toMatchObject(broken('cursor'));
  });

  it('has the standard offer from the first start, once', async () => {
    const { provisioning, identity, test } = stand;
    const known = {
      scopes: new Set<string>(),
      services: new Set<string>(),
      dialects: new Set<string>(),
    };
    const parts = { database: test.database, nowMs: () => 0, newId: () => NOBODY, identity, known };
    await createProvisioning(parts);
    const offers = await provisioning.listOffers();
    expect(offers.filter((offer) => offer.name === 'standard')).toEqual([
      { id: expect.any(String), name: 'standard' },
    ]);
    const small = await provisioning.createOffer({
      ...{ name: 'small', dialects: ['north'], requestsPerMinute: 5 },
    });
    expect(await provisioning.listOffers()).toContainEqual(small);
  });
});
