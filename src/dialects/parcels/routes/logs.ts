/** The two event logs of parcels. */
import type { FastifyInstance } from 'fastify';
import { type Hub, type Principal, principalOf } from '../../dialect.ts';
import { decodeLogParams } from '../decode.ts';
import { encodeLogV1, encodeLogV2, type LogGiven } from '../encode-log.ts';
import { Log, LogParams, Shipment } from '../log-schemas.ts';
import { authenticate, faults, logService, noSuchParcel } from './call.ts';

const trackingPath = '/ws/json/parcel/tracking';
const logPath = 'fetch/:identifier/:locale/:onlyLastEvent';
/** Bounds of one answer: the newest parcels, and of each the newest events. */
const parcelsMax = 100;
const eventsPerParcelMax = 200;

const schema = {
  tags: ['parcel event logs'],
  security: [{ bearer: [] }],
  params: LogParams,
};

const responses = faults({
  400: 'The request is not in the right form; errorMap names the part of the path.',
  401: 'The Authorization header is missing or wrong.',
  403: 'The user lacks the service.',
  404: 'No such parcel, or none that you may see.',
  503: 'Too busy or starting; see Retry-After.',
});

const bounds =
  `At most the newest ${parcelsMax} parcels and the newest ${eventsPerParcelMax} events of each. ` +
  'Of a parcel whose newest event is older than 6 months';

export function registerLogs(app: FastifyInstance, hub: Hub): void {
  const onRequest = (request: Parameters<typeof authenticate>[0]) =>
    authenticate(request, hub, logService);
  app.get<{ Params: LogParams }>(
    `${trackingPath}/v-1/${logPath}`,
    {
      schema: {
        ...schema,
        summary: 'Events of a parcel or of all parcels of a shipment',
        description: `${bounds} there are no events.`,
        response: { 200: Log, ...responses },
      },
      onRequest,
    },
    async (request) => encodeLogV1(await fetchLog(hub, principalOf(request), request.params)),
  );
  app.get<{ Params: LogParams }>(
    `${trackingPath}/v-2/${logPath}`,
    {
      schema: {
        ...schema,
        summary: 'A shipment with its parcels and their events',
        description: `${bounds} there is only the status.`,
        response: { 200: Shipment, ...responses },
      },
      onRequest,
    },
    async (request) => encodeLogV2(await fetchLog(hub, principalOf(request), request.params)),
  );
}

/** Which of the three the identifier is, nobody says: it is looked up as each of them. */
async function fetchLog(hub: Hub, principal: Principal, params: LogParams): Promise<LogGiven> {
  const { identifier, locale, onlyLastEvent } = decodeLogParams(params);
  const found = await hub.units.withEvents(principal, {
    anyOf: { reference: identifier, shipmentNumber: identifier, returnCode: identifier },
    unitsMax: parcelsMax,
    eventsMax: eventsPerParcelMax,
  });
  if (found.items.length === 0) throw noSuchParcel('identifier', identifier);
  const vocabulary = hub.vocabulary.of('parcels');
  return { ...found, locale, onlyLastEvent, nowMs: hub.nowMs(), vocabulary };
}
