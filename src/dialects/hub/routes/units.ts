/** Calls about handling units: booking or updating one, finding them. */
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../../dialect.ts';
import type { Hub } from '../../hub-port.ts';
import { decodeAsOf, decodePage, decodeUnitQuery } from '../decode.ts';
import { decodeUnit } from '../decode-unit.ts';
import { encodePage, encodeUnit, encodeUnitRef } from '../encode.ts';
import { Unit, UnitBody, UnitPage, UnitPut, UnitQuery, UnitTime } from '../schemas/units.ts';
import { IdempotencyHeaders, IdParams } from '../schemas.ts';
import { answerOnce, base, call, found, idOf } from './call.ts';

const tags = ['handling units'];
const path = `${base}/handling-units`;
const what = 'handling unit';
const asOfNote =
  'With `asOf` documents, parties, details and state are those recorded by then; who may see them ' +
  'is decided by the parties of today.';

const putSchema = {
  summary: 'Book or update a handling unit',
  description:
    'One passage of a container, a lot or a parcel. `documents`, `parties` and `details` ' +
    'that are given replace what was there. A parcel is booked with its shipment, shop and ' +
    'product in `details.parcel`. A failed check digit is a warning, never a refusal. Without a ' +
    'known SPI the newest passage of the reference is meant, unless it has another SPI; one that ' +
    'has left becomes a new passage where the documents given are none of its own.',
  tags,
  headers: IdempotencyHeaders,
  body: UnitBody,
  response: {
    200: { ...UnitPut, description: 'Updated.' },
    201: { ...UnitPut, description: 'Booked.' },
  },
};

export function registerUnits(app: FastifyInstance, hub: Hub): void {
  app.put<{ Body: UnitBody }>(
    path,
    call(hub, ['hub.units.write'], putSchema),
    async (request, reply) => {
      const principal = principalOf(request);
      const { given, warnings } = decodeUnit(request.body, principal.organization);
      return answerOnce({ request, reply }, hub, async () => {
        const { unit, created } = await hub.units.put(principal, given);
        const body = { ...encodeUnitRef(unit), ...(warnings.length > 0 ? { warnings } : {}) };
        return { status: created ? 201 : 200, body };
      });
    },
  );
  registerReads(app, hub);
}

function registerReads(app: FastifyInstance, hub: Hub): void {
  app.get<{ Querystring: UnitQuery }>(
    path,
    call(hub, ['hub.read'], {
      summary: 'Handling units by reference, SPI or document',
      description: `Newest passage first. ${asOfNote}`,
      tags,
      querystring: UnitQuery,
      response: { 200: UnitPage },
    }),
    async (request) => {
      const page = decodePage(request.query);
      const query = decodeUnitQuery(request.query);
      return encodePage(await hub.units.find(principalOf(request), query, page), encodeUnit);
    },
  );
  app.get<{ Params: IdParams; Querystring: UnitTime }>(
    `${path}/:id`,
    call(hub, ['hub.read'], {
      summary: 'One handling unit',
      description: asOfNote,
      tags,
      params: IdParams,
      querystring: UnitTime,
      response: { 200: Unit },
    }),
    async (request) => {
      const id = idOf(request, what);
      const unit = await hub.units.get(principalOf(request), id, decodeAsOf(request.query.asOf));
      return encodeUnit(found(unit, what));
    },
  );
}
