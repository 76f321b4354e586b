/** Calls about events: recording one or many, reading. */
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { Problem } from '../../../events/problem.ts';
import { type Principal, principalOf } from '../../dialect.ts';
import type { Hub, StoredAnswer } from '../../hub-port.ts';
import { decodeEventQuery, decodeEvents, decodePage } from '../decode.ts';
import type { DecodedEvent } from '../decode-event.ts';
import {
  type EventResult,
  encodeEvent,
  encodePage,
  encodeRejected,
  encodeResult,
} from '../encode.ts';
import { Event, EventPage, EventQuery, EventsBody, EventsRecorded } from '../schemas/events.ts';
import { IdempotencyHeaders, IdParams } from '../schemas.ts';
import { answerOnce, base, call, found, idOf } from './call.ts';

const tags = ['events'];

const recordSchema = {
  summary: 'Record one event, or up to 1,000',
  description:
    'A list is always answered 201 with one result per event: a bad event rejects itself ' +
    'only. A single event that is bad or whose unit is unknown is answered with a problem, ' +
    'so that nobody reads 201 as recorded. The same event sent twice is a `duplicate` and ' +
    'stored once.',
  tags,
  headers: IdempotencyHeaders,
  body: EventsBody,
  response: { 201: EventsRecorded },
};

export function registerEvents(app: FastifyInstance, hub: Hub): void {
  app.post(
    `${base}/events`,
    {
      ...call(hub, ['hub.events.write'], recordSchema),
      // The schema documents the call; each event is checked by itself when it is decoded.
      validatorCompiler: () => () => true,
      config: { badText: 'kept' },
    },
    (request, reply) => {
      const principal = principalOf(request);
      const { body } = request;
      const bodyText = request.bodyText ?? JSON.stringify(body) ?? '';
      const { organization } = principal;
      const vocabulary = hub.vocabulary.of('hub');
      const decoded = decodeEvents({ body, bodyText, organization, vocabulary });
      return answerOnce({ request, reply }, hub, () =>
        Array.isArray(body)
          ? recordList(hub, principal, decoded)
          : recordOne(hub, principal, decoded),
      );
    },
  );
  registerReads(app, hub);
}

async function recordList(
  hub: Hub,
  principal: Principal,
  decoded: readonly DecodedEvent[],
): Promise<StoredAnswer> {
  const drafts = decoded.flatMap((one) => (one.ok ? [one.draft] : []));
  const results = drafts.length === 0 ? [] : await hub.record(principal, drafts);
  const pending = results.values();
  const events = decoded.map((one): EventResult => {
    if (!one.ok) return encodeRejected(one.code, one.issues[0]);
    const { value: result } = pending.next();
    if (result === undefined) throw new Error('the hub gave fewer results than events');
    return encodeResult(result, one.warnings);
  });
  return { status: 201, body: { events } };
}

async function recordOne(
  hub: Hub,
  principal: Principal,
  [one]: readonly DecodedEvent[],
): Promise<StoredAnswer> {
  if (one === undefined) throw new Error('a single event decoded to none');
  if (!one.ok) {
    const [{ path, message }] = one.issues;
    const detail = path === '' ? message : `${path}: ${message}`;
    throw new Problem(one.code, detail, { issues: one.issues });
  }
  const [result] = await hub.record(principal, [one.draft]);
  if (result === undefined) throw new Error('the hub gave no result for the event');
  if (result.status === 'rejected') {
    throw new Problem(result.code, result.issue.message, { issues: [result.issue] });
  }
  return { status: 201, body: { events: [encodeResult(result, one.warnings)] } };
}

const listSchema = {
  summary: 'Events by unit, type and time',
  description:
    'Ordered by when they happened. `From` bounds are included, `To` bounds are not. `asOf`' +
    ' leaves out what was recorded later and shows what then held.',
  tags,
  querystring: EventQuery,
  response: { 200: EventPage },
};

function registerReads(app: FastifyInstance, hub: Hub): void {
  app.get<{ Querystring: Static<typeof EventQuery> }>(
    `${base}/events`,
    call(hub, ['hub.read'], listSchema),
    async (request) => {
      const { query } = request;
      const page = decodePage(query);
      const events = await hub.events.list(principalOf(request), decodeEventQuery(query), page);
      return encodePage(events, encodeEvent);
    },
  );
  app.get<{ Params: IdParams }>(
    `${base}/events/:id`,
    call(hub, ['hub.read'], {
      summary: 'One event',
      description: 'A replaced or retracted event stays readable under its own id.',
      tags,
      params: IdParams,
      response: { 200: Event },
    }),
    async (request) => {
      const event = await hub.events.get(principalOf(request), idOf(request, 'event'));
      return encodeEvent(found(event, 'event'));
    },
  );
}
