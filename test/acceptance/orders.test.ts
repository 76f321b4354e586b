/** Shipping orders over real HTTP: the published sample byte for byte, who may read, one number once. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  adminKey,
  bodyOf,
  type Call,
  type Client,
  request,
  tokenOf,
} from '../support/client.ts';
import { useStand } from '../support/stand.ts';

const stand = useStand();
const hal = 'application/hal+json';
const readScope = 'orders.orders.basic.read';
const createScope = 'orders.shipping-orders.basic.create';
const published = '../../src/dialects/orders/published/shipping-order.txt';
const seedText = readFileSync(new URL(published, import.meta.url), 'utf8');
const seed = JSON.parse(seedText) as Record<string, unknown>;

interface Order extends Record<string, unknown> {
  readonly id: string;
  readonly number: string;
  readonly _links: Readonly<Record<string, { readonly href: string }>>;
}

let shipper: Client;
let carrier: Client;
let payer: Client;
let stranger: Client;

const ask = (path: string, call: Call) =>
  request<Order>(`${stand.url}/api/rest/v1${path}`, {
    ...call,
    headers: { accept: hal, ...call.headers },
  });
const add = ({ token }: Client, body: unknown) => ask('/shipping-orders', { token, body });
const read = ({ token }: Client, id: string) => ask(`/orders/${id}`, { token });

let numbers = 0;
function orderOf(more: object = {}): Record<string, unknown> {
  numbers += 1;
  return { ...seed, number: `EN/20112026/${numbers}`, ...more };
}

beforeAll(async () => {
  [shipper, carrier, payer, stranger] = await Promise.all([
    stand.joinAsClient('Shipping imperium'),
    stand.joinAsClient('Carrying company'),
    stand.joinAsClient('Payer'),
    stand.joinAsClient('A stranger'),
  ]);
});

describe('the published sample', () => {
  it('sent byte for byte is created, with every field that it had', async () => {
    const made = await add(shipper, seedText);
    const order = bodyOf(made, 201);
    expect(made.headers.get('content-type')).toBe(hal);
    expect(order).toMatchObject(seed);
    expect(order['shipper']).toMatchObject({ name: 'Shipping imperium' });
    expect(order).toMatchObject({ carrier: null, payment: null, vehicle: null });
    expect(made.text).toContain('"longitude":90.000000');
    const self = `${stand.url}/api/rest/v1/orders/${order.id}`;
    expect(order._links['self']?.href).toBe(self);
    expect(made.headers.get('location')).toBe(self);
    const again = await request(self, { token: shipper.token, headers: { accept: hal } });
    expect({ status: again.status, text: again.text }).toEqual({ status: 200, text: made.text });
  });
});

describe('an order', () => {
  it('is read by shipper, carrier and payer, and by nobody else', async () => {
    const order = bodyOf(
      await add(
        shipper,
        orderOf({
          carrier: { name: 'Carrying company', organization_id: carrier.id },
          payer: { name: 'Payer', organization_id: payer.id.toUpperCase() },
        }),
      ),
      201,
    );
    for (const party of [shipper, carrier, payer]) {
      expect(bodyOf(await read(party, order.id))).toEqual(order);
    }
    const unknown = order.id.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    const essence = ({ status, headers, text }: Answer<unknown>) => ({
      ...{ status, text, type: headers.get('content-type') },
    });
    expect(essence(await read(stranger, order.id))).toEqual(essence(await read(stranger, unknown)));
    expect((await read(stranger, order.id)).status).toBe(404);
    // The operator's key is no token of a party.
    expect((await ask(`/orders/${order.id}`, { token: adminKey })).status).toBe(401);
  });

  it('keeps the digits of its numbers', async () => {
    const text = JSON.stringify(
      orderOf({ payment: { price: { value: 12.5, currency: 'PLN' }, interval_of_days: 'P10D' } }),
    ).replace('12.5,', '12.50,');
    const made = await add(shipper, text);
    expect(made.status).toBe(201);
    expect(made.text).toContain('"price":{"value":12.50,"currency":"PLN"}');
    expect((await read(shipper, made.body.id)).text).toBe(made.text);
  });

  it('does not name an organization that is not there', async () => {
    const nobody = { name: 'Nobody', organization_id: randomUUID() };
    const refused = await add(shipper, orderOf({ carrier: nobody, payer: nobody }));
    expect(refused.status).toBe(422);
    const unknown = { noRecordFound: 'is no organization of this hub' };
    expect(refused.body).toMatchObject({
      detail: 'carrier.organization_id is no organization of this hub and 1 more',
      validation_messages: {
        'carrier.organization_id': unknown,
        'payer.organization_id': unknown,
      },
    });
  });
});

describe('its number', () => {
  it('is given once in a company, also when many ask at once', async () => {
    for (let round = 0; round < 5; round++) {
      const body = orderOf({ round });
      const asked = Array.from({ length: 24 }, () => add(shipper, body));
      const answers = await Promise.all(asked);
      const made = answers.filter(({ status }) => status === 201);
      expect(made).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(23);
      const { body: order, text } = made[0] as Answer<Order>;
      expect((await read(shipper, order.id)).text).toBe(text);
      expect((await add(carrier, body)).status).toBe(201);
    }
  });

  it('that is taken is a plain problem', async () => {
    const body = orderOf();
    await add(shipper, body);
    const refused = await add(shipper, body);
    expect(refused.status).toBe(409);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'there is an order of this number in your company already',
    });
  });
});

describe('scopes', () => {
  async function tokenWith(...scopes: string[]): Promise<string> {
    const path = `/organizations/${shipper.id}/applications`;
    const answer = await stand.operator.send<Pick<Client, 'clientId' | 'clientSecret'>>(
      'POST',
      path,
      { name: 'narrow', scopes },
    );
    return tokenOf(stand.url, bodyOf(answer, 201));
  }

  it('open one call each; the missing one is named', async () => {
    const reader = await tokenWith(readScope);
    const maker = await tokenWith(createScope);
    const { id } = bodyOf(await ask('/shipping-orders', { token: maker, body: orderOf() }), 201);
    expect((await ask(`/orders/${id}`, { token: reader })).status).toBe(200);
    const refused = [
      [await ask('/shipping-orders', { token: reader, body: orderOf() }), createScope],
      [await ask(`/orders/${id}`, { token: maker }), readScope],
    ] as const;
    for (const [answer, scope] of refused) {
      expect(answer.status).toBe(403);
      expect(answer.body['detail']).toContain(scope);
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
    }
  });

  it('of a user are those of the application', async () => {
    const { clientId, clientSecret, username, password } = await stand.join('Dispatchers');
    const login = await request<{ access_token: string }>(`${stand.url}/oauth2/token`, {
      form: {
        ...{ grant_type: 'password', username, password, scope: createScope },
        ...{ client_id: clientId, client_secret: clientSecret },
      },
    });
    const token = bodyOf(login).access_token;
    const { id } = bodyOf(await ask('/shipping-orders', { token, body: orderOf() }), 201);
    expect((await ask(`/orders/${id}`, { token })).status).toBe(403);
  });

  it('are none without a token', async () => {
    const answers = [
      await ask('/shipping-orders', { body: orderOf() }),
      await ask('/shipping-orders', { token: 'a.b.c', body: orderOf() }),
      await ask(`/orders/${randomUUID()}`, {}),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(headers.get('content-type')).toBe('application/problem+json');
    }
  });
});

describe('the document', () => {
  it('describes both calls in full', async () => {
    const { body } = await request<{ paths: Record<string, Record<string, object>> }>(
      `${stand.url}/openapi/orders.json`,
    );
    const { '/api/rest/v1/shipping-orders': add, '/api/rest/v1/orders/{id}': one } = body.paths;
    expect(Object.keys(body.paths)).toHaveLength(2);
    expect(add?.['post']).toMatchObject({
      requestBody: {
        content: { 'application/json': { schema: { required: ['number', 'route'] } } },
      },
      responses: { 201: { content: { [hal]: {} } }, 409: {}, 422: {} },
      security: [{ token: [createScope] }],
    });
    expect(one?.['get']).toMatchObject({
      responses: { 200: { content: { [hal]: {} } }, 404: {} },
      security: [{ token: [readScope] }],
    });
  });
});
