/** The canonical event as it is pushed: all that dialects may say, in the hub's own words. */
import { dropped, kept, type Rendering } from '../dialect.ts';
import { encodeEvent, encodeUnitRef } from './encode.ts';

const ofUnit = 'told by GET /hub/v1/handling-units, not with the event';

const push: Rendering = {
  form: 'push',
  // The sequence number is of the delivery, not of the event.
  say: (event) => ({ body: { event: encodeEvent(event), unit: encodeUnitRef(event.unit) } }),
  fields: {
    id: kept('event.id'),
    type: kept('event.type'),
    classifier: kept('event.classifier'),
    occurredAt: kept('event.occurredAt'),
    'occurredAt.offset': kept('event.occurredAt'),
    'occurredAt.precision': kept('event.occurredAt'),
    recordedAt: kept('event.recordedAt'),
    mode: kept('event.mode'),
    direction: kept('event.direction'),
    way: kept('event.way'),
    'place.unlocode': kept('event.place.unlocode'),
    'place.location': kept('event.place.location'),
    'place.name': kept('event.place.name'),
    'place.latitude': kept('event.place.latitude'),
    'place.longitude': kept('event.place.longitude'),
    'vehicle.id': kept('event.vehicle.id'),
    'vehicle.name': kept('event.vehicle.name'),
    'vehicle.voyage': kept('event.vehicle.voyage'),
    full: kept('event.full'),
    documents: kept('event.documents'),
    message: kept('event.message'),
    additionalInfo: kept('event.additionalInfo'),
    channel: kept('event.channel'),
    codes: kept('event.codes'),
    'source.organization': kept('event.source.organization'),
    'source.dialect': kept('event.source.dialect'),
    'source.code': kept('event.source.code'),
    replaces: kept('event.replaces'),
    retracts: kept('event.retracts'),
    'unit.id': kept('unit.id'),
    'unit.reference': kept('unit.reference'),
    'unit.spi': kept('unit.spi'),
    ...dropped(ofUnit, 'unit.freightFamily', 'unit.customsFlag', 'unit.documents'),
    ...dropped('told by its id only', 'source.name'),
  },
};

export const renderings: readonly Rendering[] = [push];
