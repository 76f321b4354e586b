/**
 * Shapes of an order, as it is sent and as it is given back. Names, requiredness and lists are those of
 * the partner's tables; lengths are ours, since none are printed. Members that no table names are
 * kept and given back, so every object is open. Null means the same as missing.
 */
import Type, { type Static, type TSchema } from 'typebox';
import { maybe, maybeList, maybeOneOf } from '../../lib/maybe.ts';
import { oneOf } from '../../lib/schema.ts';
import { COUNTRY, DAY, TIME } from './formats.ts';
import {
  ADR_CLASSES,
  CURRENCIES,
  EVENT_TYPES,
  TRUCK_BODIES,
  TYPES_OF_LOAD,
  WAYS_OF_LOADING,
} from './words.ts';

const wordCharsMax = 255;
const remarksCharsMax = 20_000;
/** As long as the document reference of a handling unit may be: it has to name the order. */
const numberCharsMax = 64;
const stopsMax = 100;
const loadsMax = 1_000;
const wordsMax = 100;

/** Marks members that stand in the partner's samples and in no table: given back only when sent. */
export const UNTABLED = 'x-only-in-samples';
const untabled = { [UNTABLED]: true };

const word = (description: string, options: object = {}) =>
  maybe(Type.String({ maxLength: wordCharsMax, description, ...options }));
const required = (description: string, options: object = {}) =>
  Type.String({ maxLength: wordCharsMax, pattern: '\\S', description, ...options });
const flag = (description: string) => maybe(Type.Boolean({ description }));

function maybeObject<T extends TSchema & { type: string }>(schema: T, options: object = {}) {
  const open = { ...schema, type: ['object', 'null'], ...options };
  return Type.Optional(Type.Unsafe<Static<T> | null>(open));
}

/** Text in the table, whole number or null in the samples: all of them, as sent. */
const personId = (description: string) =>
  Type.Optional(
    Type.Unsafe<string | number | null>({
      type: ['integer', 'string', 'null'],
      maxLength: wordCharsMax,
      description,
    }),
  );

/* ---- places and times --------------------------------------------------------------------------- */

const Address = Type.Object({
  street: word('Street name.'),
  number: word('Street number.', { examples: ['22/11'] }),
  locality: required('City name.'),
  postal_code: required('Postal code; not compared with the city or the country.'),
  country: Type.String({ format: COUNTRY, description: 'ISO 3166-1 alpha-2.', examples: ['PL'] }),
});

const Coordinates = Type.Object({
  latitude: Type.Number({ minimum: -90, maximum: 90 }),
  longitude: Type.Number({ minimum: -180, maximum: 180 }),
});

const TimeFrame = Type.Object({
  day: maybe(Type.String({ format: DAY, description: 'YYYY-MM-DD.', examples: ['2017-02-20'] })),
  time_from: maybe(Type.String({ format: TIME, examples: ['11:20:00+01:00'] })),
  time_to: maybe(
    Type.String({
      format: TIME,
      description: 'Before `time_from`: on the next day.',
      examples: ['16:59:59+00:00'],
    }),
  ),
});

const RouteEvent = Type.Object({
  place: Type.Object({
    address: Address,
    coordinates: maybeObject(Coordinates, untabled),
  }),
  time_frame: TimeFrame,
  type: oneOf(EVENT_TYPES),
});
export type RouteEvent = Static<typeof RouteEvent>;

const Route = Type.Object({
  events: Type.Array(RouteEvent, { minItems: 1, maxItems: stopsMax }),
});

/* ---- parties ------------------------------------------------------------------------------------ */

const ContactPerson = Type.Object({
  contact_id: personId("Person's contact id."),
  employee_id: personId('Employee id from the Companies API.'),
  trans_id: word("Person's TransID: company, hyphen, employee.", { examples: ['1008544-1'] }),
  given_name: required("Person's first name."),
  family_name: required("Person's last name."),
  email: required('E-mail address.', { pattern: '^[^\\s@]+@[^\\s@]+$' }),
  telephone: word('Any text; (XX) XXXXXXXXX is usual.'),
  fax: word('Any text.', untabled),
});

const Contractor = Type.Object({
  name: required('Company name.'),
  vat_id: word('Company VAT id, with or without its country.'),
  address: maybeObject(Address),
  contact_person: maybeObject(ContactPerson),
  language: word('Language of the company.', { ...untabled, examples: ['PL'] }),
  organization_id: maybe(
    Type.String({
      format: 'uuid',
      description: 'Ours: id of an organization at this hub. It may read the order.',
      ...untabled,
    }),
  ),
});
export type Contractor = Static<typeof Contractor>;

/* ---- loads -------------------------------------------------------------------------------------- */

function quantity<const U extends string>(unit: U, description: string) {
  return Type.Object(
    { value: Type.Number({ minimum: 0 }), unit_code: oneOf([unit] as const) },
    { description },
  );
}
const Dimension = quantity('M', 'In metres.');

const Load = Type.Object({
  name: word('Load name.'),
  type_of_load: maybeOneOf(TYPES_OF_LOAD),
  weight: quantity('TNE', 'In tons.'),
  volume: maybeObject(quantity('M3', 'In cubic metres.')),
  height: maybeObject(Dimension),
  width: maybeObject(Dimension),
  length: maybeObject(Dimension),
  amount: maybe(Type.Number({ minimum: 0, description: 'Amount of loads.' })),
});

/* ---- the order ---------------------------------------------------------------------------------- */

const Payment = Type.Object({
  price: Type.Object({
    value: Type.Number({ exclusiveMinimum: 0 }),
    currency: oneOf(CURRENCIES, { description: 'ISO 4217.' }),
  }),
  interval_of_days: Type.String({
    pattern: '^P\\d{1,5}D$',
    description: 'ISO 8601 duration in days.',
    examples: ['P10D'],
  }),
});

const Vehicle = Type.Object({
  registration_plate_number: word("Vehicle's registration plate number."),
  semi_trailer: maybeObject(
    Type.Object({ registration_plate_number: word("Trailer's registration plate number.") }),
  ),
});

const Driver = Type.Object({
  employee_id: personId('Employee id from the Companies API.'),
  family_name: word("Person's last name."),
  given_name: word("Person's given name."),
  identity_document_number: word("Driver's ID document number."),
  telephone: word('Any text; (XX) XXXXXXXXX is usual.'),
});

/** Texts; numbers are taken for them on the way in. */
const AdrClass = Type.Unsafe<string | number>({
  type: ['string', 'number'],
  enum: [...ADR_CLASSES, ...ADR_CLASSES.map(Number)],
});

const Requirements = Type.Object({
  is_ftl: flag('Full truck load.'),
  is_tracking_system_required: flag('Tracking system.'),
  is_truck_crane_required: flag('Truck crane.'),
  is_lift_required: flag('Lift.'),
  is_tir_cable_required: flag('TIR cable.'),
  shipping_remarks: word('Remarks to the shipping.', { maxLength: remarksCharsMax }),
  required_ways_of_loading: maybeList(oneOf(WAYS_OF_LOADING), { maxItems: wordsMax }),
  required_truck_bodies: maybeList(oneOf(TRUCK_BODIES), { maxItems: wordsMax }),
  required_adr_classes: maybeList(AdrClass, { maxItems: wordsMax }),
});

const members = {
  number: Type.String({
    maxLength: numberCharsMax,
    pattern: '^\\S(.*\\S)?$',
    description: 'Order number, unique in your company.',
    examples: ['EN/15022021/10'],
  }),
  route: Route,
  loads: maybeList(Load, { maxItems: loadsMax }),
  shipper: maybeObject(Contractor, {
    description: 'Your company; filled in where it is not sent.',
    ...untabled,
  }),
  carrier: maybeObject(Contractor),
  payer: maybeObject(Contractor),
  payment: maybeObject(Payment),
  driver: maybeObject(Driver),
  vehicle: maybeObject(Vehicle),
  requirements: maybeObject(Requirements),
};

export const ShippingOrder = Type.Object(members, {
  description: 'Members that are not named here are kept and given back.',
});
export type ShippingOrder = Static<typeof ShippingOrder>;

const link = (name: 'id' | 'employee_id') =>
  Type.Optional(
    Type.Object({ [name]: Type.Number(), href: Type.String() }, { description: 'Where known.' }),
  );

export const Order = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'Unique order id.' }),
    ...members,
    _links: Type.Object({
      self: Type.Object({ href: Type.String() }),
      carrier_company: link('id'),
      carrier_contact_person: link('employee_id'),
      shipper_company: link('id'),
      shipper_contact_person: link('employee_id'),
    }),
  },
  { description: 'Every member of the tables is there; null means that there is no value.' },
);

export const IdParams = Type.Object({ id: Type.String({ description: 'The `id` of the order.' }) });
export type IdParams = Static<typeof IdParams>;

export const ProblemBody = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  validation_messages: Type.Optional(
    Type.Unsafe<Record<string, Record<string, string>>>({
      type: 'object',
      description: 'By the dotted path of the field, then by the name of the rule.',
      additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
    }),
  ),
});
export type ProblemBody = Static<typeof ProblemBody>;
