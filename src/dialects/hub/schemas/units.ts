/** Shapes of handling units. */
import Type, { type Static } from 'typebox';
import {
  CLASSIFIERS,
  CUSTOMS_FLAGS,
  EVENT_TYPES,
  FREIGHT_FAMILIES,
} from '../../../events/types.ts';
import { UnitDetails } from '../../../events/unit-details.ts';
import { maybe, maybeList } from '../../../lib/maybe.ts';
import { closed, oneOf } from '../../../lib/schema.ts';
import {
  Document,
  DocumentNumber,
  Id,
  Instant,
  ownerMember,
  pageMembers,
  pageOf,
  Reference,
  Spi,
  UnitRef,
  Warnings,
} from '../schemas.ts';

const wordNote = 'Case, hyphens and spaces do not count.';

export const FamilyWord = Type.String({
  maxLength: 20,
  description: `One of ${FREIGHT_FAMILIES.join(', ')}. ${wordNote}`,
  examples: ['container'],
});

const Party = closed({
  organization: Id,
  role: Type.String({
    minLength: 1,
    maxLength: 35,
    description: 'A word of yours, e.g. `carrier`; an `observer` may read but not register events.',
  }),
});

/** What the port community's handling unit says beside its details. */
const repeated = {
  reference: maybe(Reference),
  pswId: maybe(Spi),
  freightFamily: maybe(Type.String({ maxLength: 20 })),
  customsFlag: maybe(Type.String({ maxLength: 20 })),
  events: maybeList(Type.Object({}), { maxItems: 1_000 }),
};

export const BookedDetails = closed(
  { ...UnitDetails.properties, ...repeated },
  {
    description:
      "The port community's handling unit as it is published. What it repeats must agree with the " +
      'booking; `pswId` is the SPI. Its `events` are not registered, with a warning.',
  },
);
export type BookedDetails = Static<typeof BookedDetails>;

export const UnitBody = closed({
  reference: Reference,
  spi: maybe(Spi),
  freightFamily: FamilyWord,
  customsFlag: maybe(
    Type.String({
      maxLength: 20,
      description: `One of ${CUSTOMS_FLAGS.join(', ')}; Unknown when missing. ${wordNote}`,
    }),
  ),
  ...ownerMember,
  documents: maybeList(Document, { maxItems: 50 }),
  parties: maybeList(Party, { maxItems: 50 }),
  details: Type.Optional(
    Type.Unsafe<BookedDetails | null>({ ...BookedDetails, type: ['object', 'null'] }),
  ),
});
export type UnitBody = Static<typeof UnitBody>;

export const UnitPut = Type.Object({ ...UnitRef.properties, warnings: Type.Optional(Warnings) });

const optText = (description: string) => Type.Optional(Type.String({ description }));

const State = Type.Object(
  {
    place: optText('UN/LOCODE.'),
    location: optText('Location code, of the same event.'),
    placeName: optText('Name of the place, of the same event.'),
    full: Type.Optional(Type.Boolean({ description: 'True: full, false: empty.' })),
    lastEvent: Type.Object({
      id: Type.String(),
      type: oneOf(EVENT_TYPES),
      classifier: oneOf(CLASSIFIERS),
      occurredAt: Type.String({ description: 'As received, with its own offset.' }),
    }),
  },
  {
    description:
      'By the newest actual event that is neither replaced nor retracted; of place and full or ' +
      'empty, the newest that tells. Missing before the first one.',
  },
);

export const Unit = Type.Object({
  ...UnitRef.properties,
  organization: Type.String({ description: 'Owner.' }),
  freightFamily: oneOf(FREIGHT_FAMILIES),
  customsFlag: oneOf(CUSTOMS_FLAGS),
  documents: Type.Array(Document),
  parties: Type.Array(Party),
  details: UnitDetails,
  createdAt: Type.String(),
  updatedAt: Type.String(),
  state: Type.Optional(State),
});

export const UnitPage = pageOf(Unit);

const asOf = Type.Optional({
  ...Instant,
  description: 'Answers as things were known then; a unit that was booked later is not there.',
});

/** Of one unit. */
export const UnitTime = closed({ asOf });
export type UnitTime = Static<typeof UnitTime>;

export const UnitQuery = closed({
  reference: Type.Optional(Reference),
  spi: Type.Optional(Spi),
  document: Type.Optional(DocumentNumber),
  asOf,
  ...pageMembers,
});
export type UnitQuery = Static<typeof UnitQuery>;
