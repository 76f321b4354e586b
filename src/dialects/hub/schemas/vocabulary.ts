/** Shapes of partners' vocabularies and of the operator's entries in them. */
import Type, { type Static } from 'typebox';
import { CLASSIFIERS, EVENT_TYPES } from '../../../events/types.ts';
import { maybe, maybeOneOf } from '../../../lib/maybe.ts';
import { closed, oneOf } from '../../../lib/schema.ts';
import { Name } from '../schemas.ts';

export const codeCharactersMax = 64;

/** Neither is checked here: an unknown dialect is not found, a code is checked when decoded. */
export const DialectParams = Type.Object({
  dialect: Type.String({ examples: ['parcels'] }),
});
export type DialectParams = Static<typeof DialectParams>;

export const CodeParams = Type.Object({
  ...DialectParams.properties,
  code: Type.String({
    description: `A code of the partner, 1 to ${codeCharactersMax} characters.`,
    examples: ['099'],
  }),
});
export type CodeParams = Static<typeof CodeParams>;

export const EntryBody = closed({
  type: maybeOneOf(EVENT_TYPES, {
    description: 'What the code means. When missing, a code that is known keeps its meaning.',
  }),
  classifier: maybeOneOf(CLASSIFIERS, {
    description: 'When the code tells of a plan, an estimate or a fact only.',
  }),
  label: maybe({ ...Name, description: "In any language. The dialect's own label when missing." }),
  send: maybe(
    Type.Boolean({
      description:
        'Whether events of this type, and of this classifier where one is given, are said with ' +
        'this code. At most one code of a dialect for each of them.',
    }),
  ),
});
export type EntryBody = Static<typeof EntryBody>;

export const Entry = Type.Object({
  code: Type.String(),
  type: oneOf(EVENT_TYPES),
  classifier: Type.Optional(oneOf(CLASSIFIERS)),
  label: Type.String(),
  origin: oneOf(['built-in', 'operator'], {
    description: "Whose entry it is; for a code that both have, the operator's is shown.",
  }),
  send: Type.Optional(Type.Boolean({ description: "Of the operator's entries." })),
  updatedAt: Type.Optional(Type.String({ description: "Of the operator's entries." })),
});

export const Vocabulary = Type.Object({
  dialect: Type.String(),
  entries: Type.Array(Entry, { description: 'What codes mean, in the order of the codes.' }),
  types: Type.Array(
    Type.Object({
      type: oneOf(EVENT_TYPES),
      code: Type.Optional(Type.String()),
      none: Type.Optional(Type.String({ description: 'Why no code stands for it.' })),
      only: Type.Optional(
        Type.Array(Type.Object({ classifier: oneOf(CLASSIFIERS), code: Type.String() }), {
          description: 'Codes that stand for it with one classifier.',
        }),
      ),
    }),
    { description: 'How each type is said.' },
  ),
  unknown: Type.Array(
    Type.Object({
      code: Type.String(),
      count: Type.Integer({ description: 'Among the newest 1,000 events recorded as `other`.' }),
      lastRecordedAt: Type.String(),
    }),
    { description: 'Codes without an entry that were recorded lately, most frequent first.' },
  ),
});
