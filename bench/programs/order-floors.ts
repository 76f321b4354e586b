/**
 * Child program: what the hub's orders are compared with. `bare` checks an order by the hub's own
 * schema, answers it and stores nothing; `insert` stores each by an INSERT of its own.
 */
import { randomFillSync } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { ShippingOrder } from '../../src/dialects/orders/schemas.ts';
import { compileCheck } from '../../src/lib/check.ts';
import { createIdSource } from '../../src/lib/id.ts';

type Store = (id: string, order: ShippingOrder) => Promise<unknown>;

const connectionsMax = 16;
const prefix = '/api/rest/v1';
const ids = createIdSource({ now: Date.now, random: (bytes) => randomFillSync(bytes) });
const check = compileCheck(ShippingOrder);

/** Fastify as it comes; the answer is the order as the partner's sample has it. */
async function serve(store: Store): Promise<string> {
  const app = Fastify();
  app.post<{ Body: ShippingOrder }>(
    `${prefix}/shipping-orders`,
    {
      schema: { body: ShippingOrder },
      validatorCompiler: () => (body: unknown) => {
        const checked = check(body);
        return checked.ok ? { value: checked.value } : { error: new Error('not an order') };
      },
    },
    async (request, reply) => {
      const id = ids.next(0);
      await store(id, request.body);
      const href = `http://127.0.0.1${prefix}/orders/${id}`;
      return reply
        .code(201)
        .header('location', href)
        .send({
          ...{ id, ...request.body, _links: { self: { href } } },
        });
    },
  );
  return app.listen({ host: '127.0.0.1', port: 0 });
}

const insert = {
  name: 'insert',
  text: 'insert into orders (id, number, created_at, body) values ($1, $2, $3, $4)',
};

/** The plainest table that keeps the order: no second index, so a number may be there twice. */
async function storing(): Promise<Store> {
  const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: connectionsMax });
  await pool.query(`create table orders (id uuid primary key, number text not null,
    created_at timestamptz not null, body json not null)`);
  return (id, order) => {
    const values = [id, order.number, new Date(), JSON.stringify(order)];
    return pool.query({ ...insert, values });
  };
}

async function start(kind: string | undefined): Promise<string> {
  if (kind === 'bare') return serve(async () => undefined);
  if (kind === 'insert') return serve(await storing());
  throw new Error(`there is no floor called ${kind}`);
}

const url = await start(process.argv[2]);
process.stdout.write(`${JSON.stringify({ msg: 'listening', url })}\n`);
