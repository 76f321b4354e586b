/**
 * Shapes that all subjects of the hub's own API share: ids, pages, references, problems. The shapes
 * of one subject stand under `schemas/`.
 */
import Type, { type Static } from 'typebox';
import { DOCUMENT_TYPES } from '../../events/types.ts';
import { maybe } from '../../lib/maybe.ts';
import { closed, nullable, oneOf } from '../../lib/schema.ts';

export const pageLimitMax = 200;
export const pageLimitDefault = 50;

/** A UUID of any version, in either case. */
export const Id = Type.String({
  pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
  description: 'Id, a UUID.',
});

/** The id in a path is not checked here: one that cannot be an id is simply not found. */
export const IdParams = Type.Object({ id: Type.String() });
export type IdParams = Static<typeof IdParams>;

/** No space at either end; linear. */
const TRIMMED = '^\\S(.*\\S)?$';

export const Reference = Type.String({
  minLength: 1,
  maxLength: 35,
  pattern: TRIMMED,
  description: 'Number of a container, lot or parcel; one number may name several passages.',
  examples: ['CSQU3054383'],
});

export const Spi = Type.String({
  pattern: '^[A-Z]{3}[0-9]{10}$',
  description: 'SPI: 3 letters and 10 digits, the name of exactly one passage.',
  examples: ['CNI0000063978'],
});

export const DocumentNumber = Type.String({ minLength: 1, maxLength: 64, pattern: TRIMMED });

/** A name that people gave something: visible text. */
export const Name = Type.String({ minLength: 1, maxLength: 255, pattern: TRIMMED });

export const Document = closed({ type: oneOf(DOCUMENT_TYPES), reference: DocumentNumber });

/** A time in a query or in a body: checked when it is decoded. */
export const Instant = Type.String({
  maxLength: 40,
  description: 'ISO 8601 with an offset.',
  examples: ['2026-11-20T14:00:00+01:00'],
});

export const pageMembers = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: pageLimitMax, default: pageLimitDefault }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: '`nextCursor` of the page before.' }),
  ),
};

export const PageQuery = closed(pageMembers);
export type PageQuery = Static<typeof PageQuery>;

export function pageOf<T extends Parameters<typeof Type.Array>[0]>(item: T) {
  return Type.Object(
    {
      items: Type.Array(item),
      nextCursor: nullable(Type.String({ description: 'Null on the last page.' })),
    },
    { description: 'A page, in a stable order.' },
  );
}

export const UnitRef = Type.Object({
  id: Type.String(),
  reference: Type.String(),
  spi: nullable(Type.String({ description: 'Null when unknown.' })),
});

export const Warnings = Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
  description: 'What looks wrong without being refused.',
});

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Any text of your own; a repeat with the same text gets the first answer.',
    }),
  ),
});

export const ownerMember = {
  organization: maybe({
    ...Id,
    description: 'Owner. Required with the admin key; else it is the organization of the token.',
  }),
};

/** RFC 9457, with our stable `code` and, for bad input, the faults. */
export const ProblemBody = Type.Object({
  type: Type.String({ description: 'about:blank: `code` is the word to act on.' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  instance: Type.String({ description: 'Path of the request.' }),
  code: Type.String(),
  requestId: Type.String({ description: 'Tell it when you report the fault.' }),
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
});
export type ProblemBody = Static<typeof ProblemBody>;
