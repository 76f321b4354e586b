/** Shapes of subscriptions, their deliveries and the attempts of these. */
import Type, { type Static } from 'typebox';
import { SUBSCRIPTION_STATES } from '../../../events/subscription.ts';
import {
  CLASSIFIERS,
  DIRECTIONS,
  EVENT_TYPES,
  FREIGHT_FAMILIES,
  WAYS,
} from '../../../events/types.ts';
import { maybe, maybeClosed, maybeList, maybeOneOf } from '../../../lib/maybe.ts';
import { closed, oneOf } from '../../../lib/schema.ts';
import { DELIVERY_STATES } from '../../hub-port.ts';
import {
  DocumentNumber,
  Id,
  Instant,
  ownerMember,
  pageMembers,
  pageOf,
  Reference,
  Spi,
} from '../schemas.ts';
import { FamilyWord } from './units.ts';

const Url = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'Where pushes go: http or https. Redirects are never followed.',
});

const filterMembers = {
  reference: maybe(Reference),
  spi: maybe(Spi),
  document: maybe({ ...DocumentNumber, description: 'Any document that the unit travels under.' }),
  unit: maybe(Id),
  types: maybeList(oneOf(EVENT_TYPES), { maxItems: EVENT_TYPES.length, minItems: 1 }),
  classifier: maybeOneOf(CLASSIFIERS),
  direction: maybeOneOf(DIRECTIONS),
  way: maybeOneOf(WAYS),
  place: maybe(
    Type.String({ minLength: 1, maxLength: 35, description: 'UN/LOCODE or location code.' }),
  ),
  freightFamily: maybe(FamilyWord),
};

const filterNote = 'All that is given must hold; empty: every event that you may see.';

export const FilterBody = closed(filterMembers, { description: filterNote });
export type FilterBody = Static<typeof FilterBody>;

const shared = 'Of the address: all your subscriptions to it share one.';

/** Pushes open at once to one address; no more are ever opened. */
const concurrencyMax = 32;

const RatePerSecond = Type.Number({
  minimum: 0.01,
  maximum: 10_000,
  description: `Pushes begun per second at most, after one second's worth at once; none: no limit. ${shared}`,
  examples: [50],
});

const Concurrency = Type.Integer({
  minimum: 1,
  maximum: concurrencyMax,
  description: `Pushes open at once at most; none: ${concurrencyMax}. ${shared}`,
  examples: [4],
});

const noticesNote = 'Sends notices too: what becomes of your other subscriptions.';

export const SubscriptionBody = closed({
  url: Url,
  filter: maybeClosed(filterMembers, { description: filterNote }),
  since: maybe({
    ...Instant,
    description:
      'Events recorded from then on are sent too, in the order of their recording and before new ' +
      'ones; at most 100,000.',
  }),
  ratePerSecond: maybe(RatePerSecond),
  concurrency: maybe(Concurrency),
  notices: maybe(Type.Boolean({ description: noticesNote })),
  ...ownerMember,
});
export type SubscriptionBody = Static<typeof SubscriptionBody>;

export const SubscriptionPatch = closed(
  {
    url: Type.Optional(Url),
    filter: Type.Optional(
      closed(filterMembers, { description: `Replaces the whole filter. ${filterNote}` }),
    ),
    state: Type.Optional(
      oneOf(['active', 'paused'], {
        description: 'Nothing is lost while paused: `active` sends what has gathered.',
      }),
    ),
    ratePerSecond: maybe({ ...RatePerSecond, description: `Null: no limit. ${shared}` }),
    concurrency: maybe({ ...Concurrency, description: `Null: ${concurrencyMax}. ${shared}` }),
    notices: Type.Optional(Type.Boolean({ description: noticesNote })),
  },
  { minProperties: 1 },
);
export type SubscriptionPatch = Static<typeof SubscriptionPatch>;

const subscriptionMembers = {
  id: Type.String(),
  externalId: Type.Optional(Type.String({ description: 'The id that its dialect shows.' })),
  organization: Type.String(),
  dialect: Type.String(),
  url: Type.String(),
  state: oneOf(SUBSCRIPTION_STATES, {
    description: '`filling`: its past events are being queued; it becomes `active` by itself.',
  }),
  stateReason: Type.Optional(
    Type.String({
      description:
        'Why it is disabled: `gone` (it was answered 410), `failing` (for five days nothing ' +
        'came through).',
    }),
  ),
  filter: Type.Object({
    reference: Type.Optional(Type.String()),
    spi: Type.Optional(Type.String()),
    document: Type.Optional(Type.String()),
    unit: Type.Optional(Type.String()),
    types: Type.Optional(Type.Array(oneOf(EVENT_TYPES))),
    classifier: Type.Optional(oneOf(CLASSIFIERS)),
    direction: Type.Optional(oneOf(DIRECTIONS)),
    way: Type.Optional(oneOf(WAYS)),
    place: Type.Optional(Type.String()),
    freightFamily: Type.Optional(oneOf(FREIGHT_FAMILIES)),
  }),
  lastSequence: Type.Integer({ description: 'Number of its newest delivery; 0 for none.' }),
  createdAt: Type.String(),
  updatedAt: Type.String(),
  since: Type.Optional(Type.String({ description: 'Past events from then on were asked for.' })),
  expiresAt: Type.Optional(Type.String()),
  previousSecretUntil: Type.Optional(Type.String()),
  ratePerSecond: Type.Optional(Type.Number({ description: shared })),
  concurrency: Type.Optional(Type.Integer({ description: shared })),
  failingSince: Type.Optional(Type.String({ description: 'Since then every attempt has failed.' })),
  warnedAt: Type.Optional(
    Type.String({ description: 'When that was found to last; it is disabled if it goes on.' }),
  ),
  notices: Type.Optional(Type.Boolean({ description: noticesNote })),
};

export const Subscription = Type.Object(subscriptionMembers);
export const SubscriptionPage = pageOf(Subscription);
export const SubscriptionCreated = Type.Object({
  ...subscriptionMembers,
  secret: Type.Optional(Type.String({ description: 'Signing secret, `whsec_…`; shown once.' })),
});

export const SubscriptionQuery = closed({
  dialect: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
  state: Type.Optional(oneOf(SUBSCRIPTION_STATES)),
  ...pageMembers,
});
export type SubscriptionQuery = Static<typeof SubscriptionQuery>;

export const SecretRotated = Type.Object({
  secret: Type.String({ description: 'The new signing secret, `whsec_…`; shown once.' }),
  previousSecretUntil: Type.String({ description: 'Until then the old one signs too.' }),
});

export const Attempt = Type.Object({
  number: Type.Integer(),
  at: Type.String(),
  outcome: oneOf(['delivered', 'refused', 'failed']),
  stage: Type.Optional(Type.String({ description: 'Where a failure without an answer happened.' })),
  status: Type.Optional(Type.Integer({ description: 'HTTP status of the answer.' })),
  durationMs: Type.Number(),
  response: Type.Optional(Type.String({ description: 'First 1 KiB of the answer.' })),
});

const deliveryMembers = {
  id: Type.String(),
  subscription: Type.String(),
  sequence: Type.Integer({ description: 'Gapless within the subscription, from 1.' }),
  event: Type.String(),
  unit: Type.String(),
  state: oneOf(DELIVERY_STATES),
  attemptCount: Type.Integer(),
  dueAt: Type.Optional(Type.String({ description: 'Next attempt; only while pending.' })),
  finishedAt: Type.Optional(Type.String()),
};

export const Delivery = Type.Object({ ...deliveryMembers, attempts: Type.Array(Attempt) });
export const DeliveryPage = pageOf(Type.Object(deliveryMembers));

export const DeliveryQuery = closed({
  subscription: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Id, or the id its partner knows.' }),
  ),
  unit: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Id, reference or SPI.' }),
  ),
  state: Type.Optional(oneOf(DELIVERY_STATES)),
  ...pageMembers,
});
export type DeliveryQuery = Static<typeof DeliveryQuery>;

/** An instant, or the number of a delivery. */
const replayBound = () =>
  Type.Optional(
    Type.Unsafe<string | number | null>({
      type: ['string', 'integer', 'null'],
      maxLength: 40,
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'ISO 8601 with an offset, or a sequence number; both of one kind.',
      examples: ['2026-11-20T14:00:00+01:00', 117],
    }),
  );
const rangeMembers = { from: replayBound(), to: replayBound() };

/** The body may be missing: everything is sent again then. */
interface Range {
  from?: string | number | null;
  to?: string | number | null;
}
export const ReplayRange = Type.Unsafe<Range | null>({
  ...closed(rangeMembers, {
    description:
      'By time: deliveries of events recorded from `from` up to, but without, `to`. ' +
      'By sequence number: from `from` to `to`, both included.',
  }),
  type: ['object', 'null'],
});
export type ReplayRange = Static<typeof ReplayRange>;

export const DigestQuery = closed({ from: Type.Optional(Instant), to: Type.Optional(Instant) });
export type DigestQuery = Static<typeof DigestQuery>;

export const Digest = Type.Object({
  subscription: Type.String(),
  asOf: Type.String({ description: 'When this was read.' }),
  lastSequence: Type.Integer({ description: 'Number of the newest delivery; 0 for none.' }),
  hours: Type.Array(
    Type.Object({
      hour: Type.String({ description: 'Its beginning, in UTC.' }),
      count: Type.Integer(),
      waiting: Type.Integer({ description: 'Of these, still to be sent.' }),
      sha256: Type.String({
        description:
          'Of the webhook-ids of the hour in ascending order, each followed by a line feed, in hex.',
      }),
    }),
    { description: 'In their order; hours without deliveries are left out.' },
  ),
});

export const Replayed = Type.Object(
  { replayed: Type.Integer() },
  { description: 'So many deliveries are on their way again, with the same ids and bytes.' },
);
