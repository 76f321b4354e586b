/** Calls about handling units: booking or updating one, finding them. */
import type { FastifyInstance } from 'fastify';
import { present } from '../../../lib/present.ts';
import { principalOf } from '../../dialect.ts';
import type { Hub } from '../../hub-port.ts';
import { decodePage, decodeUnit } from '../decode.ts';
import { encodePage, encodeUnit, encodeUnitRef } from '../encode.ts';
import { Unit, UnitBody, UnitPage, UnitPut, UnitQuery } from '../schemas/units.ts';
import { IdempotencyHeaders, IdParams } from '../schemas.ts';
import { answerOnce, base, call, found, idOf } from './call.ts';

const tags = ['handling units'];
const path = `${base}/handling-units`;

const putSchema = {
  summary: 'Book or update a handling unit',
  description:
    'One passage of a container, a lot or a parcel. `documents`, `parties` and `details` ' +
    'that are given replace what was there. A parcel is booked with its shipment, shop and ' +
    'product in `details.parcel`. A failed check digit is a warning, never a refusal.',
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
      tags,
      querystring: UnitQuery,
      response: { 200: UnitPage },
    }),
    async (request) => {
      const { limit, cursor, ...query } = request.query;
      const page = decodePage(present({ limit, cursor }));
      return encodePage(await hub.units.find(principalOf(request), query, page), encodeUnit);
    },
  );
  app.get<{ Params: IdParams }>(
    `${path}/:id`,
    call(hub, ['hub.read'], {
      summary: 'One handling unit',
      tags,
      params: IdParams,
      response: { 200: Unit },
    }),
    async (request) => {
      const unit = await hub.units.get(principalOf(request), idOf(request, 'handling unit'));
      return encodeUnit(found(unit, 'handling unit'));
    },
  );
}
