/** Shapes of one event as every dialect says it. */
import Type from 'typebox';
import { CANONICAL_FIELDS } from '../../../events/fields.ts';
import { oneOf } from '../../../lib/schema.ts';
import { Event } from './events.ts';

const notes = (description: string) =>
  Type.Array(
    Type.Object({
      field: oneOf(CANONICAL_FIELDS),
      why: Type.String(),
      as: Type.Optional(Type.String({ description: 'Where it is said.' })),
    }),
    { description },
  );

export const Renderings = Type.Object({
  event: Event,
  renderings: Type.Array(
    Type.Object({
      dialect: Type.String(),
      form: Type.String({ description: 'Which of the ways in which the dialect says events.' }),
      body: Type.Unsafe<unknown>({ description: 'As it is said; null where it is not.' }),
      reason: Type.Optional(Type.String({ description: 'Why it is not said.' })),
      dropped: notes('What the event has and this form does not say.'),
      defaulted: notes('What the event lacks and this form says something for.'),
      approximated: notes('What the event has and this form says with a loss.'),
    }),
  ),
});
