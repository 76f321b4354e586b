// Subscriptions: created once, found again, changed, rotated, ended.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  refusal,
  type StoreBench,
  unknownId,
} from '../../../test/support/store.ts';
import { createGuard } from '../../delivery/guard/index.ts';
import { createSecrets, type Secrets } from '../../delivery/secrets.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { NewSubscription } from '../../dialects/hub-port.ts';
import { Problem } from '../../events/problem.ts';
import { createSealer } from '../../lib/seal.ts';
import { createSubscriptions } from './index.ts';

let bench: StoreBench;
let subscriptions: ReturnType<typeof createSubscriptions>;
let secrets: Secrets;
let owner: string;
let us: Principal;
let changes: string[] = [];

beforeAll(async () => {
  bench = await createStoreBench();
  secrets = createSecrets({ sealer: createSealer(randomBytes(32)) });
  const { checkUrl } = createGuard({ allow: [] });
  const onChange = (id: string) => void changes.push(id);
  subscriptions = createSubscriptions({ ...bench, secrets, checkUrl, onChange });
  owner = await bench.organization();
  us = memberOf(owner);
});
beforeEach(() => {
  changes = [];
});
afterAll(() => bench.drop());

let serial = 0;
const newUrl = () => `https://hook-${++serial}.example.com/in?a=b`;
const create = (given: Partial<NewSubscription> = {}, principal = us) =>
  subscriptions.create(principal, { dialect: 'hub', url: newUrl(), filter: {}, ...given });

interface Row {
  readonly state: string;
  readonly endpoint_id: string;
  readonly match_key: string;
  readonly required_tags: string[];
  readonly any_type: string[] | null;
  readonly secret_sealed: string;
  readonly previous_secret_sealed: string | null;
  readonly previous_secret_until: Date | null;
}

async function rowOf(id: string): Promise<Row> {
  const [row] = await bench.database.query<Row>(
    `select state, endpoint_id, match_key, required_tags, any_type, secret_sealed,
       previous_secret_sealed, previous_secret_until
     from subscriptions where id = $1`,
    [id],
  );
  if (row === undefined) throw new Error('no such subscription');
  return row;
}

describe('create', () => {
  it('gives a working secret once and keeps it sealed', async () => {
    const url = newUrl();
    const made = await create({ url, settings: { externalReference: 'E-1' } });
    const { id } = made.subscription;
    expect(made.created).toBe(true);
    expect(made.subscription).toEqual({
      id,
      organization: owner,
      dialect: 'hub',
      url,
      state: 'active',
      filter: {},
      settings: { externalReference: 'E-1' },
      createdAtMs: bench.clock.nowMs,
      updatedAtMs: bench.clock.nowMs,
      lastSequence: 0,
    });
    expect(() => new Webhook(made.secret ?? '')).not.toThrow();
    const { secret_sealed: sealed } = await rowOf(id);
    expect(sealed).not.toContain(made.secret?.slice(6));
    expect(secrets.open([sealed], id)).toEqual([made.secret]);
    expect(await subscriptions.get(us, id)).toEqual(made.subscription);
    expect(changes).toEqual([id]);
  });

  it('stores how it is matched', async () => {
    const filter = { reference: 'csqu 305438-3', way: 'in', types: ['gated-in', 'lost'] } as const;
    const { subscription } = await create({ filter });
    expect(subscription.filter).toEqual(filter);
    expect(await rowOf(subscription.id)).toMatchObject({
      match_key: 'reference:CSQU3054383',
      required_tags: ['reference:CSQU3054383', 'way:in'],
      any_type: ['gated-in', 'lost'],
    });
  });

  it('numbers partner-style ids, and never cuts one', async () => {
    const externalId = { prefix: 'TRK', digits: 10 };
    const first = (await create({ externalId })).subscription.externalId ?? '';
    expect(first).toMatch(/^TRK\d{10}$/);
    const second = (await create({ externalId })).subscription.externalId ?? '';
    expect(Number(second.slice(3))).toBe(Number(first.slice(3)) + 1);
    await bench.database.query(`select setval('subscription_numbers', 123)`);
    const long = await create({ externalId: { prefix: 'T', digits: 2 } });
    expect(long.subscription.externalId).toBe('T124');
    expect((await create()).subscription).not.toHaveProperty('externalId');
  });

  it('shares an endpoint between equal addresses of one organization only', async () => {
    const endpointOf = async (url: string, principal = us) =>
      (await rowOf((await create({ url }, principal)).subscription.id)).endpoint_id;
    const first = await endpointOf('https://shared.example.com');
    expect(await endpointOf('HTTPS://SHARED.example.com:443/')).toBe(first);
    expect(await endpointOf('https://shared.example.com/other')).not.toBe(first);
    const other = memberOf(await bench.organization());
    expect(await endpointOf('https://shared.example.com', other)).not.toBe(first);
    const rows = await bench.database.query(
      'select from endpoints e left join endpoint_positions p on p.endpoint_id = e.id where p is null',
    );
    expect(rows).toEqual([]);
  });

  it.each([
    'http://127.0.0.1/',
    'https://user:pw@example.com/',
    'ftp://example.com',
    'nothing',
    'https://example.com/\u0000',
    // Short enough for the guard, far too long for an index once it is percent-encoded.
    `https://example.com/${'\u8239'.repeat(1500)}`,
  ])('refuses the address %s', async (url) => {
    expect(await refusal(create({ url }))).toEqual({ code: 'invalid-input', paths: ['url'] });
  });

  it('demands an organization of the operator and forbids another one to everyone else', async () => {
    const input = { code: 'invalid-input', paths: ['organization'] };
    expect(await refusal(create({}, operator))).toEqual(input);
    expect(await refusal(create({ organization: unknownId() }, operator))).toEqual(input);
    const forbidden = { code: 'forbidden', paths: ['organization'] };
    expect(await refusal(create({ organization: await bench.organization() }))).toEqual(forbidden);
    expect(await refusal(create({ organization: unknownId() }))).toEqual(forbidden);
    const made = await create({ organization: owner }, operator);
    expect(await subscriptions.get(us, made.subscription.id)).toEqual(made.subscription);
  });

  it('refuses wishes that cannot be stored or indexed', async () => {
    const bad = (filter: NewSubscription['filter']) => refusal(create({ filter }));
    expect((await bad({ document: 'x'.repeat(3000) })).paths).toEqual(['filter.document']);
    expect((await bad({ place: '\u0000' })).paths).toEqual(['filter.place']);
    const text = fc.string({ unit: 'binary', maxLength: 600 });
    await fc.assert(
      fc.asyncProperty(text, text, async (reference, place) => {
        const url = 'https://any.example.com';
        const result = await create({ url, filter: { reference, place } }).catch((e: unknown) => e);
        if (!(result instanceof Problem)) expect(result).toHaveProperty('secret');
      }),
      { numRuns: 60 },
    );
  });
});

describe('get and list', () => {
  it.each(['', 'no id', unknownId()])('knows no %j', async (id) => {
    expect(await subscriptions.get(us, id)).toBeUndefined();
    expect(await subscriptions.update(us, id, { state: 'paused' })).toBeUndefined();
    expect(await subscriptions.remove(us, id)).toBe(false);
    expect(await subscriptions.rotateSecret(us, id)).toBeUndefined();
    expect(changes).toEqual([]);
  });

  it('pages newest first, by dialect and state', async () => {
    const mine = memberOf(await bench.organization());
    const made: string[] = [];
    for (const dialect of ['hub', 'other', 'hub', 'hub', 'other']) {
      made.push((await create({ dialect }, mine)).subscription.id);
    }
    const [a = '', b = '', c = '', d = '', e = ''] = made;
    const list = async (query: Parameters<typeof subscriptions.list>[1]) => {
      const page = await subscriptions.list(mine, query, { limit: 200 });
      return page.items.map(({ id }) => id);
    };
    expect(await list({})).toEqual([e, d, c, b, a]);
    expect(await list({ dialect: 'hub' })).toEqual([d, c, a]);
    expect(await list({ dialect: '\u0000' })).toEqual([]);
    await subscriptions.update(mine, c, { state: 'paused' });
    await subscriptions.remove(mine, d);
    expect(await list({ state: 'paused' })).toEqual([c]);
    expect(await list({})).toEqual([e, c, b, a]);
    const first = await subscriptions.list(mine, {}, { limit: 3 });
    const cursor = first.nextCursor ?? '';
    const rest = await subscriptions.list(mine, {}, { limit: 3, cursor });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([e, c, b, a]);
    expect(rest.nextCursor).toBeNull();
    const foreign = Buffer.from(`units ${a}`).toString('base64url');
    expect(await refusal(subscriptions.list(mine, {}, { limit: 3, cursor: foreign }))).toEqual({
      code: 'invalid-input',
      paths: ['cursor'],
    });
  });
});

describe('update, rotateSecret, remove', () => {
  it('changes the wish and the address', async () => {
    const { id } = (await create({ filter: { spi: 'CNI0000000001' } })).subscription;
    bench.clock.nowMs += 1000;
    const url = newUrl();
    const changed = await subscriptions.update(us, id, { url, filter: { types: ['lost'] } });
    expect(changed).toMatchObject({
      url,
      filter: { types: ['lost'] },
      updatedAtMs: bench.clock.nowMs,
    });
    expect(await rowOf(id)).toMatchObject({
      match_key: '*',
      required_tags: [],
      any_type: ['lost'],
    });
    expect(await refusal(subscriptions.update(us, id, { url: 'http://10.0.0.1' }))).toEqual({
      code: 'invalid-input',
      paths: ['url'],
    });
    expect((await subscriptions.get(us, id))?.url).toBe(url);
    expect(changes).toEqual([id, id]);
  });

  it('does not wake what has expired', async () => {
    const { id } = (await create()).subscription;
    await bench.database.query(`update subscriptions set state = 'expired' where id = $1`, [id]);
    expect((await refusal(subscriptions.update(us, id, { state: 'active' }))).code).toBe(
      'conflict',
    );
  });

  it('forgets why it was disabled when it is made active', async () => {
    const { id } = (await create()).subscription;
    await bench.database.query(
      `update subscriptions set state = 'disabled', state_reason = 'gone' where id = $1`,
      [id],
    );
    expect(await subscriptions.get(us, id)).toMatchObject({
      state: 'disabled',
      stateReason: 'gone',
    });
    const active = await subscriptions.update(us, id, { state: 'active' });
    expect(active?.state).toBe('active');
    expect(active).not.toHaveProperty('stateReason');
  });

  it('keeps the previous secret for a day, and only the previous one', async () => {
    const made = await create();
    const { id } = made.subscription;
    const first = await subscriptions.rotateSecret(us, id.toUpperCase());
    const second = await subscriptions.rotateSecret(us, id);
    expect(new Set([made.secret, first?.secret, second?.secret]).size).toBe(3);
    const until = bench.clock.nowMs + 86_400_000;
    expect(second?.previousSecretUntilMs).toBe(until);
    expect((await subscriptions.get(us, id))?.previousSecretUntilMs).toBe(until);
    const row = await rowOf(id);
    expect(secrets.open([row.secret_sealed, row.previous_secret_sealed ?? ''], id)).toEqual([
      second?.secret,
      first?.secret,
    ]);
    expect(changes).toEqual([id, id, id]);
  });

  it('erases the secrets of what is removed, and removes once', async () => {
    const { id } = (await create()).subscription;
    await subscriptions.rotateSecret(us, id);
    expect(await subscriptions.remove(us, id)).toBe(true);
    expect(await rowOf(id)).toMatchObject({
      state: 'deleted',
      secret_sealed: '',
      previous_secret_sealed: null,
      previous_secret_until: null,
    });
    expect(await subscriptions.remove(us, id)).toBe(false);
    expect(await subscriptions.get(us, id)).toBeUndefined();
    expect(await subscriptions.rotateSecret(us, id)).toBeUndefined();
    expect(await subscriptions.update(us, id, { state: 'active' })).toBeUndefined();
  });
});
