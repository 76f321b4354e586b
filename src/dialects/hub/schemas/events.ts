/** Shapes of events: as sent in, as answered, as asked for. */
import Type, { type Static } from 'typebox';
import { CLASSIFIERS, DIRECTIONS, EVENT_TYPES, WAYS } from '../../../events/types.ts';
import { maybe, maybeClosed, maybeList, maybeOneOf } from '../../../lib/maybe.ts';
import { closed, oneOf } from '../../../lib/schema.ts';
import {
  Document,
  Id,
  Instant,
  pageMembers,
  pageOf,
  Reference,
  Spi,
  Warnings,
} from '../schemas.ts';

const text = (maxLength: number, description: string) =>
  maybe(Type.String({ minLength: 1, maxLength, description }));

const Place = maybeClosed({
  unlocode: maybe(
    Type.String({
      pattern: '^[A-Z]{2}[A-Z2-9]{3}$',
      description: 'UN/LOCODE.',
      examples: ['FRLEH'],
    }),
  ),
  location: text(35, 'A location code of your own, e.g. a terminal.'),
  name: text(255, 'Name of the place.'),
  latitude: maybe(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: maybe(Type.Number({ minimum: -180, maximum: 180 })),
});

const Vehicle = maybeClosed({
  id: text(64, 'IMO number of a vessel, plate of a truck, …'),
  name: text(255, 'Name of the vehicle.'),
  voyage: text(64, 'Voyage or trip.'),
});

export const EventBody = closed({
  unit: closed(
    { id: maybe(Id), reference: maybe(Reference), spi: maybe(Spi) },
    { description: 'Names the handling unit; at least one member.' },
  ),
  type: Type.String({
    minLength: 1,
    maxLength: 64,
    pattern: '^\\S(.*\\S)?$',
    description: `What happened: ${EVENT_TYPES.join(', ')}. Any other word is kept, as \`other\`.`,
    examples: ['gated-out'],
  }),
  classifier: maybeOneOf(CLASSIFIERS, { description: '`actual` when missing.' }),
  occurredAt: Instant,
  place: Place,
  mode: Type.Optional(
    Type.Unsafe<number | string | null>({
      type: ['integer', 'string', 'null'],
      minimum: 0,
      maximum: 99,
      maxLength: 20,
      description: 'UN/ECE Recommendation 19, or one of its words, e.g. `road`.',
      examples: [3, 'road'],
    }),
  ),
  direction: maybeOneOf(DIRECTIONS),
  way: maybeOneOf(WAYS),
  vehicle: Vehicle,
  full: maybe(Type.Boolean({ description: 'True: full, false: empty.' })),
  documents: maybeList(Document, { maxItems: 50 }),
  message: text(1000, 'Free text.'),
  additionalInfo: text(35, 'A code that refines the type.'),
  channel: text(35, 'How a communication was sent, e.g. `SMS`.'),
  codes: Type.Optional(
    Type.Unsafe<Record<string, string> | null>({
      type: ['object', 'null'],
      propertyNames: { pattern: '^[a-z0-9][a-z0-9-]{0,31}$' },
      additionalProperties: { type: 'string', minLength: 1, maxLength: 35 },
      maxProperties: 10,
      description: "Partners' own codes of this event, by dialect.",
    }),
  ),
  replaces: maybe({ ...Id, description: 'Id of the event that this one corrects.' }),
  retracts: maybe({ ...Id, description: 'Id of the event that this one withdraws.' }),
  organization: maybe({ ...Id, description: 'Who speaks; for the admin key, else your own.' }),
});
export type EventBody = Static<typeof EventBody>;

export const eventsMax = 1000;

export const EventsBody = Type.Union([
  EventBody,
  Type.Array(EventBody, { minItems: 1, maxItems: eventsMax }),
]);

export const EventsRecorded = Type.Object(
  {
    events: Type.Array(
      Type.Object({
        id: Type.Optional(Type.String({ description: 'Missing when rejected.' })),
        status: oneOf(['recorded', 'duplicate', 'rejected']),
        error: Type.Optional(
          Type.Object({ code: Type.String(), path: Type.String(), message: Type.String() }),
        ),
        warnings: Type.Optional(Warnings),
      }),
    ),
  },
  { description: 'One result per event, in the order sent. What is recorded is durable.' },
);

const optText = () => Type.Optional(Type.String());

/** The canonical event. Members that an event does not have are left out. */
export const Event = Type.Object({
  id: Type.String(),
  unit: Type.Object({ id: Type.String(), reference: Type.String(), spi: optText() }),
  type: oneOf(EVENT_TYPES),
  classifier: oneOf(CLASSIFIERS),
  occurredAt: Type.String({ description: 'As received, with its own offset.' }),
  occurredAtUtc: Type.String({ description: 'The same instant in UTC, to the microsecond.' }),
  recordedAt: Type.String({ description: "The hub's clock." }),
  mode: Type.Optional(Type.Integer()),
  direction: Type.Optional(oneOf(DIRECTIONS)),
  way: Type.Optional(oneOf(WAYS)),
  place: Type.Optional(
    Type.Object({
      unlocode: optText(),
      location: optText(),
      name: optText(),
      latitude: Type.Optional(Type.Number()),
      longitude: Type.Optional(Type.Number()),
    }),
  ),
  vehicle: Type.Optional(Type.Object({ id: optText(), name: optText(), voyage: optText() })),
  full: Type.Optional(Type.Boolean()),
  documents: Type.Optional(Type.Array(Document)),
  message: optText(),
  additionalInfo: optText(),
  channel: optText(),
  codes: Type.Optional(
    Type.Unsafe<Record<string, string>>({
      type: 'object',
      additionalProperties: { type: 'string' },
    }),
  ),
  source: Type.Object({ organization: Type.String(), dialect: Type.String(), code: optText() }),
  replaces: optText(),
  retracts: optText(),
});

export const EventPage = pageOf(Event);

const instant = Type.Optional(Instant);

export const EventQuery = closed({
  unit: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Id, reference or SPI.' }),
  ),
  type: Type.Optional(oneOf(EVENT_TYPES)),
  occurredFrom: instant,
  occurredTo: instant,
  recordedFrom: instant,
  recordedTo: instant,
  asOf: Type.Optional({ ...Instant, description: 'Answers as things were known then.' }),
  ...pageMembers,
});
export type EventQuery = Static<typeof EventQuery>;
