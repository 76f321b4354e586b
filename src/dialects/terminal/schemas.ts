/**
 * Shapes of the subscription, of the event and of the list of past events. Names and order are
 * those of the published samples; lengths are ours, since none are printed.
 */
import Type, { type Static } from 'typebox';
import { SUBSCRIPTION_STATES } from '../../events/subscription.ts';
import { nullable, objectOrNull, oneOf } from '../../lib/schema.ts';
import { CALLBACK_CHARS_MAX } from './push-address.ts';

const opt = Type.Optional;
const referenceCharsMax = 35;

const text = (description: string) => nullable(Type.String({ description }));
const dateTime = (description: string) =>
  Type.String({ description, examples: ['2018-03-13T11:30:00.000-05:00'] });

function nullableOneOf<const T extends readonly string[]>(values: T) {
  return Type.Unsafe<T[number] | null>({ type: ['string', 'null'], enum: [...values, null] });
}

/* ---- subscription ----------------------------------------------------------------------------- */

const referenceGiven = (description: string) =>
  opt(nullable(Type.String({ maxLength: referenceCharsMax, description })));

const nullNote = 'Null, missing, empty and the text "null" mean the same.';

/** Members that are not named here are ignored (ours). */
export const NewEventSubscription = Type.Object(
  {
    callbackUrl: Type.String({
      minLength: 1,
      maxLength: CALLBACK_CHARS_MAX,
      description:
        'Events are posted to this address followed by `/api/v1/transportEvents/{event name}`. ' +
        'One trailing slash is dropped, a query stays behind the path, a fragment is refused.',
    }),
    bookingReference: referenceGiven(
      `Booking of the container. Required unless transportDocumentID is given. ${nullNote}`,
    ),
    transportDocumentID: referenceGiven(
      `Bill of lading of the container. Required unless bookingReference is given. ${nullNote}`,
    ),
    transportDocumentType: referenceGiven(
      `Required with transportDocumentID, and then \`BOL\`. ${nullNote}`,
    ),
    equipmentReference: Type.String({
      minLength: 1,
      maxLength: referenceCharsMax,
      description: 'Container number, in any case, with or without spaces and hyphens.',
    }),
  },
  {
    examples: [
      {
        callbackUrl: 'https://myserver.com/send/callback/here',
        bookingReference: null,
        transportDocumentID: 'ABCD421911263977',
        transportDocumentType: 'BOL',
        equipmentReference: 'APZU4812090',
      },
    ],
  },
);
export type NewEventSubscription = Static<typeof NewEventSubscription>;

/** Beside the published body: this parameter is ours. */
export const CreationQuery = Type.Object({
  since: opt(
    Type.String({
      maxLength: 40,
      description:
        'RFC 3339 with an offset (ours). Events of the container recorded from then on are posted ' +
        'too, in the order of their recording and before new ones. Of a subscription that is there ' +
        'already it changes nothing.',
      examples: ['2026-11-20T14:00:00+01:00'],
    }),
  ),
});
export type CreationQuery = Static<typeof CreationQuery>;

export const EventSubscription = Type.Object({
  subscriptionID: Type.String({ format: 'uuid' }),
  callbackUrl: Type.String(),
  bookingReference: text('Booking that the subscription was made with.'),
  transportDocumentID: text('Bill of lading that the subscription was made with.'),
  transportDocumentType: text('`BOL` where there is a transportDocumentID.'),
  equipmentReference: Type.String({ description: 'Container number as it was given.' }),
  state: opt(
    oneOf(
      SUBSCRIPTION_STATES.filter((state) => state !== 'active'),
      { description: 'Only where the subscription is not active: why nothing is pushed.' },
    ),
  ),
});
export type EventSubscription = Static<typeof EventSubscription>;

export const EventSubscriptions = Type.Array(EventSubscription);

export const IdParams = Type.Object({ id: Type.String() });
export type IdParams = Static<typeof IdParams>;

/* ---- event ------------------------------------------------------------------------------------ */

const Location = Type.Object({
  unlocode: opt(Type.String({ description: 'UN/LOCODE.' })),
  smdgTerminal: opt(Type.String({ description: 'UN/LOCODE, a hyphen, and the terminal.' })),
  geoCoord: opt(Type.Object({ latitude: Type.Number(), longitude: Type.Number() })),
  description: opt(Type.String()),
});

export const TransportEvent = Type.Object(
  {
    originatorName: Type.String({ description: 'Organization that told the event.' }),
    originatorId: Type.String({ description: 'Its id at the hub.' }),
    eventSubmissionTime8601: dateTime('When the hub recorded the event.'),
    transportEquipmentId: text('Id of this passage of the container at the hub.'),
    transportEquipmentRef: text('Always null.'),
    equipmentNumber: text('Container number.'),
    carrierBookingNumber: text('Booking.'),
    billOfLadingNumber: text('Bill of lading.'),
    eventOccurrenceTime8601: dateTime('When it happened, or is expected to.'),
    transportationPhase: nullableOneOf(['Import', 'Export', 'Transshipment', 'Domestic']),
    location: objectOrNull(Location),
    vehicleId: text('IMO number of a vessel, plate of a truck, as told.'),
    vehicleName: text('Name of the vehicle.'),
    fullStatus: nullableOneOf(['Full', 'Empty']),
    terminal: text('Location code of the terminal, as told.'),
  },
  { description: 'Every member is present; null means unknown.' },
);
export type TransportEvent = Static<typeof TransportEvent>;

export const PastEvent = Type.Object({
  eventType: Type.String({ examples: ['actualGateIn'] }),
  eventData: TransportEvent,
});
export type PastEvent = Static<typeof PastEvent>;

export const PastEvents = Type.Array(PastEvent);

/* ---- error ------------------------------------------------------------------------------------ */

export const ErrorBody = Type.Object({
  code: Type.String({ description: 'Stable; act on this one.' }),
  message: Type.String(),
  timestamp: Type.String({ format: 'date-time' }),
  errors: opt(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
});
export type ErrorBody = Static<typeof ErrorBody>;
