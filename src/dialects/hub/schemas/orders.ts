/** Shapes of orders as the hub knows them, and of their progress. */
import Type, { type Static } from 'typebox';
import { closed, oneOf } from '../../../lib/schema.ts';
import { pageMembers, UnitRef } from '../schemas.ts';
import { Event } from './events.ts';

const optText = (description?: string) =>
  Type.Optional(Type.String(description === undefined ? {} : { description }));

const Place = Type.Object({
  unlocode: optText(),
  location: optText(),
  name: optText(),
  latitude: Type.Optional(Type.Number()),
  longitude: Type.Optional(Type.Number()),
});

const Window = Type.Object(
  {
    day: optText('As told, without a zone.'),
    from: optText('With its offset; only with a day.'),
    to: optText('With its offset; only with a day.'),
    fromTime: optText('The time of day as told.'),
    toTime: optText('The time of day as told.'),
  },
  { description: 'When the stop is planned; every member may be missing.' },
);

const stopMembers = {
  sequence: Type.Integer({ description: 'Position in the route, from 1.' }),
  type: oneOf(['loaded', 'unloaded']),
  place: Place,
  window: Window,
};

const orderMembers = {
  id: Type.String(),
  number: Type.String(),
  organization: Type.String({ description: 'Who gave it.' }),
  dialect: Type.String(),
  parties: Type.Array(Type.Object({ organization: Type.String(), role: Type.String() })),
  createdAt: Type.String(),
};

export const Order = Type.Object({
  ...orderMembers,
  stops: Type.Array(Type.Object(stopMembers)),
  content: Type.Object(
    {},
    {
      additionalProperties: true,
      description:
        'The order as received, to the last digit, in the words of its dialect: with driver, ' +
        'vehicle and requirements.',
    },
  ),
});

const Actual = Type.Object({
  ...Event.properties,
  deviationMinutes: Type.Optional(
    Type.Integer({
      description:
        'Minutes before the window (negative) or after it, 0 within; missing where the window does ' +
        'not tell.',
    }),
  ),
});

const AtStop = Type.Object({
  unit: UnitRef,
  planned: Type.Optional({
    ...Event,
    description: 'The planned event as it stands; missing where it was withdrawn.',
  }),
  actual: Type.Array(Actual, { description: 'What took place there, oldest first.' }),
});

export const Progress = Type.Object({
  order: Type.Object(orderMembers),
  stops: Type.Array(Type.Object({ ...stopMembers, units: Type.Array(AtStop) })),
  units: Type.Array(
    Type.Object({
      unit: UnitRef,
      stopsDone: Type.Integer({ description: 'Stops where something took place.' }),
      offPlan: Type.Array(Event, { description: 'Actual ones that belong to no stop.' }),
    }),
    { description: 'Those of this page that you may see, newest first.' },
  ),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
});

export const ProgressQuery = closed(pageMembers);
export type ProgressQuery = Static<typeof ProgressQuery>;
