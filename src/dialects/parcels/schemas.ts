/**
 * Shapes of the parcel network's calls: its documented fields and limits. Members that are not
 * documented are tolerated, because the network says that new ones may appear.
 */
import Type, { type Static } from 'typebox';
import { nullable } from '../../lib/schema.ts';

const opt = Type.Optional;
// At least one visible character, however long; linear.
const notBlank = '\\S';

export const Credentials = Type.Object({
  username: Type.String({ minLength: 1, maxLength: 255, examples: ['wsfoobar'] }),
  password: Type.String({
    minLength: 1,
    maxLength: 1024,
    examples: ['a-very-very-long-password'],
  }),
});
export type Credentials = Static<typeof Credentials>;

export const MinutesValid = Type.Object({
  minutesValid: Type.Integer({
    minimum: 1,
    maximum: 1440,
    description: 'Life of the token in whole minutes.',
  }),
});
export type MinutesValid = Static<typeof MinutesValid>;

export const Token = Type.Object({ token: Type.String() }, { description: 'The token.' });

export const Registration = Type.Object({
  trackingReference: Type.String({
    minLength: 1,
    maxLength: 35,
    pattern: notBlank,
    description:
      'Number of the parcel, typically an SSCC; (00) and 18 digits, 00 and 18 digits, and ' +
      '18 digits alone name the same parcel.',
    examples: ['(00)370724760010119754'],
  }),
  eventTime: Type.String({
    maxLength: 40,
    description: 'When it happened in the source system: ISO 8601 with an offset.',
    examples: ['2020-01-31T00:01:00.000+01:00'],
  }),
  lat: opt(
    nullable(
      Type.Number({
        minimum: -90,
        maximum: 90,
        description: 'Latitude, decimal degrees. Only together with lon.',
        examples: [59.911096],
      }),
    ),
  ),
  lon: opt(
    nullable(
      Type.Number({
        minimum: -180,
        maximum: 180,
        description: 'Longitude, decimal degrees. Only together with lat.',
        examples: [10.752457],
      }),
    ),
  ),
  locationContext: opt(
    nullable(
      Type.String({
        maxLength: 255,
        description: 'Place as shown to the consumer.',
        examples: ['Oslo'],
      }),
    ),
  ),
  locationContextId: opt(
    nullable(Type.String({ maxLength: 10, description: 'Id of that place.', examples: ['34567'] })),
  ),
  eventType: Type.String({
    pattern: '^[0-9]{3}$',
    description:
      'Id of what happened, three digits with leading zeros. An id that is not known here ' +
      'is recorded all the same.',
    examples: ['001'],
  }),
  additionalInfo: opt(
    nullable(
      Type.String({
        pattern: '^([0-9]{3})?$',
        description: 'Id that refines the event type, three digits with leading zeros.',
        examples: ['001'],
      }),
    ),
  ),
  comChannelType: opt(
    nullable(
      Type.String({
        maxLength: 20,
        description: 'How a communication was sent: SMS, EMAIL or another word.',
        examples: ['SMS'],
      }),
    ),
  ),
  message: opt(
    nullable(Type.String({ maxLength: 255, description: 'Free text of the registering system.' })),
  ),
});
export type Registration = Static<typeof Registration>;

export const Registered = Type.Object(
  {
    eventId: Type.String({ description: 'Id of the event in this hub.' }),
    trackingReference: Type.String({ description: 'As sent.' }),
    duplicate: Type.Boolean({ description: 'True when the same event was registered before.' }),
  },
  { description: 'The event is registered.' },
);

/** The shape is ours: the network says that errors have a body and does not print it. */
export const ErrorBody = Type.Object({
  statusCode: Type.Integer(),
  errorKey: Type.String({ description: 'Stable word for what is wrong.' }),
  errorMessage: Type.String(),
  errorMap: Type.Unsafe<Record<string, string>>({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'What is wrong with which field.',
  }),
  errorTrackingNr: nullable(Type.String({ description: 'Tell it when you report the fault.' })),
});
export type ErrorBody = Static<typeof ErrorBody>;
