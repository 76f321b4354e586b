/**
 * Child program: the floor of the rows from POST to receipt. Fastify with the hub's own schemas answers at once
 * and sends the event on, signed, by bare undici: nothing is stored, nothing is looked up.
 */
import Fastify from 'fastify';
import { EventBody, EventsRecorded } from '../../src/dialects/hub/schemas/events.ts';
import { serveCalls } from '../channel.ts';
import { createPusher, ids, type Place } from './push.ts';

interface Body {
  readonly unit: { readonly reference: string };
  readonly [member: string]: unknown;
}

const connections = 32;
const organization = ids.next(0);
const unitIds = new Map<string, string>();
let pushers: ReturnType<typeof createPusher>[] = [];
let failures = 0;

function sendOn(id: string, { unit: { reference }, ...rest }: Body): void {
  const unitId = unitIds.get(reference) ?? ids.next(0);
  unitIds.set(reference, unitId);
  const unit = `{"id":"${unitId}","reference":"${reference}"`;
  const recordedAt = new Date().toISOString();
  const source = { organization, dialect: 'hub', code: rest['type'], name: 'Port' };
  const tail = JSON.stringify({ ...rest, recordedAt, source }).slice(1);
  const push = { event: `{"id":"${id}","unit":${unit}},${tail}`, unit: `${unit},"spi":null}` };
  for (const pusher of pushers) {
    pusher(push, (status) => {
      if (status < 200 || status > 299) failures += 1;
    });
  }
}

async function listen(): Promise<string> {
  const app = Fastify();
  app.post<{ Body: Body }>(
    '/hub/v1/events',
    { schema: { body: EventBody, response: { 201: EventsRecorded } } },
    async (request, reply) => {
      const id = ids.next(0);
      sendOn(id, request.body);
      return reply.code(201).send({ events: [{ id, status: 'recorded' }] });
    },
  );
  return app.listen({ host: '127.0.0.1', port: 0 });
}

const calls = {
  /** Its address; what it is sent goes on to all these places. */
  open({ places }: { places: readonly Place[] }): Promise<string> {
    pushers = places.map((place) => createPusher(place, connections));
    return listen();
  },
  failures: () => failures,
};

export type RelayCalls = typeof calls;

serveCalls(calls);
