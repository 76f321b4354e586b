/** The hub's words → what SOGET's callers and webhooks read. Pure. */
import type { RecordedEvent } from '../../events/event.ts';
import { formatWithOffset } from '../../events/time.ts';
import type { UnitWithEvents } from '../../events/unit.ts';
import type { UnitDetails } from '../../events/unit-details.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import { present } from '../../lib/present.ts';
import type { PushGiven, PushRequest, Vocabulary } from '../dialect.ts';
import type { AccessToken, TraceResult } from '../hub-port.ts';
import {
  encodeHazardousItems,
  encodeMeasures,
  encodeReferences,
  encodeShipments,
  encodeTemperatures,
  encodeTransport,
} from './encode-details.ts';
import { customsIndicator, dateText, encodeEvent, heldEvents } from './encode-events.ts';
import type {
  HandlingUnit,
  HandlingUnitItemsResponseModel,
  PartOf,
} from './handling-unit-schema.ts';
import { eventCode } from './vocabulary.ts';

/* ---- token ------------------------------------------------------------------------------------ */

/** RFC 6749, section 5.1. */
export function encodeToken({ accessToken, expiresInSec, scope }: AccessToken) {
  return {
    access_token: accessToken,
    token_type: 'Bearer' as const,
    expires_in: expiresInSec,
    scope,
  };
}

/* ---- tracing ---------------------------------------------------------------------------------- */

export function encodePage(
  result: TraceResult,
  offset: number,
  words: Vocabulary,
): HandlingUnitItemsResponseModel {
  return {
    total: result.total,
    returned: result.items.length,
    first: offset,
    items: result.items.map((item) => encodeHandlingUnit(item, words)),
  };
}

/** Every member of the published handling unit; see encode-details.ts on nulls and unknowns. */
export function encodeHandlingUnit(
  { unit, events }: UnitWithEvents,
  words: Vocabulary,
): HandlingUnit {
  const { details } = unit;
  const held = heldEvents(events);
  return {
    // A text that does not fit the schema is told as null: a cut number would name another unit.
    reference: fitsCharacters(unit.reference, 17) ? unit.reference : null,
    pswId: unit.spi !== undefined && fitsCharacters(unit.spi, 13) ? unit.spi : null,
    ...(unit.freightFamily === 'Parcel' ? {} : { freightFamily: unit.freightFamily }),
    sizeType: details.sizeType ?? null,
    packagingCode: details.packagingCode ?? null,
    measures: encodeMeasures(details.measures),
    indicators: { ...details.indicators, ...present({ empty: emptyOf(held) }) },
    references: encodeReferences(details.references),
    customsFlag: unit.customsFlag,
    huLocation: locationOf(held) ?? encodeLocation(details.huLocation),
    actors: {
      freightAgent: details.actors?.freightAgent ?? null,
      freightForwarder: details.actors?.freightForwarder ?? null,
    },
    temperatures: encodeTemperatures(details.temperatures),
    shipments: encodeShipments(details.shipments, unit.documents),
    transport: transportOf(details.transport, held),
    events: held.map((event) => encodeEvent(event, words)),
    hazardousItems: encodeHazardousItems(details.hazardousItems),
    emptyReturn: { ...details.emptyReturn },
  };
}

function emptyOf(held: readonly RecordedEvent[]): boolean | undefined {
  const full = held.findLast((event) => event.full !== undefined)?.full;
  return full === undefined ? undefined : !full;
}

/** The newest event that has a place decides; UN/LOCODE and location are never mixed from two. */
function locationOf(held: readonly RecordedEvent[]): PartOf<'huLocation'> | undefined {
  const place = held.findLast(
    (event) => event.place?.unlocode !== undefined || event.place?.location !== undefined,
  )?.place;
  return place && { place: place.unlocode ?? null, location: place.location ?? null };
}

function encodeLocation(told: UnitDetails['huLocation']): PartOf<'huLocation'> {
  return { place: told?.place ?? null, location: told?.location ?? null };
}

/** Actual times that the details lack are filled from the events of that very call. */
function transportOf(
  told: UnitDetails['transport'],
  held: readonly RecordedEvent[],
): PartOf<'transport'> {
  const transport = encodeTransport(told);
  const calls = held.filter((event) => isOfCall(event, told));
  const timeOf = (type: 'arrived' | 'departed') => {
    const event = calls.findLast((call) => call.type === type);
    return event === undefined ? null : dateText(event.occurredAt);
  };
  const dates = transport.voyageDates ?? {};
  return {
    ...transport,
    voyageDates: {
      ...dates,
      ata: dates.ata ?? timeOf('arrived'),
      atd: dates.atd ?? timeOf('departed'),
    },
  };
}

/** Only an event that names the same means at the scheduled place is known to be of that call. */
function isOfCall(event: RecordedEvent, told: UnitDetails['transport']): boolean {
  const { place, vehicle } = event;
  if (place?.unlocode === undefined || place.unlocode !== told?.schedulePlace) return false;
  const isNamed = vehicle?.name !== undefined && vehicle.name === told.meansName;
  const ids = told.meansId ?? [];
  return isNamed || (vehicle?.id !== undefined && ids.some((means) => means.name === vehicle.id));
}

/* ---- webhook ---------------------------------------------------------------------------------- */

/** The published body as JSON text: its keys, its order, one event. */
export function push(given: PushGiven): PushRequest {
  return { body: JSON.stringify(encodeWebhook(given)) };
}

/** The order of the members is the published one. */
export function encodeWebhook({
  event,
  subscription,
  vocabulary,
}: Pick<PushGiven, 'event' | 'subscription' | 'vocabulary'>) {
  const { unit } = event;
  const externalReference = subscription.settings['externalReference'];
  return {
    HandlingUnit: {
      Events: [
        {
          AlertDate: formatWithOffset({ ...event.occurredAt, fractionDigits: 0 }),
          AlertType: alertType(event),
          Direction: customsIndicator(event, unit.customsFlag),
          Location: event.place?.location ?? event.place?.unlocode ?? null,
          State: event.retracts === undefined ? 'Active' : 'Inactive',
          Type: eventCode(event, vocabulary),
        },
      ],
      FreightFamily: unit.freightFamily,
      Reference: unit.reference,
      Spi: unit.spi ?? null,
      ...(typeof externalReference === 'string' ? { ExternalReference: externalReference } : {}),
    },
  };
}

/** `Creation` is published; the other two words, and `Inactive`, are ours. */
function alertType(event: RecordedEvent): 'Creation' | 'Modification' | 'Deletion' {
  if (event.retracts !== undefined) return 'Deletion';
  return event.replaces === undefined ? 'Creation' : 'Modification';
}
