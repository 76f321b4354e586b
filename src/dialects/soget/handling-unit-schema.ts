/**
 * Shapes of tracing: the query, the page and the nested handling unit of API Tracing Code v1.
 * That document requires no member, so all are optional here; encode.ts gives every one it may.
 */
import Type, { type Static, type TArrayOptions, type TSchema } from 'typebox';
import { CUSTOMS_FLAGS } from '../../events/types.ts';
import { closed, nullable, oneOf } from '../../lib/schema.ts';
import { dateTime, nullableText } from './schemas.ts';

const opt = Type.Optional;
const INT32_MAX = 2_147_483_647;

const int32 = (options: object = {}) => Type.Integer({ format: 'int32', ...options });
const nullableInt32 = (options: object = {}) => opt(nullable(int32(options)));
const nullableDouble = (options: object = {}) =>
  opt(nullable(Type.Number({ format: 'double', ...options })));
const nullableDateTime = (options: object = {}) => opt(nullable(dateTime(options)));
const nullableList = <T extends TSchema>(items: T, options: TArrayOptions = {}) =>
  opt(nullable(Type.Array(items, options)));
const flag = (description: string) => opt(Type.Boolean({ description }));
const ID = { maxLength: 13, minLength: 0 };

/** Not closed: a parameter that we do not know is ignored (ours). */
export const TracingQuery = Type.Object({
  reference: opt(
    Type.String({ default: '', description: 'Handling unit reference with which to filter.' }),
  ),
  spi: opt(
    Type.String({
      default: '',
      description: 'Single passage identifier with which to filter: 3 letters and 10 digits.',
    }),
  ),
  desc: opt(
    Type.Boolean({ default: false, description: 'True for the newest passage first (ours).' }),
  ),
  limit: opt(
    int32({
      default: 5,
      minimum: 1,
      maximum: 10,
      description: 'Number of results to be returned. Max value is 10.',
    }),
  ),
  offset: opt(
    int32({
      default: 0,
      minimum: 0,
      maximum: INT32_MAX,
      description: 'Index of the first returned result.',
    }),
  ),
});
export type TracingQuery = Static<typeof TracingQuery>;

const Measure = closed({
  value: nullableDouble({ examples: [13030] }),
  unit: nullableText({ maxLength: 5, minLength: 0, examples: ['KGM'] }),
});

const Measures = closed({
  quantity: nullableInt32({ description: 'Number of packages.' }),
  weight: opt(closed({ tare: opt(Measure), grossWeight: opt(Measure), netWeight: opt(Measure) })),
  volume: opt(Measure),
  remainingQuantity: nullableInt32(),
  availableQuantity: nullableInt32(),
  reportedQuantity: nullableInt32(),
  remainingWeight: opt(Measure),
});

const Indicators = closed({
  hazardous: flag('Hazardous indicator.'),
  empty: flag('Whether the equipment is empty or laden.'),
  reefer: flag('Reefer indicator.'),
  pollutant: flag('Pollutant indicator.'),
  fumigation: flag('Fumigation indicator.'),
  quarantine: flag('Quarantine indicator.'),
});

const Reference = closed({
  type: opt(oneOf(['Rank', 'SequenceNumber'] as const)),
  value: nullableText(),
});

const Shipment = closed({
  documentReference: nullableText({ maxLength: 32, minLength: 0, examples: ['HLCUEUR2002APIK9'] }),
  documentId: nullableText(ID),
  documentType: nullableInt32({ description: 'UN/EDIFACT 1001.', examples: [705] }),
  documentDate: nullableDateTime(),
  originLocation: nullableText({ maxLength: 20, minLength: 0 }),
  destinationLocation: nullableText({ maxLength: 20, minLength: 0 }),
  processingIndicator: opt(
    oneOf(['Unknown', 'Transit', 'Transhipment', 'Import', 'Export'] as const),
  ),
  merchantHaulage: flag('The freight forwarder may modify the shipment.'),
});
export type Shipment = Static<typeof Shipment>;

const MeansId = closed({
  type: opt(oneOf(['IMONumber', 'CallSign', 'IATA', 'ICAO'] as const)),
  name: nullableText({ maxLength: 10, minLength: 0, examples: ['9360142'] }),
});

const Transport = closed({
  meansName: nullableText({ maxLength: 384, minLength: 0, examples: ['MSC EYRA'] }),
  voyageId: nullableText(ID),
  mode: opt(int32({ description: 'UN/ECE Recommendation 19.' })),
  meansNationality: nullableText({ description: 'ISO 3166 alpha-3.', examples: ['GBR'] }),
  voyageDates: opt(
    closed({
      eta: nullableDateTime(),
      etd: nullableDateTime(),
      ata: nullableDateTime(),
      atd: nullableDateTime(),
    }),
  ),
  schedulePlace: nullableText({ maxLength: 5, minLength: 0, examples: ['FRLEH'] }),
  voyageAgentId: nullableText(ID),
  voyageAgentReference: nullableText(),
  meansType: nullableText(),
  meansId: nullableList(MeansId),
  arrivalScheduleReference: nullableText({ maxLength: 384, minLength: 0 }),
  departureScheduleReference: nullableText({ maxLength: 384, minLength: 0 }),
});
export type Transport = Static<typeof Transport>;

const EventInformation = closed(
  {
    eventType: nullableText({ examples: ['GIR'] }),
    eventDate: opt(dateTime({ examples: ['2019-11-12T07:41:00+08:30'] })),
    eventPlace: nullableText({ examples: ['FRLEH'] }),
    eventLocation: nullableText({ examples: ['MTNOTMS'] }),
    eventWay: opt(oneOf(['In', 'Out', 'Undefined'] as const)),
    eventTransportMode: opt(int32({ description: 'UN/ECE Recommendation 19.' })),
  },
  { description: 'A movement of the handling unit, or an authorization on it, that occurred.' },
);
export type EventInformation = Static<typeof EventInformation>;

export const HandlingUnit = closed({
  reference: nullableText({ maxLength: 17, minLength: 0, examples: ['CGMU2436601'] }),
  pswId: nullableText({ ...ID, description: 'The SPI.', examples: ['CNI0000063978'] }),
  freightFamily: opt(
    oneOf(['Container', 'BreakBulk', 'SolidBulk', 'LiquidBulk', 'MobileUnits'] as const),
  ),
  sizeType: nullableText({ examples: ['22G1'] }),
  packagingCode: nullableText({ examples: ['PK'] }),
  measures: opt(Measures),
  indicators: opt(Indicators),
  references: nullableList(Reference),
  customsFlag: opt(oneOf(CUSTOMS_FLAGS)),
  huLocation: opt(closed({ place: nullableText(), location: nullableText() })),
  actors: opt(closed({ freightAgent: nullableText(), freightForwarder: nullableText() })),
  temperatures: opt(
    closed({ setPoint: nullableDouble(), rangeMin: nullableDouble(), rangeMax: nullableDouble() }),
  ),
  shipments: nullableList(Shipment),
  transport: opt(Transport),
  events: nullableList(EventInformation),
  hazardousItems: nullableList(
    closed({ imoClass: nullableText(), limitedQuantity: opt(nullable(Type.Boolean())) }),
  ),
  emptyReturn: opt(
    closed({
      dueDate: opt(dateTime()),
      finishDateEarliest: opt(dateTime()),
      finishDateLatest: opt(dateTime()),
    }),
  ),
});
export type HandlingUnit = Static<typeof HandlingUnit>;
/** The type of one member when it is given. */
export type PartOf<K extends keyof HandlingUnit> = Exclude<HandlingUnit[K], undefined>;

export const HandlingUnitItemsResponseModel = closed({
  total: opt(int32({ description: 'Total amount of objects matching given parameters.' })),
  returned: opt(int32({ description: 'Amount of objects returned by the paginated query.' })),
  first: opt(int32({ description: 'Index of the first returned object.' })),
  items: nullableList(HandlingUnit, { description: 'Items returned by the query.' }),
});
export type HandlingUnitItemsResponseModel = Static<typeof HandlingUnitItemsResponseModel>;
