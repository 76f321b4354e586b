/**
 * Shapes of the two event logs. Members stand in the order in which the network lists them; every
 * one is always there, null where nothing is known.
 */
import Type, { type Static, type TProperties } from 'typebox';
import { nullable } from '../../lib/schema.ts';

const text = (maxLength: number, description?: string) =>
  nullable(Type.String({ maxLength, ...(description === undefined ? {} : { description }) }));
const coordinate = (description: string) =>
  nullable(
    Type.Number({ description: `${description}, decimal degrees, rounded to 9 characters.` }),
  );
const wholeNumber = (description: string) => nullable(Type.Integer({ description }));

// A `type` list instead of a union, so that the serialiser need not try each branch.
function objectOrNull<T extends TProperties>(properties: T, description: string) {
  const schema = Type.Object(properties);
  type Value = Static<typeof schema> | null;
  return Type.Unsafe<Value>({ ...schema, type: ['object', 'null'], description });
}

const keyMembers = {
  apiKey: Type.String({ description: 'Three digits.', examples: ['013'] }),
  description: nullable(
    Type.String({ description: 'In the language asked for; null for an unknown id.' }),
  ),
  i18nKey: nullable(Type.String({ description: 'Key for translations of your own.' })),
};

/** What both logs say of an event, behind its parcel's numbers. */
const eventMembers = {
  eventTime: Type.String({
    description: 'Local time in Europe/Oslo, yyyy-MM-dd HH:mm:ss.',
    examples: ['2022-08-04 13:51:00'],
  }),
  eventTimeUtc: Type.String({
    maxLength: 27,
    description: 'The same in UTC, with up to six fraction digits; never ambiguous.',
    examples: ['2022-08-04T11:51:00Z'],
  }),
  lat: coordinate('Latitude'),
  lon: coordinate('Longitude'),
  locationContext: text(255, 'Place as shown to the consumer.'),
  locationContextId: text(10, 'Id of that place.'),
  eventType: Type.Object(keyMembers),
  additionalInfo: objectOrNull(keyMembers, 'What refines the event type.'),
  eventGroup: Type.Object({ id: Type.Integer(), name: Type.String() }),
  communicationChannel: nullable(Type.String({ examples: ['SMS'] })),
  changeUserId: wholeNumber('Always null: for the highest access level only.'),
  regSystem: Type.Object(
    {
      id: Type.Integer({ description: 'Number of the registering organization in this hub.' }),
      name: nullable(Type.String({ description: 'Name of the registering organization.' })),
    },
    { description: 'Who registered the event.' },
  ),
  message: text(255, 'Free text of the registering system.'),
};

export const ParcelLogEvent = Type.Object(eventMembers);
export type ParcelLogEvent = Static<typeof ParcelLogEvent>;

export const LogEvent = Type.Object({
  shipmentNumber: text(35),
  trackingReference: Type.String({
    description: 'As booked.',
    examples: ['(00)370724760010119754'],
  }),
  ...eventMembers,
});
export type LogEvent = Static<typeof LogEvent>;

export const Log = Type.Array(LogEvent, { description: 'Events, oldest first.' });

export const LogItem = Type.Object({
  trackingNumber: Type.String({ description: 'As booked; text, because an S10 has letters.' }),
  returnCode: text(10),
  freightProductId: wholeNumber('Id of the way of delivery.'),
  freightProductName: text(50),
  parcelStatus: text(25, 'In the language asked for, from the newest event that tells one.'),
  linkedParcelNumbers: Type.Array(Type.String(), {
    description: 'Other numbers of the same physical parcel.',
  }),
  events: Type.Array(ParcelLogEvent, { description: 'Oldest first.' }),
});
export type LogItem = Static<typeof LogItem>;

export const Shipment = Type.Object(
  {
    shipmentNumber: text(35, 'As booked; text, because it may be longer than a number can be.'),
    shopName: text(50),
    shopId: wholeNumber('Id of the shop.'),
    consigneeReference: text(35),
    consignorReference: text(35),
    properties: Type.Null({ description: 'Not used.' }),
    items: Type.Array(LogItem),
  },
  { description: 'The parcels found, with their events.' },
);
export type Shipment = Static<typeof Shipment>;

export const LogParams = Type.Object({
  identifier: Type.String({
    minLength: 1,
    maxLength: 35,
    pattern: '\\S',
    description: 'Shipment number, tracking reference (any spelling of an SSCC) or return code.',
    examples: ['370724760010119754'],
  }),
  locale: Type.String({
    maxLength: 35,
    description: 'Language of the texts: NO, EN or SE, in any case.',
    examples: ['NO'],
  }),
  onlyLastEvent: Type.Boolean({
    description: 'Whether only the newest event of each parcel is wanted; in any case.',
  }),
});
export type LogParams = Static<typeof LogParams>;
