/**
 * The questions of the entitlement matrix: every route that could tell of a unit, an event, a
 * subscription or a delivery. A new route of that kind belongs here.
 */
import type { Call } from '../support/client.ts';

/** What a question names; the same words stand for what is there and for what is not. */
export interface Names {
  readonly unit: string;
  readonly reference: string;
  readonly spi: string;
  readonly document: string;
  readonly event: string;
  readonly subscription: string;
  readonly tracking: string;
  readonly delivery: string;
  readonly order: string;
  readonly orderNumber: string;
}

/** Proofs that one asker holds: for the hub's API, for SOGET's, for the parcel network's. */
export interface Asker {
  readonly token: string | undefined;
  readonly apiKey: string | undefined;
  readonly userToken: string | undefined;
}

export type Role = 'owner' | 'party' | 'observer' | 'stranger';

export interface Question {
  readonly ask: (names: Names, asker: Asker) => readonly [path: string, call: Call];
  /** Who may learn from the answer that the thing is there. */
  readonly told: readonly Role[];
}

const entitled: readonly Role[] = ['owner', 'party', 'observer'];
const owner: readonly Role[] = ['owner'];
const nobody: readonly Role[] = [];

const hubCall =
  (path: (names: Names) => string, call: (names: Names) => Call = () => ({})): Question['ask'] =>
  (names, { token }) => [`/hub/v1${path(names)}`, { ...call(names), ...(token && { token }) }];

const sogetCall =
  (path: (names: Names) => string, call: (names: Names) => Call = () => ({})): Question['ask'] =>
  (names, { token, apiKey }) => [
    path(names),
    {
      ...call(names),
      ...(token && { token }),
      ...(apiKey && { headers: { 'Ocp-Apim-Subscription-Key': apiKey } }),
    },
  ];

let tellings = 0;
const occurredAt = () => {
  tellings += 1;
  return new Date(Date.UTC(2026, 10, 1) + tellings * 1_000).toISOString();
};
/** An event that nobody has told before. */
export const event = (unit: object, more: object = {}) => ({
  ...{ unit, type: 'shifted', occurredAt: occurredAt() },
  ...more,
});

/** The least that an order can be, with whoever else is to read it. */
export const shippingOrder = (number: string, more: object = {}) => {
  const address = { locality: 'Gdynia', postal_code: '81-001', country: 'PL' };
  const stop = { type: 'loading', place: { address }, time_frame: {} };
  return { number, route: { events: [stop] }, ...more };
};

export const questions: Readonly<Record<string, Question>> = {
  'GET /handling-units by reference': {
    ask: hubCall(({ reference }) => `/handling-units?reference=${reference}`),
    told: entitled,
  },
  'GET /handling-units by SPI': {
    ask: hubCall(({ spi }) => `/handling-units?spi=${spi}`),
    told: entitled,
  },
  'GET /handling-units by document': {
    ask: hubCall(({ document }) => `/handling-units?document=${document}`),
    told: entitled,
  },
  'GET /handling-units as of now': {
    ask: hubCall(
      ({ document }) => `/handling-units?document=${document}&asOf=2100-01-01T00:00:00Z`,
    ),
    told: entitled,
  },
  'GET /handling-units/{id} as of now': {
    ask: hubCall(({ unit }) => `/handling-units/${unit}?asOf=2100-01-01T00:00:00Z`),
    told: entitled,
  },
  'GET /handling-units/{id}': {
    ask: hubCall(({ unit }) => `/handling-units/${unit}`),
    told: entitled,
  },
  'GET /events by reference': {
    ask: hubCall(({ reference }) => `/events?unit=${reference}`),
    told: entitled,
  },
  'GET /events by SPI': { ask: hubCall(({ spi }) => `/events?unit=${spi}`), told: entitled },
  'GET /events by id': { ask: hubCall(({ unit }) => `/events?unit=${unit}`), told: entitled },
  'GET /events as of now': {
    ask: hubCall(({ unit }) => `/events?unit=${unit}&asOf=2100-01-01T00:00:00Z`),
    told: entitled,
  },
  'GET /events/{id}': { ask: hubCall((names) => `/events/${names.event}`), told: entitled },
  'GET /events/{id}/renderings': {
    ask: hubCall((names) => `/events/${names.event}/renderings`),
    told: entitled,
  },
  'POST /events by reference': {
    ask: hubCall(
      () => '/events',
      ({ reference }) => ({ body: event({ reference }) }),
    ),
    told: entitled,
  },
  'POST /events by SPI': {
    ask: hubCall(
      () => '/events',
      ({ spi }) => ({ body: event({ spi }) }),
    ),
    told: entitled,
  },
  'POST /events by id': {
    ask: hubCall(
      () => '/events',
      ({ unit }) => ({ body: event({ id: unit }) }),
    ),
    told: entitled,
  },
  'POST /events as a list': {
    ask: hubCall(
      () => '/events',
      ({ unit, reference }) => ({ body: [event({ id: unit }), event({ reference })] }),
    ),
    told: entitled,
  },
  'POST /events of one’s own unit, replacing': {
    ask: hubCall(
      () => '/events',
      (names) => ({ body: event({ reference: 'OWN-OF-ALL' }, { replaces: names.event }) }),
    ),
    told: nobody,
  },
  'POST /events of one’s own unit, retracting': {
    ask: hubCall(
      () => '/events',
      (names) => ({ body: [event({ reference: 'OWN-OF-ALL' }, { retracts: names.event })] }),
    ),
    told: nobody,
  },
  'GET /subscriptions/{id}': {
    ask: hubCall(({ subscription }) => `/subscriptions/${subscription}`),
    told: owner,
  },
  'PATCH /subscriptions/{id}': {
    ask: hubCall(
      ({ subscription }) => `/subscriptions/${subscription}`,
      () => ({ method: 'PATCH', body: { filter: {} } }),
    ),
    told: owner,
  },
  'POST /subscriptions/{id}/rotate-secret': {
    ask: hubCall(
      ({ subscription }) => `/subscriptions/${subscription}/rotate-secret`,
      () => ({ method: 'POST' }),
    ),
    told: owner,
  },
  'POST /subscriptions/{id}/ping': {
    ask: hubCall(
      ({ subscription }) => `/subscriptions/${subscription}/ping`,
      () => ({ method: 'POST' }),
    ),
    told: owner,
  },
  'POST /subscriptions/{id}/replay': {
    ask: hubCall(
      ({ subscription }) => `/subscriptions/${subscription}/replay`,
      () => ({ body: { to: '2000-01-01T00:00:00Z' } }),
    ),
    told: owner,
  },
  'GET /subscriptions/{id}/digest': {
    ask: hubCall(({ subscription }) => `/subscriptions/${subscription}/digest`),
    told: owner,
  },
  'POST /subscriptions with such a filter': {
    ask: hubCall(
      () => '/subscriptions',
      ({ unit, reference, spi, document }) => ({
        body: { url: 'https://receiver.example', filter: { unit, reference, spi, document } },
      }),
    ),
    told: nobody,
  },
  'GET /deliveries by subscription': {
    ask: hubCall(({ subscription }) => `/deliveries?subscription=${subscription}`),
    told: owner,
  },
  'GET /deliveries by tracking': {
    ask: hubCall(({ tracking }) => `/deliveries?subscription=${tracking}`),
    told: owner,
  },
  'GET /deliveries by reference': {
    ask: hubCall(({ reference }) => `/deliveries?unit=${reference}`),
    told: owner,
  },
  'GET /deliveries by SPI': { ask: hubCall(({ spi }) => `/deliveries?unit=${spi}`), told: owner },
  'GET /deliveries by unit': {
    ask: hubCall(({ unit }) => `/deliveries?unit=${unit}`),
    told: owner,
  },
  'GET /deliveries/{id}': {
    ask: hubCall(({ delivery }) => `/deliveries/${delivery}`),
    told: owner,
  },
  'POST /deliveries/{id}/replay': {
    ask: hubCall(
      ({ delivery }) => `/deliveries/${delivery}/replay`,
      () => ({ method: 'POST' }),
    ),
    told: owner,
  },
  // Behind those about deliveries, because it makes some of the asker's own.
  'POST /subscriptions to the past of a unit': {
    ask: hubCall(
      () => '/subscriptions',
      ({ unit }) => ({
        body: { url: 'https://receiver.example', filter: { unit }, since: '2020-01-01T00:00:00Z' },
      }),
    ),
    told: entitled,
  },
  'SOGET tracking': {
    ask: sogetCall(
      () => '/api-tracking-code/v1/track-handling-unit',
      ({ reference, spi }) => ({ body: { reference, spi, url: 'https://receiver.example' } }),
    ),
    told: nobody,
  },
  'SOGET tracing by reference': {
    ask: sogetCall(({ reference }) => `/api-tracing-code/v1/handling-units?reference=${reference}`),
    told: entitled,
  },
  'SOGET tracing by SPI': {
    ask: sogetCall(({ spi }) => `/api-tracing-code/v1/handling-units?spi=${spi}&desc=true`),
    told: entitled,
  },
  'SOGET tracing behind the last': {
    ask: sogetCall(({ spi }) => `/api-tracing-code/v1/handling-units?spi=${spi}&offset=5`),
    told: entitled,
  },
  'registering a parcel’s event': {
    ask: ({ reference }, { userToken }) => [
      '/ws/json/parcel/tracking/v-2/register',
      {
        body: { trackingReference: reference, eventTime: occurredAt(), eventType: '004' },
        ...(userToken && { token: userToken }),
      },
    ],
    told: entitled,
  },
  'an order': {
    ask: ({ order }, { token }) => [`/api/rest/v1/orders/${order}`, { ...(token && { token }) }],
    told: entitled,
  },
  'GET /orders/{id}': {
    ask: hubCall(({ order }) => `/orders/${order}`),
    told: entitled,
  },
  'GET /orders/{id}/progress': {
    ask: hubCall(({ order }) => `/orders/${order}/progress`),
    told: entitled,
  },
  'adding an order of that number': {
    ask: ({ orderNumber }, { token }) => [
      '/api/rest/v1/shipping-orders',
      { body: shippingOrder(orderNumber), ...(token && { token }) },
    ],
    told: owner,
  },
  // Last of those about units, because it makes one of the asker's own with that name.
  'PUT /handling-units': {
    ask: hubCall(
      () => '/handling-units',
      ({ reference, spi }) => ({
        ...{ method: 'PUT', body: { reference, spi, freightFamily: 'Container' } },
      }),
    ),
    told: owner,
  },
  'DELETE /subscriptions/{id}': {
    ask: hubCall(
      ({ subscription }) => `/subscriptions/${subscription}`,
      () => ({ method: 'DELETE' }),
    ),
    told: owner,
  },
};
