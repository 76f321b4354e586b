/**
 * Child program: what the hub is compared with. `bare` validates and stores nothing, `insert`
 * stores each request by an INSERT of its own, `mute` answers without reading: the most that the
 * load can ask.
 */
import { randomFillSync } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import Fastify from 'fastify';
import pg from 'pg';
import { EventBody, EventsRecorded } from '../../src/dialects/hub/schemas/events.ts';
import { createIdSource } from '../../src/lib/id.ts';

type Body = { readonly unit: { readonly reference: string }; type: string; occurredAt: string };

const connectionsMax = 16;
const ids = createIdSource({ now: Date.now, random: (bytes) => randomFillSync(bytes) });
const recorded = (id: string) => ({ events: [{ id, status: 'recorded' }] });

/** Fastify as it comes, with the hub's own schemas for body and answer. */
async function serve(store: (id: string, body: Body) => Promise<unknown>): Promise<string> {
  const app = Fastify();
  app.post<{ Body: Body }>(
    '/hub/v1/events',
    { schema: { body: EventBody, response: { 201: EventsRecorded } } },
    async (request, reply) => {
      const id = ids.next(0);
      await store(id, request.body);
      return reply.code(201).send(recorded(id));
    },
  );
  return app.listen({ host: '127.0.0.1', port: 0 });
}

const insert = {
  name: 'insert',
  text: `insert into events (id, reference, type, occurred_at, recorded_at, body)
    values ($1, $2, $3, $4, $5, $6)`,
};

/** The plainest table that keeps the event: no second index, no check for duplicates. */
async function storing(): Promise<(id: string, body: Body) => Promise<unknown>> {
  const pool = new pg.Pool({
    connectionString: process.env['DATABASE_URL'],
    max: connectionsMax,
  });
  await pool.query(`create table events (id uuid primary key, reference text not null,
    type text not null, occurred_at timestamptz not null, recorded_at timestamptz not null,
    body json not null)`);
  return (id, body) => {
    const { unit, type, occurredAt } = body;
    const values = [id, unit.reference, type, occurredAt, new Date(), JSON.stringify(body)];
    return pool.query({ ...insert, values });
  };
}

async function mute(): Promise<string> {
  const body = JSON.stringify(recorded(ids.next(0)));
  const head = `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: `;
  const answer = Buffer.from(`${head}${body.length}\r\n\r\n${body}`);
  const server: Server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('data', () => socket.write(answer));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function start(kind: string | undefined): Promise<string> {
  if (kind === 'bare') return serve(async () => undefined);
  if (kind === 'insert') return serve(await storing());
  if (kind === 'mute') return mute();
  throw new Error(`there is no floor called ${kind}`);
}

const url = await start(process.argv[2]);
process.stdout.write(`${JSON.stringify({ msg: 'listening', url })}\n`);
