// The password grant and its refresh tokens on a real database, with a clock to set.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdentityStand, type IdentityStand } from '../../test/support/identity.ts';
import { purgeRefreshTokens } from './refresh.ts';

const dayMs = 86_400_000;
const password = 'correct horse';
let stand: IdentityStand;
let organization: string;
let application: { readonly clientId: string; readonly clientSecret: string };
let names = 0;
beforeAll(async () => {
  stand = await createIdentityStand();
  organization = (await stand.provisioning.createOrganization({ name: 'Shipper' })).id;
  application = await newApplication();
});
afterAll(() => stand.close());

const newApplication = (scopes = ['units.read', 'events.write'], of = organization) =>
  stand.provisioning.createApplication(of, { name: 'planner', scopes });

async function newUser(of = organization): Promise<{ id: string; username: string }> {
  names += 1;
  return stand.provisioning.createUser(of, { username: `planner-${names}`, password });
}

async function logIn(scope?: string) {
  const { id, username } = await newUser();
  const given = { ...application, username, password, scope };
  return { id, username, ...(await stand.identity.userGrants.password(given)) };
}

const refresh = (refreshToken: string, scope?: string, client = application) =>
  stand.identity.userGrants.refresh({ ...client, refreshToken, scope });
const bearer = (token: string) => stand.identity.bearer(`Bearer ${token}`);
const refused = { name: 'Problem', code: 'unauthenticated' };

async function rowCount(userId: string): Promise<number> {
  const text = 'select 1 from refresh_tokens where user_id = $1';
  return (await stand.test.database.query(text, [userId])).length;
}

describe('the password grant', () => {
  it('gives the user the scopes of the application for an hour', async () => {
    const { id, accessToken, expiresInSec, scope } = await logIn();
    expect([expiresInSec, scope]).toEqual([3600, 'units.read events.write']);
    const scopes = new Set(['units.read', 'events.write']);
    expect(await bearer(accessToken)).toEqual({ kind: 'user', id, organization, scopes });
    expect((await logIn('events.write')).scope).toBe('events.write');
  });

  it('gives no scope that the application lacks, and no service of the user', async () => {
    await expect(logIn('units.write')).rejects.toMatchObject({ code: 'invalid-scope' });
    await expect(logIn('service:register')).rejects.toMatchObject({ code: 'invalid-scope' });
  });

  it('tells alike what is wrong with a user, also one of another organization', async () => {
    const { username } = await newUser();
    const other = await stand.provisioning.createOrganization({ name: 'Other' });
    const stranger = await newUser(other.id);
    const wrong = [
      { username, password: 'wrong horse' },
      { username: 'nobody', password },
      { username: 'nobody\u0000', password },
      { username: stranger.username, password },
    ];
    for (const given of wrong) {
      const answer = stand.identity.userGrants.password({ ...application, ...given });
      const message = 'username or password is wrong';
      await expect(answer).rejects.toMatchObject({ ...refused, message });
    }
  });

  it('looks at the client first', async () => {
    const { username } = await newUser();
    const wrong = { ...application, clientSecret: 'secret_wrong' };
    const answer = stand.identity.userGrants.password({ ...wrong, username, password });
    await expect(answer).rejects.toMatchObject({ code: 'invalid-client' });
  });

  it('takes back from a token what the application has lost', async () => {
    const client = await newApplication();
    const { username } = await newUser();
    const given = { ...client, username, password };
    const { accessToken, refreshToken } = await stand.identity.userGrants.password(given);
    await stand.test.database.query(
      `update applications set scopes = '{units.read}' where client_id = $1`,
      [client.clientId],
    );
    expect((await bearer(accessToken)).scopes).toEqual(new Set(['units.read']));
    expect((await refresh(refreshToken, undefined, client)).scope).toBe('units.read');
  });

  it('keeps the newest hundred logins of a user', async () => {
    const { id, username, refreshToken } = await logIn();
    await stand.test.database.query(
      `insert into refresh_tokens (family, token_sha256, client_id, user_id, scopes, created_at,
         expires_at)
       select decode(md5(user_id::text || n), 'hex'), '', client_id, user_id, scopes,
         created_at + n * interval '1 ms', expires_at
       from refresh_tokens, generate_series(1, 99) n where user_id = $1`,
      [id],
    );
    stand.clock.ms += 1000;
    await stand.identity.userGrants.password({ ...application, username, password });
    expect(await rowCount(id)).toBe(100);
    await expect(refresh(refreshToken)).rejects.toMatchObject(refused);
  });
});

describe('a refresh token', () => {
  it('gives an access token and the next refresh token', async () => {
    const login = await logIn();
    const next = await refresh(login.refreshToken);
    expect(next.refreshToken).not.toBe(login.refreshToken);
    expect(next).toMatchObject({ expiresInSec: 3600, scope: 'units.read events.write' });
    expect((await bearer(next.accessToken)).id).toBe(login.id);
  });

  it('used again ends the login, whichever of its tokens it was', async () => {
    for (const used of [0, 1]) {
      const { id, refreshToken } = await logIn();
      const tokens = [refreshToken];
      for (let at = 0; at < 2; at += 1) {
        tokens.push((await refresh(tokens[at] ?? '')).refreshToken);
      }
      await expect(refresh(tokens[used] ?? '')).rejects.toMatchObject(refused);
      expect(await rowCount(id)).toBe(0);
      for (const token of tokens) await expect(refresh(token)).rejects.toMatchObject(refused);
    }
  });

  it('used at once by many, also in another process, is good for exactly one', async () => {
    const { id, refreshToken } = await logIn();
    const { userGrants } = await stand.another();
    const given = { ...application, refreshToken };
    const tries = Array.from({ length: 8 }, (_none, at) =>
      (at % 2 === 0 ? stand.identity.userGrants : userGrants).refresh(given),
    );
    const settled = await Promise.allSettled(tries);
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(reasons).toHaveLength(7);
    for (const reason of reasons) expect(reason).toMatchObject(refused);
    expect(await rowCount(id)).toBe(0);
  });

  it('leaves the user’s other logins alone when it is used again', async () => {
    const { username, refreshToken } = await logIn();
    const other = await stand.identity.userGrants.password({ ...application, username, password });
    await refresh(refreshToken);
    await expect(refresh(refreshToken)).rejects.toMatchObject(refused);
    expect((await refresh(other.refreshToken)).expiresInSec).toBe(3600);
  });

  it('narrows the scope of one access token, never of the login', async () => {
    const { refreshToken } = await logIn();
    const narrow = await refresh(refreshToken, 'events.write');
    expect(narrow.scope).toBe('events.write');
    const wide = await refresh(narrow.refreshToken);
    expect(wide.scope).toBe('units.read events.write');
  });

  it('never widens the scope; such a request does not use it up', async () => {
    const { refreshToken } = await logIn('units.read');
    const wider = refresh(refreshToken, 'units.read events.write');
    await expect(wider).rejects.toMatchObject({ code: 'invalid-scope' });
    expect((await refresh(refreshToken)).scope).toBe('units.read');
  });

  it('is the client’s alone', async () => {
    const { refreshToken } = await logIn();
    const other = await newApplication();
    await expect(refresh(refreshToken, undefined, other)).rejects.toMatchObject(refused);
    const wrong = { ...application, clientSecret: other.clientSecret };
    const unproven = refresh(refreshToken, undefined, wrong);
    await expect(unproven).rejects.toMatchObject({ code: 'invalid-client' });
    expect((await refresh(refreshToken)).expiresInSec).toBe(3600);
  });

  it('ends after 60 days, counted from the last refresh, and is then forgotten', async () => {
    const { id, refreshToken } = await logIn();
    stand.clock.ms += 60 * dayMs - 1;
    const next = await refresh(refreshToken);
    stand.clock.ms += 60 * dayMs - 1;
    await purgeRefreshTokens(stand.test.database, stand.clock.ms);
    expect(await rowCount(id)).toBe(1);
    stand.clock.ms += 1;
    await expect(refresh(next.refreshToken)).rejects.toMatchObject(refused);
    stand.clock.ms += 1;
    await purgeRefreshTokens(stand.test.database, stand.clock.ms);
    expect(await rowCount(id)).toBe(0);
  });

  it('is stored as a hash alone, and none is guessed by its form', async () => {
    const { id, refreshToken } = await logIn();
    const [row] = await stand.test.database.query<{ text: string }>(
      'select r::text as text from refresh_tokens r where user_id = $1',
      [id],
    );
    expect(row?.text).not.toContain(refreshToken.slice(-20));
    for (const token of ['', 'refresh_', 'x'.repeat(72), `refresh_${'A'.repeat(64)}`, '\u0000']) {
      await expect(refresh(token)).rejects.toMatchObject(refused);
    }
  });

  it('dies with its user', async () => {
    const { id, refreshToken } = await logIn();
    await stand.test.database.query('delete from users where id = $1', [id]);
    await expect(refresh(refreshToken)).rejects.toMatchObject(refused);
  });
});
