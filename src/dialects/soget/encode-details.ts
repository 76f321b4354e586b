/**
 * The parts of a handling unit that come from its details. Every member that may be null is given;
 * a member that may not be null is left out when it is unknown. Pure.
 */
import type { DocumentReference } from '../../events/event.ts';
import type { DocumentType } from '../../events/types.ts';
import type { UnitDetails } from '../../events/unit-details.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import { present } from '../../lib/present.ts';
import type { PartOf, Shipment, Transport } from './handling-unit-schema.ts';

type Measures = NonNullable<UnitDetails['measures']>;
type Measure = NonNullable<Measures['volume']>;
type ToldShipment = NonNullable<UnitDetails['shipments']>[number];

const DOCUMENT_CHARS_MAX = 32;

export function encodeMeasures(told: Measures = {}): PartOf<'measures'> {
  return {
    quantity: told.quantity ?? null,
    weight: {
      tare: encodeMeasure(told.weight?.tare),
      grossWeight: encodeMeasure(told.weight?.grossWeight),
      netWeight: encodeMeasure(told.weight?.netWeight),
    },
    volume: encodeMeasure(told.volume),
    remainingQuantity: told.remainingQuantity ?? null,
    availableQuantity: told.availableQuantity ?? null,
    reportedQuantity: told.reportedQuantity ?? null,
    remainingWeight: encodeMeasure(told.remainingWeight),
  };
}

// The unit is not filled in: a reader takes the published default, KGM or DMQ, for null.
function encodeMeasure(told: Measure = {}): Measure {
  return { value: told.value ?? null, unit: told.unit ?? null };
}

export function encodeReferences(told: UnitDetails['references']): PartOf<'references'> {
  return listOrNull(told, (one) => ({ ...present({ type: one.type }), value: one.value ?? null }));
}

export function encodeTemperatures(told: UnitDetails['temperatures']): PartOf<'temperatures'> {
  return {
    setPoint: told?.setPoint ?? null,
    rangeMin: told?.rangeMin ?? null,
    rangeMax: told?.rangeMax ?? null,
  };
}

export function encodeHazardousItems(
  told: UnitDetails['hazardousItems'],
): PartOf<'hazardousItems'> {
  return listOrNull(told, (one) => ({
    imoClass: one.imoClass ?? null,
    limitedQuantity: one.limitedQuantity ?? null,
  }));
}

export function encodeTransport(told: UnitDetails['transport'] = {}): Transport {
  return {
    meansName: told.meansName ?? null,
    voyageId: told.voyageId ?? null,
    ...present({ mode: told.mode }),
    meansNationality: told.meansNationality ?? null,
    voyageDates: {
      eta: told.voyageDates?.eta ?? null,
      etd: told.voyageDates?.etd ?? null,
      ata: told.voyageDates?.ata ?? null,
      atd: told.voyageDates?.atd ?? null,
    },
    schedulePlace: told.schedulePlace ?? null,
    voyageAgentId: told.voyageAgentId ?? null,
    voyageAgentReference: told.voyageAgentReference ?? null,
    meansType: told.meansType ?? null,
    meansId: listOrNull(told.meansId, (one) => ({
      ...present({ type: one.type }),
      name: one.name ?? null,
    })),
    arrivalScheduleReference: told.arrivalScheduleReference ?? null,
    departureScheduleReference: told.departureScheduleReference ?? null,
  };
}

/**
 * The shipments told in the details, then the unit's documents that are not among them (ours).
 * A document whose reference is too long for the schema is left out, not cut.
 */
export function encodeShipments(
  told: UnitDetails['shipments'],
  documents: readonly DocumentReference[],
): Shipment[] | null {
  const shipments = (told ?? []).map(encodeShipment);
  for (const document of documents) {
    const isShown = shipments.some((shipment) => isSameDocument(shipment, document));
    if (isShown || !fitsCharacters(document.reference, DOCUMENT_CHARS_MAX)) continue;
    const documentType = DOCUMENT_CODES[document.type][0] ?? null;
    shipments.push(encodeShipment({ documentReference: document.reference, documentType }));
  }
  return shipments.length === 0 ? null : shipments;
}

/**
 * UN/EDIFACT 1001 codes that mean such a document, the one that we write first. No code is known
 * to be right for every order or consignment, so theirs stays null.
 */
const DOCUMENT_CODES: Readonly<Record<DocumentType, readonly number[]>> = {
  booking: [770, 335],
  billOfLading: [705, 704, 706, 707, 708, 710, 712, 714],
  order: [],
  consignment: [],
};

function isSameDocument(shipment: Shipment, { type, reference }: DocumentReference): boolean {
  if (shipment.documentReference !== reference) return false;
  const code = shipment.documentType ?? null;
  const codes = DOCUMENT_CODES[type];
  // Without a code on either side the number alone must do: carriers print one for both papers.
  return code === null || codes.length === 0 || codes.includes(code);
}

function encodeShipment(told: ToldShipment): Shipment {
  return {
    documentReference: told.documentReference ?? null,
    documentId: told.documentId ?? null,
    documentType: told.documentType ?? null,
    documentDate: told.documentDate ?? null,
    originLocation: told.originLocation ?? null,
    destinationLocation: told.destinationLocation ?? null,
    processingIndicator: told.processingIndicator ?? 'Unknown',
    ...present({ merchantHaulage: told.merchantHaulage }),
  };
}

function listOrNull<T, U>(
  told: readonly T[] | null | undefined,
  encode: (one: T) => U,
): U[] | null {
  return told === null || told === undefined ? null : told.map((one) => encode(one));
}
