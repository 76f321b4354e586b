// Signing keys: several processes agree, rotate, learn from each other and forget.
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIdentityStand, type IdentityStand, ISSUER } from '../../test/support/identity.ts';
import { createSealer } from '../lib/seal.ts';
import { createIdentity, type Identity } from './index.ts';

const DAY_MS = 86_400_000;

let stand: IdentityStand;
let application: { clientId: string; clientSecret: string };
beforeAll(async () => {
  stand = await createIdentityStand();
  const { id } = await stand.provisioning.createOrganization({ name: 'Port' });
  application = await stand.provisioning.createApplication(id, { name: 'app', scopes: [] });
});
afterAll(() => stand.close());

async function tokenFrom(identity: Identity) {
  const { accessToken: token } = await identity.clientCredentials(application);
  return { header: `Bearer ${token}`, kid: decodeProtectedHeader(token).kid };
}

async function kids(identity: Identity) {
  return (await identity.jwks()).keys.map((key) => key.kid);
}

it('processes that start at once agree on the first key', async () => {
  await stand.test.database.query('delete from signing_keys');
  const identities = await Promise.all(Array.from({ length: 5 }, () => stand.another()));
  const published = await Promise.all(identities.map(kids));
  expect(published[0]).toHaveLength(1);
  expect(new Set(published.flat()).size).toBe(1);
});

it('another process accepts a new key as soon as it meets it', async () => {
  const [one, two] = [await stand.another(), await stand.another()];
  const old = await tokenFrom(one);
  const { kid } = await one.rotateSigningKey();
  const fresh = await tokenFrom(one);
  expect(fresh.kid).toBe(kid);
  expect(fresh.kid).not.toBe(old.kid);
  await two.bearer(fresh.header);
  await two.bearer(old.header);
  await one.bearer(old.header);
});

it('a made-up kid costs one query in a second, not one each', async () => {
  const identity = await stand.another();
  const madeUp = (kid: string) => {
    const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid })).toString('base64url');
    return `Bearer ${head}.e30.AAAA`;
  };
  const before = stand.statementCount();
  for (const kid of ['a', 'b', 'c']) {
    const answer = identity.bearer(madeUp(kid));
    await expect(answer).rejects.toMatchObject({ details: { reason: 'invalid' } });
  }
  expect(stand.statementCount() - before).toBe(1);
});

it('a process signs with a key that another one rotated after a minute at most', async () => {
  const [one, two] = [await stand.another(), await stand.another()];
  const { kid } = await one.rotateSigningKey();
  stand.clock.ms += 60_000;
  expect((await tokenFrom(two)).kid).toBe(kid);
});

it('the key changes by itself after thirty days, once for all processes', async () => {
  const identities = [await stand.another(), await stand.another()];
  const { kid } = await stand.identity.rotateSigningKey();
  stand.clock.ms += 30 * DAY_MS - 1;
  expect((await tokenFrom(stand.identity)).kid).toBe(kid);
  stand.clock.ms += 60_000;
  const tokens = await Promise.all([...identities, ...identities].map(tokenFrom));
  expect(new Set(tokens.map((token) => token.kid)).size).toBe(1);
  expect(tokens[0]?.kid).not.toBe(kid);
});

it('a retired key is published for one token life and five minutes, then forgotten', async () => {
  const retired = (await kids(stand.identity))[0];
  await stand.identity.rotateSigningKey();
  stand.clock.ms += DAY_MS + 299_000;
  expect(await kids(stand.identity)).toContain(retired);
  stand.clock.ms += 61_000;
  expect(await kids(stand.identity)).not.toContain(retired);
  await stand.identity.rotateSigningKey();
  const rows = await stand.test.database.query<{ kid: string }>('select kid from signing_keys');
  expect(rows.map((row) => row.kid)).not.toContain(retired);
});

it('a failed transaction leaves no key behind that signs', async () => {
  const { kid: before } = await tokenFrom(stand.identity);
  const work = stand.test.database.transaction(async () => {
    await stand.identity.rotateSigningKey();
    throw new Error('undone');
  });
  await expect(work).rejects.toThrow('undone');
  expect((await tokenFrom(stand.identity)).kid).toBe(before);
});

it('private keys rest sealed, and another master key cannot use them', async () => {
  const rows = await stand.test.database.query<{ private_sealed: string }>(
    'select private_sealed from signing_keys',
  );
  for (const row of rows) expect(row.private_sealed).toMatch(/^sealed1\.[\w-]+$/);
  const start = createIdentity({
    database: stand.test.database,
    sealer: createSealer(Buffer.alloc(32, 8)),
    nowMs: () => stand.clock.ms,
    issuer: () => ISSUER,
    adminKey: 'x',
    logger: { info: () => undefined },
  });
  await expect(start).rejects.toThrow(/master key/);
});
