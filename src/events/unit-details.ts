/**
 * What is known of a unit beside its events: measures, shipments, transport, … The shape, the
 * lengths and the enumerations are those of the handling unit in the port community's tracing
 * document (API Tracing Code v1), the richest of the published ones; only `parcel` comes from the
 * parcel network's Parcel Event Log V2. Members may be absent or null.
 */
import Type, { type Static } from 'typebox';
import { closed, oneOf } from '../lib/schema.ts';

const opt = Type.Optional;
const word = (maxLength = 255) =>
  opt(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength }));
const dateTime = () =>
  opt(Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', maxLength: 40 }));
const INT32 = { minimum: -2_147_483_648, maximum: 2_147_483_647 };
const int32 = () => opt(Type.Unsafe<number | null>({ type: ['integer', 'null'], ...INT32 }));
const double = () => opt(Type.Unsafe<number | null>({ type: ['number', 'null'] }));
const flag = () => opt(Type.Boolean());
const listOf = <T extends Parameters<typeof Type.Array>[0]>(item: T, maxItems: number) =>
  opt(Type.Unsafe<Static<T>[] | null>({ type: ['array', 'null'], items: item, maxItems }));

/** Default units: KGM for weights, DMQ for volumes (UN/ECE Recommendation 20). */
const Measure = closed({ value: double(), unit: word(5) });

const Measures = closed({
  quantity: int32(),
  weight: opt(closed({ tare: opt(Measure), grossWeight: opt(Measure), netWeight: opt(Measure) })),
  volume: opt(Measure),
  remainingQuantity: int32(),
  availableQuantity: int32(),
  reportedQuantity: int32(),
  remainingWeight: opt(Measure),
});

const Shipment = closed({
  documentReference: word(32),
  documentId: word(13),
  /** EDIFACT 1001, e.g. 705 for a bill of lading. */
  documentType: int32(),
  documentDate: dateTime(),
  originLocation: word(20),
  destinationLocation: word(20),
  processingIndicator: opt(
    oneOf(['Unknown', 'Transit', 'Transhipment', 'Import', 'Export'] as const),
  ),
  merchantHaulage: flag(),
});

const Transport = closed({
  meansName: word(384),
  voyageId: word(13),
  /** UN/ECE Recommendation 19. */
  mode: opt(Type.Integer(INT32)),
  /** ISO 3166 alpha-3. */
  meansNationality: word(),
  voyageDates: opt(closed({ eta: dateTime(), etd: dateTime(), ata: dateTime(), atd: dateTime() })),
  schedulePlace: word(5),
  voyageAgentId: word(13),
  voyageAgentReference: word(),
  meansType: word(),
  meansId: listOf(
    closed({
      type: opt(oneOf(['IMONumber', 'CallSign', 'IATA', 'ICAO'] as const)),
      name: word(10),
    }),
    20,
  ),
  arrivalScheduleReference: word(384),
  departureScheduleReference: word(384),
});

const whole = (maximum: number) =>
  opt(Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0, maximum }));

/** What a parcel is booked with. The lengths are published; the number of links is ours. */
const Parcel = closed({
  /** Several parcels may share it; with or without `(401)`. The unit is found by it. */
  shipmentNumber: word(35),
  shopId: whole(99_999),
  shopName: word(50),
  consignorReference: word(35),
  consigneeReference: word(35),
  /** The unit is found by it too. */
  returnCode: word(10),
  freightProductId: whole(9_999_999_999),
  freightProductName: word(50),
  /** Other numbers of the same physical parcel. */
  linkedParcelNumbers: listOf(Type.String({ minLength: 1, maxLength: 35 }), 50),
});

export const UnitDetails = closed({
  sizeType: word(),
  packagingCode: word(),
  measures: opt(Measures),
  indicators: opt(
    closed({
      hazardous: flag(),
      empty: flag(),
      reefer: flag(),
      pollutant: flag(),
      fumigation: flag(),
      quarantine: flag(),
    }),
  ),
  references: listOf(
    closed({ type: opt(oneOf(['Rank', 'SequenceNumber'] as const)), value: word() }),
    50,
  ),
  huLocation: opt(closed({ place: word(), location: word() })),
  actors: opt(closed({ freightAgent: word(), freightForwarder: word() })),
  temperatures: opt(closed({ setPoint: double(), rangeMin: double(), rangeMax: double() })),
  shipments: listOf(Shipment, 200),
  transport: opt(Transport),
  hazardousItems: listOf(
    closed({
      imoClass: word(),
      limitedQuantity: opt(Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] })),
    }),
    100,
  ),
  emptyReturn: opt(
    closed({
      dueDate: opt(Type.String({ format: 'date-time', maxLength: 40 })),
      finishDateEarliest: opt(Type.String({ format: 'date-time', maxLength: 40 })),
      finishDateLatest: opt(Type.String({ format: 'date-time', maxLength: 40 })),
    }),
  ),
  parcel: opt(Parcel),
});

export type UnitDetails = Static<typeof UnitDetails>;
export type ParcelDetails = Static<typeof Parcel>;
